// Who stands on the stage of a battle, live or watched again.
import { useEffect, useState } from 'preact/hooks';
import { BOSS_KINDS, ENEMY_KINDS } from '../../rules/battle-figures.ts';
import type { BattleState, EnemyShown, FighterShown, Float } from './battle-view.ts';
import { Mask } from './masks.tsx';
import { Face } from './ui.tsx';

const BANNER_MS = 1_900;

/** Says a new wave across the stage for a moment. */
export function Banner({ state: { wave, waves } }: { state: BattleState }) {
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

export const enemyName = (kind: string): string => NAMES[kind]?.name ?? kind;

interface EnemiesProps {
  state: BattleState;
  floats: Float[];
  aimed: string | null;
  /** Null where nobody can be aimed at. */
  onAim: ((id: string) => void) | null;
}

export function Enemies({ state, floats, aimed, onAim }: EnemiesProps) {
  return (
    <ul class="enemies" aria-label="Enemies">
      {Object.entries(state.enemies ?? {}).map(([id, enemy]) => (
        <li key={id}>
          <Enemy
            enemy={enemy}
            aimed={id === aimed}
            onAim={onAim === null ? null : () => onAim(id)}
            floats={floats.filter(({ by, to }) => by === 'fighter' && to === id)}
          />
        </li>
      ))}
    </ul>
  );
}

interface EnemyProps {
  enemy: EnemyShown;
  aimed: boolean;
  onAim: (() => void) | null;
  floats: Float[];
}

function Enemy({ enemy, aimed, onAim, floats }: EnemyProps) {
  const { kind, level, hp, hpMax, boss } = enemy;
  const marks = [
    'enemy',
    aimed ? 'aimed' : '',
    boss ? 'boss' : '',
    hp === 0 ? 'defeated' : '',
    floats.length > 0 ? 'struck' : '',
  ];
  const look = marks.filter(Boolean).join(' ');
  const label = `${enemyName(kind)}, level ${level}, ${hp} of ${hpMax} health`;
  if (onAim === null)
    return (
      <div class={look} role="img" aria-label={label}>
        <EnemyFace enemy={enemy} floats={floats} />
      </div>
    );
  return (
    <button type="button" class={look} aria-pressed={aimed} aria-label={label} disabled={hp === 0} onClick={onAim}>
      <EnemyFace enemy={enemy} floats={floats} />
    </button>
  );
}

const EnemyFace = ({ enemy: { kind, level, hp, hpMax, boss, stage }, floats }: { enemy: EnemyShown; floats: Float[] }) => (
  <>
    <Mask kind={kind} />
    <span class="enemy-name">
      {enemyName(kind)} <small class="quiet">{level}</small>
    </span>
    <Health hp={hp} hpMax={hpMax} foe />
    {boss && <small class="quiet">{stage === 0 ? 'boss' : `stage ${stage + 1}`}</small>}
    <Rising floats={floats} />
  </>
);

const Rising = ({ floats }: { floats: Float[] }) => (
  <span class="rising" aria-hidden="true">
    {floats.map(({ id, damage, critical }) => (
      <i key={id} class={critical ? 'critical' : ''} style={{ '--drift': `${((id * 37) % 50) - 25}px` }}>
        {damage}
      </i>
    ))}
  </span>
);

const Health = ({ hp, hpMax, foe = false }: { hp: number; hpMax: number; foe?: boolean }) => (
  <span class={foe ? 'health health-foe' : 'health'}>
    <i style={{ transform: `scaleX(${hpMax === 0 ? 0 : hp / hpMax})` }} />
    <span class="figures">{hp}</span>
  </span>
);

export function Fighters({ state, self, floats }: { state: BattleState; self: string; floats: Float[] }) {
  const fighters = Object.entries(state.fighters ?? {});
  return (
    <ul class="fighters" aria-label="The party">
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
