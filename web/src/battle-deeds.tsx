import { useEffect } from 'preact/hooks';
import { ACTIONS, REVIVE_GEMS } from '../../rules/battle-figures.ts';
import type { Action } from '../../rules/battle-types.ts';
import { freshKey } from './api.ts';
import { staminaNow, useBeat, useCooldowns, type BattleState, type FighterShown } from './battle-view.ts';
import { availableOf, digits } from './money.ts';
import { refreshMe } from './me.ts';
import { POTIONS, useSatchel } from './potions.ts';
import type { Seat } from './seat.ts';
import { Amount, Refusal, useDeed } from './ui.tsx';
import { sentenceFor } from './words.ts';

const DEEDS: { action: Action; name: string; line: string }[] = [
  { action: 'quick', name: 'Quick', line: 'cheap' },
  { action: 'normal', name: 'Strike', line: 'steady' },
  { action: 'power', name: 'Power', line: 'breaks armour' },
  { action: 'critical', name: 'Finish', line: 'below 30 %' },
  { action: 'ultimate', name: 'Ultimate', line: 'one great blow' },
];

/** A refusal in a fight is soon yesterday's. */
const WORD_MS = 1_600;

interface DeedsProps {
  seat: Seat<BattleState>;
  state: BattleState;
  fighter: FighterShown;
  target: string | null;
}

/** The player's own row: stamina, five blows, potions, and the way back up. Keys 1 … 5 strike. */
export function Deeds({ seat, state, fighter, target }: DeedsProps) {
  useBeat(100, true);
  const { refusal, run, clear } = useDeed();
  const cooldowns = useCooldowns();
  const satchel = useSatchel(seat);
  const stamina = staminaNow(fighter, state.startedAt);
  const can = (action: Action) =>
    target !== null && stamina >= ACTIONS[action].stamina && (cooldowns.until[action]?.to ?? 0) <= Date.now();
  const strike = (action: Action) => {
    if (!can(action)) return;
    clear();
    const undo = cooldowns.used(action);
    seat.ask('act', { action, targetId: target }).catch((error: unknown) => {
      undo();
      run(() => Promise.reject(error));
    });
  };
  useEffect(() => {
    if (refusal === null) return;
    const timer = setTimeout(clear, WORD_MS);
    return () => clearTimeout(timer);
  }, [refusal]);
  useEffect(() => {
    const press = ({ key, target: on }: KeyboardEvent) => {
      const deed = DEEDS[Number(key) - 1];
      if (deed !== undefined && !(on instanceof HTMLInputElement)) strike(deed.action);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
  if (fighter.fallen) return <Fallen seat={seat} />;
  return (
    <section class="deeds" aria-label="What you do">
      <div class="stamina" role="progressbar" aria-label="Stamina" aria-valuenow={stamina} aria-valuemax={fighter.staminaMax}>
        <i style={{ transform: `scaleX(${stamina / Math.max(1, fighter.staminaMax)})` }} />
        <span class="figures">{stamina} stamina</span>
      </div>
      <div class="blows">
        {DEEDS.map((deed, index) => (
          <Blow
            key={deed.action}
            {...deed}
            number={index + 1}
            off={!can(deed.action)}
            wait={cooldowns.until[deed.action] ?? null}
            strike={() => strike(deed.action)}
          />
        ))}
      </div>
      <div class="potions">
        {POTIONS.map(({ itemId, name, potion }) => {
          const own = satchel.ownOf(itemId);
          return (
            <button
              key={itemId}
              type="button"
              class="chip"
              data-own={own}
              disabled={own === 0 && availableOf('COINS') < potion.priceCoins}
              onClick={() => run(() => satchel.drink(itemId))}
            >
              {name} {own > 0 ? <b class="figures">{own} of yours</b> : <Amount amount={potion.priceCoins} />}
            </button>
          );
        })}
      </div>
      <p class="deeds-word" role="status">
        {refusal !== null && sentenceFor(refusal)}
      </p>
    </section>
  );
}

interface BlowProps {
  action: Action;
  name: string;
  line: string;
  number: number;
  off: boolean;
  wait: { from: number; to: number } | null;
  strike: () => void;
}

function Blow({ action, name, line, number, off, wait, strike }: BlowProps) {
  const now = Date.now();
  const waiting = wait !== null && wait.to > now ? (wait.to - now) / (wait.to - wait.from) : 0;
  return (
    <button type="button" class="blow" disabled={off} data-action={action} aria-keyshortcuts={String(number)} onClick={strike}>
      <span class="blow-wait" style={{ transform: `scaleY(${waiting})` }} />
      <b>{name}</b>
      <small class="quiet">{line}</small>
      <small class="cost">{ACTIONS[action].stamina}</small>
    </button>
  );
}

function Fallen({ seat }: { seat: Seat<BattleState> }) {
  const { busy, refusal, run } = useDeed();
  const short = availableOf('GEMS') < REVIVE_GEMS;
  return (
    <section class="deeds fallen-note" role="status">
      <h2>You have fallen</h2>
      <p class="quiet">The others fight on. You may rise again with half your health.</p>
      <button
        type="button"
        class="button button-first"
        disabled={busy || short}
        onClick={() => run(async () => (await seat.ask('revive', { requestId: freshKey() }), refreshMe()))}
      >
        {short ? `Rising costs ${digits(REVIVE_GEMS, 'GEMS')} gems` : 'Rise again for'}{' '}
        {!short && <Amount amount={REVIVE_GEMS} currency="GEMS" />}
      </button>
      <Refusal code={refusal} />
    </section>
  );
}
