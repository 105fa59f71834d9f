import { useEffect, useState } from 'preact/hooks';
import { BOSS_KINDS, ENEMY_KINDS } from '../../rules/battle-figures.ts';
import type { BattleCard } from './battle.tsx';
import { Deeds } from './battle-deeds.tsx';
import { Ended } from './battle-end.tsx';
import {
  useFloats,
  type Attack,
  type BattleState,
  type EnemyShown,
  type FighterShown,
  type Finished,
  type Float,
} from './battle-view.ts';
import { Chat, useChat, type Said } from './chat.tsx';
import { useHouseTime } from './clock.ts';
import { Mask } from './masks.tsx';
import { me } from './me.ts';
import type { Seat } from './seat.ts';
import { Face, Refusal, useDeed } from './ui.tsx';

const BANNER_MS = 1_900;

export function Arena({ seat, battle, leave }: { seat: Seat<BattleState>; battle: BattleCard; leave: () => void }) {
  const state = seat.state.value!;
  const self = me.value?.id ?? '';
  const chat = useChat();
  const { floats, rise } = useFloats();
  const [target, setTarget] = useState<string | null>(null);
  const [finished, setFinished] = useState<Finished | null>(null);
  seat.hear((type, message) => {
    if (type === 'attack') rise(message as Attack);
    if (type === 'chat') chat.say(message as Said);
    if (type === 'finished') setFinished(message as Finished);
  });
  const enemies = Object.entries(state.enemies ?? {});
  const standing = enemies.filter(([, { hp }]) => hp > 0);
  const aimed = standing.find(([id]) => id === target)?.[0] ?? weakest(standing);
  const fighting = state.phase === 'fighting';
  return (
    <div class="arena" data-phase={state.phase} data-wave={state.wave} data-round={state.roundId}>
      {fighting && (
        <>
          <Banner state={state} />
          <ul class="enemies" aria-label="Enemies">
            {enemies.map(([id, enemy]) => (
              <Enemy key={id} id={id} enemy={enemy} aimed={id === aimed} onAim={() => setTarget(id)} floats={floats} />
            ))}
          </ul>
        </>
      )}
      {state.phase === 'lobby' && <Lobby state={state} seat={seat} battle={battle} self={self} />}
      {(state.phase === 'won' || state.phase === 'lost') && <Ended state={state} finished={finished} self={self} leave={leave} />}
      <Fighters state={state} self={self} floats={floats} />
      {fighting && state.fighters?.[self] !== undefined && (
        <Deeds seat={seat} state={state} fighter={state.fighters[self]} target={aimed} />
      )}
      <section class="panel">
        <Chat lines={chat.lines} seat={seat} self={self} />
      </section>
    </div>
  );
}

/** Aimed at until somebody taps another: whoever falls soonest. */
const weakest = (standing: [string, EnemyShown][]): string | null =>
  standing.toSorted(([, one], [, other]) => one.hp - other.hp)[0]?.[0] ?? null;

/** Says a new wave across the stage for a moment. */
function Banner({ state: { wave, waves } }: { state: BattleState }) {
  const [shown, setShown] = useState(true);
  useEffect(() => {
    setShown(true);
    const timer = setTimeout(() => setShown(false), BANNER_MS);
    return () => clearTimeout(timer);
  }, [wave]);
  return (
    <div class="wave-line">
      <p>
        Wave <b>{Math.max(1, wave)}</b> of {waves}
      </p>
      {shown && (
        <p class="wave-banner" role="status">
          {wave === 0 ? 'They are coming' : wave === waves ? 'The last wave' : `Wave ${wave}`}
        </p>
      )}
    </div>
  );
}

const NAMES: Record<string, { name: string }> = { ...ENEMY_KINDS, ...BOSS_KINDS };

interface EnemyProps {
  id: string;
  enemy: EnemyShown;
  aimed: boolean;
  onAim: () => void;
  floats: Float[];
}

function Enemy({ id, enemy, aimed, onAim, floats }: EnemyProps) {
  const { kind, level, hp, hpMax, boss, stage } = enemy;
  const own = floats.filter(({ by, to }) => by === 'fighter' && to === id);
  const marks = ['enemy', aimed ? 'aimed' : '', boss ? 'boss' : '', hp === 0 ? 'defeated' : '', own.length > 0 ? 'struck' : ''];
  const name = NAMES[kind]?.name ?? kind;
  return (
    <li>
      <button
        type="button"
        class={marks.filter(Boolean).join(' ')}
        aria-pressed={aimed}
        aria-label={`${name}, level ${level}, ${hp} of ${hpMax} health`}
        disabled={hp === 0}
        onClick={onAim}
      >
        <Mask kind={kind} />
        <span class="enemy-name">
          {name} <small class="quiet">{level}</small>
        </span>
        <Health hp={hp} hpMax={hpMax} foe />
        {boss && <small class="quiet">{stage === 0 ? 'boss' : `stage ${stage + 1}`}</small>}
        <Rising floats={own} />
      </button>
    </li>
  );
}

const Rising = ({ floats }: { floats: Float[] }) => (
  <span class="rising" aria-hidden="true">
    {floats.map(({ id, damage, critical }) => (
      <i key={id} class={critical ? 'critical' : ''} style={{ '--drift': `${((id * 37) % 50) - 25}px` }}>
        {damage}
      </i>
    ))}
  </span>
);

export const Health = ({ hp, hpMax, foe = false }: { hp: number; hpMax: number; foe?: boolean }) => (
  <span class={foe ? 'health health-foe' : 'health'}>
    <i style={{ transform: `scaleX(${hpMax === 0 ? 0 : hp / hpMax})` }} />
    <span class="figures">{hp}</span>
  </span>
);

function Fighters({ state, self, floats }: { state: BattleState; self: string; floats: Float[] }) {
  const fighters = Object.entries(state.fighters ?? {});
  return (
    <ul class="fighters" aria-label="Your party">
      {fighters.map(([id, fighter]) => (
        <Fighter
          key={id}
          id={id}
          fighter={fighter}
          self={self}
          leader={state.leader === id}
          floats={floats.filter(({ by, to }) => by === 'enemy' && to === id)}
        />
      ))}
    </ul>
  );
}

interface FighterProps {
  id: string;
  fighter: FighterShown;
  self: string;
  leader: boolean;
  floats: Float[];
}

function Fighter({
  id,
  fighter: { name, level, bot, connected, hp, hpMax, damage, fallen },
  self,
  leader,
  floats,
}: FighterProps) {
  const marks = ['fighter', fallen ? 'fallen' : '', floats.length > 0 ? 'struck' : '', connected || bot ? '' : 'away'];
  const note = fallen ? 'fallen' : !connected && !bot ? 'away' : bot ? 'bot' : leader ? 'leader' : '';
  return (
    <li class={marks.filter(Boolean).join(' ')} data-fighter={id}>
      <Face id={id} name={name} bot={bot} />
      <span class="fighter-name">
        <b>{id === self ? 'You' : name}</b> <small class="quiet">lv {level}</small>{' '}
        {note !== '' && <small class="tag">{note}</small>}
      </span>
      <small class="quiet figures fighter-damage">{damage > 0 ? `${damage.toLocaleString('en')} dealt` : ''}</small>
      <Health hp={hp} hpMax={hpMax} />
      <Rising floats={floats} />
    </li>
  );
}

function Lobby({ state, seat, battle, self }: { state: BattleState; seat: Seat<BattleState>; battle: BattleCard; self: string }) {
  const now = useHouseTime(500);
  const { busy, refusal, run } = useDeed();
  const party = Object.keys(state.fighters ?? {}).length;
  const startsIn = state.startsAt === 0 ? null : Math.max(0, Math.ceil((state.startsAt - now) / 1_000));
  const leads = state.leader === self;
  const full = party >= Math.min(battle.partyMax, 4);
  return (
    <section class="panel stack lobby" aria-label="The party gathers">
      <h2>The party gathers</h2>
      <p class="quiet">
        {party} of {battle.partyMax}
        {startsIn !== null && party >= battle.partyMin && `, the fight begins in ${startsIn} s`}
        {party < battle.partyMin && `, ${battle.partyMin} are needed`}
      </p>
      <div class="row">
        <button
          type="button"
          class="button button-first"
          disabled={busy || !leads || party < battle.partyMin}
          onClick={() => run(() => seat.ask('start'))}
        >
          {leads ? 'Begin the fight' : 'The leader begins'}
        </button>
        <button type="button" class="button" disabled={busy || full} onClick={() => run(() => seat.ask('bots'))}>
          Fill with house bots
        </button>
      </div>
      <Refusal code={refusal} />
    </section>
  );
}
