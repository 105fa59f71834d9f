// A player's own limits and pauses. They are checked where the money moves, by the ledger's own statement; here they are
// read and set, by the database's clock, which the ledger counts by too. The row of the player's account is locked first, so a bet is wholly before or wholly after a change.
import type { Currency } from '../rules/currency.ts';
import { type Cap, type LimitKind, type LimitPeriod, changed, periodStart, settled } from '../rules/limits.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

export interface Limit {
  currency: Currency;
  kind: LimitKind;
  period: LimitPeriod;
  /** Minor units; null: none. */
  amount: bigint | null;
}

export interface LimitsCard {
  limits: (Limit & { amount: bigint; used: bigint })[];
  pending: (Limit & { effectiveAt: Date })[];
  /** No stakes and deposits before; null: no pause. `forever` for one without an end. */
  excludedUntil: Date | 'forever' | null;
}

export type Limits = ReturnType<typeof openLimits>;

export function openLimits(db: Database) {
  return {
    async card(playerId: string): Promise<LimitsCard> {
      const rows = await db.rows<LimitRow & { deposited: unknown }>(CARD, [playerId]);
      const [pause] = await db.rows<{ until: string | null; now: Date }>(PAUSE, [playerId]);
      const at = pause!.now;
      const card: LimitsCard = { limits: [], pending: [], excludedUntil: null };
      for (const row of rows) {
        const { currency, kind, period } = row;
        const { cap, nextCap, nextAt } = settled(capOf(row), at);
        const current = row.starts === startText(period, at);
        if (cap !== null)
          card.limits.push({
            currency,
            kind,
            period,
            amount: cap,
            used: kind === 'deposit' ? whole(row.deposited) : current ? atLeastZero(whole(row.used)) : 0n,
          });
        if (nextAt) card.pending.push({ currency, kind, period, amount: nextCap, effectiveAt: nextAt });
      }
      const { until } = pause!;
      if (until === 'infinity') card.excludedUntil = 'forever';
      else if (until !== null && new Date(until) > at) card.excludedUntil = new Date(until);
      return card;
    },

    /** Sets limits: tighter ones hold from now on, looser ones in a day. Those not named stay. */
    async set(playerId: string, wanted: readonly Limit[]): Promise<void> {
      await db.transaction(async (em) => {
        await lockAccounts(em, playerId);
        const [clock] = await rowsIn<{ now: string | Date }>(em, 'select now() as now');
        const at = new Date(clock!.now);
        for (const limit of wanted) await setIn(em, playerId, limit, at);
      });
    },

    /** What was staked and what came back since then, by currency, digits of minor units; voids left out. */
    playedSince: (playerId: string, since: Date): Promise<{ currency: Currency; staked: string; returned: string }[]> =>
      db.rows(PLAYED, [playerId, since]),

    /** No stakes and deposits until then, in every currency and game. A pause is only ever made longer. `null`: for ever. */
    async exclude(playerId: string, until: Date | null): Promise<void> {
      await db.transaction(async (em) => {
        await lockAccounts(em, playerId);
        const extend = `update ledger_account set excluded_until = greatest(coalesce(excluded_until, '-infinity'), ?::timestamptz) where owner = ?`;
        await rowsIn(em, extend, [until?.toISOString() ?? 'infinity', playerId]);
      });
    },
  };
}

const PLAYED = `
  select currency, sum(amount)::text as staked, coalesce(sum(paid), 0)::text as returned from round_stake
   where player = $1 and state <> 'void' and at >= $2 group by currency order by currency`;

interface LimitRow {
  currency: Currency;
  kind: LimitKind;
  period: LimitPeriod;
  cap: unknown;
  nextCap: unknown;
  nextAt: Date | null;
  starts: string;
  used: unknown;
}

const FIELDS = `l.kind, l.period, l.cap, l.next_cap as "nextCap", l.next_at as "nextAt", to_char(l.starts, 'YYYY-MM-DD') as starts, l.used`;
const CARD = `
  select a.currency, ${FIELDS},
         case when l.kind = 'deposit' and a.currency = 'KES'
              then payment_deposited(a.owner, date_trunc(l.period, now() at time zone 'utc') at time zone 'utc') else 0 end as deposited
    from ledger_limit l join ledger_account a on a.id = l.account
   where a.owner = $1 order by a.id, l.kind, l.period`;
const PAUSE = 'select max(excluded_until)::text as until, now() as now from ledger_account where owner = $1';

const nullable = (value: unknown): bigint | null => (value === null || value === undefined ? null : whole(value));
const capOf = ({ cap, nextCap, nextAt }: LimitRow): Cap => ({
  cap: nullable(cap),
  nextCap: nullable(nextCap),
  nextAt: nextAt && new Date(nextAt),
});
const atLeastZero = (amount: bigint): bigint => (amount < 0n ? 0n : amount);
const startText = (period: LimitPeriod, at: Date): string => periodStart(period, at).toISOString().slice(0, 10);

async function lockAccounts(em: EntityManager, playerId: string): Promise<void> {
  const accounts = await rowsIn(em, 'select id from ledger_account where owner = ? order by id for no key update', [playerId]);
  if (accounts.length === 0) throw new Error(`player ${playerId} has no accounts`);
}

async function setIn(em: EntityManager, playerId: string, { currency, kind, period, amount }: Limit, at: Date): Promise<void> {
  const select = `select l.account, ${FIELDS} from ledger_limit l join ledger_account a on a.id = l.account
                   where a.owner = ? and a.currency = ? and l.kind = ? and l.period = ?`;
  const [row] = await rowsIn<LimitRow>(em, select, [playerId, currency, kind, period]);
  if (!row && amount === null) return;
  const { cap, nextCap, nextAt } = changed(row ? capOf(row) : NONE, amount, at);
  const caps = [cap, nextCap].map((minor) => (minor === null ? null : String(minor)));
  const values = [...caps, nextAt?.toISOString() ?? null];
  if (row) {
    const update = `update ledger_limit set cap = ?, next_cap = ?, next_at = ? where kind = ? and period = ?
                    and account = (select id from ledger_account where owner = ? and currency = ?)`;
    await rowsIn(em, update, [...values, kind, period, playerId, currency]);
    return;
  }
  const start = periodStart(period, at);
  const used = kind === 'deposit' ? 0n : await usedSince(em, { playerId, currency, kind, start });
  const insert = `insert into ledger_limit (account, kind, period, cap, next_cap, next_at, starts, used)
                  select id, ?, ?, ?::bigint, ?::bigint, ?::timestamptz, ?::timestamp, ?::bigint from ledger_account where owner = ? and currency = ?`;
  await rowsIn(em, insert, [kind, period, ...values, start.toISOString().slice(0, 19), String(used), playerId, currency]);
  await rowsIn(em, 'update ledger_account set limited = true where owner = ? and currency = ?', [playerId, currency]);
}

const NONE: Cap = { cap: null, nextCap: null, nextAt: null };

/** What has been played since, from the stakes themselves: a limit set at noon counts the morning. */
async function usedSince(
  em: EntityManager,
  { playerId, currency, kind, start }: { playerId: string; currency: Currency; kind: LimitKind; start: Date },
): Promise<bigint> {
  const sum = kind === 'wager' ? 'sum(amount)' : 'sum(amount) - sum(coalesce(paid, 0))';
  const select = `select coalesce(${sum}, 0)::text as used from round_stake where player = ? and currency = ? and state <> 'void' and at >= ?`;
  const [row] = await rowsIn<{ used: string }>(em, select, [playerId, currency, start]);
  return BigInt(row!.used);
}
