import { useState } from 'preact/hooks';
import { BET_STAKE_MIN, betReturn, type BetKind } from '../../rules/roulette-bets.ts';
import { freshKey } from './api.ts';
import { useHouseTime } from './clock.ts';
import { availableOf, digits, noteBalance, type Balance } from './money.ts';
import { nameAt, type RouletteState } from './roulette-view.ts';
import type { Seat } from './seat.ts';
import { Amount, Refusal, useDeed } from './ui.tsx';

const STAKES = [BET_STAKE_MIN, 250n, 500n, 1_000n, 5_000n];

/** Side bets on the pull now due, against the house. Anyone at the table may bet, watchers too. */
export function BetPanel(props: { state: RouletteState; seat: Seat<RouletteState>; self: string; turning: boolean }) {
  const { state, seat, self, turning } = props;
  const now = useHouseTime(250, state.phase === 'turn');
  const open = state.phase === 'turn' && !turning && now < state.betsCloseAt && state.chambersLeft > 1;
  const [stake, setStake] = useState(BET_STAKE_MIN);
  const { busy, refusal, run } = useDeed();
  const bet = (kind: BetKind) =>
    run(async () => {
      const order = { pullNo: state.pullNo, kind, targetId: state.turn, stake: { currency: state.currency, amount: `${stake}` } };
      const { balance } = await seat.ask<{ balance: Balance }>('bet', { ...order, requestId: freshKey() });
      noteBalance(balance);
    });
  return (
    <section class="panel stack bets" aria-label="Side bets">
      <h2>
        Side bets <span class="quiet small">{heading(state, open, now)}</span>
      </h2>
      {open && (
        <>
          <div class="tabs" role="group" aria-label="Stake of the bet">
            {STAKES.map((amount) => (
              <button
                key={`${amount}`}
                type="button"
                class="chip"
                aria-pressed={stake === amount}
                disabled={availableOf(state.currency) < amount}
                onClick={() => setStake(amount)}
              >
                {digits(amount, state.currency)}
              </button>
            ))}
          </div>
          <div class="bet-kinds">
            {KINDS.map(({ kind, word }) => (
              <button
                key={kind}
                type="button"
                class={`bet-kind bet-${kind}`}
                disabled={busy || availableOf(state.currency) < stake}
                onClick={() => bet(kind)}
              >
                <b>{word(nameOf(state, self))}</b>
                <span>
                  {chance(kind, state.chambersLeft)}, returns{' '}
                  <Amount amount={betReturn(kind, stake, state.chambersLeft)} currency={state.currency} />
                </span>
              </button>
            ))}
          </div>
        </>
      )}
      <Refusal code={refusal} />
      <Placed state={state} self={self} />
    </section>
  );
}

const KINDS: { kind: BetKind; word: (who: string) => string }[] = [
  { kind: 'survive', word: (who) => `${who} survive${who === 'You' ? '' : 's'}` },
  { kind: 'eliminated', word: (who) => `${who} fall${who === 'You' ? '' : 's'}` },
];

const nameOf = (state: RouletteState, self: string): string => (state.turn === self ? 'You' : nameAt(state, state.turn));

const chance = (kind: BetKind, chambers: number): string =>
  kind === 'survive' ? `${chambers - 1} in ${chambers}` : `1 in ${chambers}`;

function heading({ phase, betsCloseAt, chambersLeft }: RouletteState, open: boolean, now: number): string {
  if (open) return `open for ${Math.ceil((betsCloseAt - now) / 1_000)} s`;
  if (phase !== 'turn') return 'open with each turn';
  return chambersLeft > 1 ? 'closed on this pull' : 'none on the last chamber';
}

function Placed({ state, self }: { state: RouletteState; self: string }) {
  const bets = Object.values(state.bets ?? {});
  if (bets.length === 0) return <p class="quiet small">No bets on this pull.</p>;
  return (
    <ul class="placed">
      {bets.map(({ betId, playerId, name, kind, stake }) => (
        <li key={betId}>
          <span>
            {playerId === self ? 'You' : name} <span class="quiet">on {kind === 'survive' ? 'surviving' : 'falling'}</span>
          </span>
          <Amount amount={stake} currency={state.currency} />
        </li>
      ))}
    </ul>
  );
}
