import { useState } from 'preact/hooks';
import { Banner, Enemies, Fighters } from './arena-stage.tsx';
import type { BattleCard } from './battle.tsx';
import { Deeds } from './battle-deeds.tsx';
import { Ended } from './battle-end.tsx';
import { useFloats, type Attack, type BattleState, type EnemyShown, type Finished } from './battle-view.ts';
import { Chat, useChat, type Said } from './chat.tsx';
import { useHouseTime } from './clock.ts';
import { me } from './me.ts';
import type { Seat } from './seat.ts';
import { Refusal, useDeed } from './ui.tsx';

export function Arena({ seat, battle, leave }: { seat: Seat<BattleState>; battle: BattleCard; leave: () => void }) {
  const state = seat.state.value!;
  const self = me.value?.id ?? '';
  const chat = useChat();
  const { floats, rise } = useFloats();
  const [target, setTarget] = useState<string | null>(null);
  const [finished, setFinished] = useState<Finished | null>(null);
  const [told, setTold] = useState<string | null>(null);
  seat.hear((type, message) => {
    if (type === 'attack') rise(message as Attack);
    if (type === 'chat') chat.say(message as Said);
    if (type === 'finished') setFinished(message as Finished);
    if (type === 'refused') setTold((message as { code: string }).code);
  });
  const standing = Object.entries(state.enemies ?? {}).filter(([, { hp }]) => hp > 0);
  const aimed = standing.find(([id]) => id === target)?.[0] ?? weakest(standing);
  const fighting = state.phase === 'fighting';
  return (
    <div class="arena" data-phase={state.phase} data-wave={state.wave} data-round={state.roundId}>
      {fighting && (
        <>
          <Banner state={state} />
          <Enemies state={state} floats={floats} aimed={aimed} onAim={setTarget} />
        </>
      )}
      {state.phase === 'lobby' && <Lobby state={state} seat={seat} battle={battle} self={self} />}
      {(state.phase === 'won' || state.phase === 'lost') && <Ended state={state} finished={finished} self={self} leave={leave} />}
      <Fighters state={state} self={self} floats={floats} />
      {fighting && state.fighters?.[self] !== undefined && (
        <Deeds seat={seat} state={state} fighter={state.fighters[self]} target={aimed} />
      )}
      <Refusal code={told} />
      <section class="panel">
        <Chat lines={chat.lines} seat={seat} self={self} />
      </section>
    </div>
  );
}

/** Aimed at until somebody taps another: whoever falls soonest. */
const weakest = (standing: [string, EnemyShown][]): string | null =>
  standing.toSorted(([, one], [, other]) => one.hp - other.hp)[0]?.[0] ?? null;

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
