import { LIMIT_PERIODS } from '../../rules/limits.ts';
import { ask, freshKey } from './api.ts';
import { digits, worded } from './money.ts';
import { Refusal, useDeed, useRead, valuesOf } from './ui.tsx';

interface Limit {
  currency: string;
  kind: string;
  period: string;
  amount: string;
  used: string;
}

interface Card {
  limits: Limit[];
  pending: { currency: string; kind: string; period: string; amount: string | null; effectiveAt: string }[];
  excludedUntil: string | null;
}

const CURRENCY = 'COINS';
const KINDS: Record<string, string> = { wager: 'stake', loss: 'lose', deposit: 'pay in' };
const PAUSES = [
  { hours: 24, name: 'a day' },
  { hours: 168, name: 'a week' },
  { hours: 720, name: 'a month' },
];

/** Limits a player sets for themself, and breaks; the house keeps to them at every door. */
export function Limits() {
  const card = useRead(() => ask<Card>('/api/safety/limits'), 'limits');
  const { busy, refusal, run } = useDeed();
  const send = (work: () => Promise<unknown>) => run(async () => (await work(), card.reload()));

  function set(event: SubmitEvent): void {
    event.preventDefault();
    const { kind, period, amount = '' } = valuesOf(event.currentTarget);
    send(() =>
      ask('/api/safety/limits', {
        method: 'PUT',
        body: { limits: [{ currency: CURRENCY, kind, period, amount: amount === '' ? null : amount }] },
      }),
    );
  }

  return (
    <section class="stack">
      <h3>Limits and breaks</h3>
      <Refusal code={card.refusal ?? refusal} />
      {card.value !== null && <Standing card={card.value} />}
      <form class="limit-form" onSubmit={set}>
        <span>At most</span>
        <input name="amount" inputMode="numeric" pattern="\d{1,12}" placeholder="no limit" aria-label="Coins" />
        <span>coins to</span>
        <select name="kind" aria-label="What is limited">
          {['wager', 'loss'].map((kind) => (
            <option key={kind} value={kind}>
              {KINDS[kind]}
            </option>
          ))}
        </select>
        <span>a</span>
        <select name="period" aria-label="For how long">
          {LIMIT_PERIODS.map((period) => (
            <option key={period}>{period}</option>
          ))}
        </select>
        <button type="submit" class="button" disabled={busy}>
          Set
        </button>
      </form>
      <p class="quiet small">A tighter limit holds at once, a looser one after 24 hours.</p>
      <div class="row">
        <span>No stakes for</span>
        {PAUSES.map(({ hours, name }) => (
          <button
            key={hours}
            type="button"
            class="chip"
            disabled={busy}
            onClick={() =>
              confirm(`No stakes for ${name}? This cannot be taken back.`) &&
              send(() => ask('/api/safety/cool-off', { body: { hours }, key: freshKey() }))
            }
          >
            {name}
          </button>
        ))}
      </div>
    </section>
  );
}

function Standing({ card: { limits, pending, excludedUntil } }: { card: Card }) {
  return (
    <ul class="small">
      {excludedUntil !== null && (
        <li>
          {excludedUntil === 'forever'
            ? 'You play no more stakes.'
            : `You take a break until ${new Date(excludedUntil).toLocaleString('en')}.`}
        </li>
      )}
      {limits.map(({ currency, kind, period, amount, used }) => (
        <li key={`${currency}${kind}${period}`}>
          You {KINDS[kind] ?? kind} at most {worded({ currency, amount })} a {period}, {digits(used, currency)} so far
        </li>
      ))}
      {pending.map(({ currency, kind, period, amount, effectiveAt }) => (
        <li key={`${currency}${kind}${period} pending`} class="quiet">
          from {new Date(effectiveAt).toLocaleString('en')}: {amount === null ? 'no limit' : digits(amount, currency)} {currency}{' '}
          a {period} to {KINDS[kind] ?? kind}
        </li>
      ))}
    </ul>
  );
}
