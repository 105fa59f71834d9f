import { useState } from 'preact/hooks';
import { ask } from './api.ts';
import { digits } from './money.ts';
import { hrefOf } from './route.ts';
import { ago, Coin, Refusal, useDeed, useRead } from './ui.tsx';

interface Bet {
  id: string;
  roundId: string;
  game: string;
  kind: string;
  currency: string;
  amount: string;
  paid: string | null;
  state: 'open' | 'settled' | 'void';
  at: string;
}

interface Bets {
  items: Bet[];
  nextCursor: string | null;
}

const LIMIT = 10;
const read = (cursor: string | null) =>
  ask<Bets>(`/api/games/history?limit=${LIMIT}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);

/** The player's stakes, newest first, each with the way to check its round. */
export function History() {
  const first = useRead(() => read(null), 'history');
  const [more, setMore] = useState<Bets[]>([]);
  const { busy, refusal, run } = useDeed();
  const pages = first.value === null ? [] : [first.value, ...more];
  const bets = pages.flatMap(({ items }) => items);
  const next = pages.at(-1)?.nextCursor ?? null;
  return (
    <section class="panel" aria-label="Your rounds">
      <h2>Your rounds</h2>
      <Refusal code={first.refusal ?? refusal} />
      {first.value !== null && bets.length === 0 && (
        <p class="quiet">Nothing yet. What you stake is listed here, with its proof.</p>
      )}
      <ul class="rounds">
        {bets.map((bet) => (
          <Row key={bet.id} bet={bet} />
        ))}
      </ul>
      {next !== null && (
        <button
          type="button"
          class="button button-plain button-wide"
          disabled={busy}
          onClick={() => run(async () => setMore([...more, await read(next)]))}
        >
          Show more
        </button>
      )}
    </section>
  );
}

const GAMES: Record<string, string> = { roulette: 'Roulette', spin: 'Wheel', 'spin-and-win': 'Wheel', battle: 'Battle' };

function Row({ bet }: { bet: Bet }) {
  const { game, kind, state, paid, amount, currency, roundId, at } = bet;
  return (
    <li>
      <span>
        {GAMES[game] ?? game}
        {kind !== 'stake' && kind !== 'seat' && kind !== game && <span class="quiet small"> {kind}</span>}
        <small class="quiet"> {ago(at)}</small>
      </span>
      <span class="figures">{outcome({ state, paid, amount, currency })}</span>
      {game === 'battle' ? (
        <a class="small" href={hrefOf('replay', roundId)}>
          Watch
        </a>
      ) : (
        <a class="small" href={hrefOf('check', roundId)}>
          Check
        </a>
      )}
    </li>
  );
}

function outcome({ state, paid, amount, currency }: Pick<Bet, 'state' | 'paid' | 'amount' | 'currency'>) {
  if (state === 'open') return <span class="quiet">in play</span>;
  if (state === 'void') return <span class="quiet">returned</span>;
  const net = BigInt(paid ?? '0') - BigInt(amount);
  return (
    <span class={net > 0n ? 'gain' : net < 0n ? 'loss' : 'quiet'}>
      {net > 0n ? '+' : ''}
      {digits(net, currency)} <Coin currency={currency} />
    </span>
  );
}
