// What players did, as counters: written in the transaction of what they count, folded soon after into boards, achievements
// and quests. A subject counts; it knows nothing of what is made of its counts.
import type { Counter } from '../rules/counters.ts';
import { localDay } from '../rules/daily.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

export interface Deed {
  playerId: string;
  counter: Counter;
  amount: bigint;
}

/** All that one player did under one counter on one day. */
export interface DeedSum extends Deed {
  /** How many deeds it sums. */
  count: number;
  /** The most of one deed. */
  best: bigint;
  /** When the last of them that was not 0 was done; null: all were. */
  at: Date | null;
  /** Its calendar day, UTC and by the player's own clock: 2026-11-21. */
  utcDay: string;
  localDay: string;
  guest: boolean;
}

/** Takes the sums of one fold into its own tables, in the fold's transaction. */
export type Folded = (em: EntityManager, sums: readonly DeedSum[]) => Promise<void>;

/** Counts inside a wider change. */
export async function countIn(em: EntityManager, deeds: readonly Deed[]): Promise<void> {
  if (deeds.length === 0) return;
  const values = deeds.map(() => '(?, ?, ?)').join(', ');
  await rowsIn(
    em,
    `insert into score_event (board, player, amount) values ${values}`,
    deeds.flatMap(({ counter, playerId, amount }) => [counter, playerId, String(amount)]),
  );
}

export type Deeds = ReturnType<typeof openDeeds>;

const FOLDED_MAX = 20_000;

export function openDeeds(db: Database, into: readonly Folded[]) {
  return {
    /** Folds what has happened, each deed once. Returns how many; 0 while another process folds. Run it every second or so. */
    async fold(): Promise<number> {
      let folded = 0;
      for (let more = true; more;) {
        const taken = await db.transaction((em) => foldIn(em, into));
        folded += taken;
        more = taken === FOLDED_MAX;
      }
      return folded;
    },
  };
}

const FOLD_LOCK = 7_061_992;

/**
 * Whether it is this transaction's turn, which it keeps until it ends. One process folds at a time, so that what folds write is
 * committed in the order in which it was numbered; what reads all that was folded takes its turn too.
 */
export async function foldTurnIn(em: EntityManager): Promise<boolean> {
  const [lock] = await rowsIn<{ mine: boolean }>(em, 'select pg_try_advisory_xact_lock(?) as mine', [FOLD_LOCK]);
  return lock!.mine;
}

async function foldIn(em: EntityManager, into: readonly Folded[]): Promise<number> {
  if (!(await foldTurnIn(em))) return 0;
  const rows = await rowsIn<SumRow>(em, TAKE, [FOLDED_MAX]);
  if (rows.length === 0) return 0;
  const sums = byDay(rows.filter(({ guest }) => guest !== null));
  for (const fold of into) await fold(em, sums);
  return rows.reduce((taken, { count }) => taken + Number(count), 0);
}

interface SumRow {
  playerId: string;
  counter: Counter;
  amount: unknown;
  count: unknown;
  best: unknown;
  at: string | Date | null;
  quarter: string | Date;
  zone: string;
  /** Null: a player who has gone. */
  guest: boolean | null;
}

/** Days are told by the one calendar that check-ins go by; the database may know other time zones than this process. */
function byDay(rows: readonly SumRow[]): DeedSum[] {
  const sums = new Map<string, DeedSum>();
  for (const row of rows) {
    const { playerId, counter, guest, zone } = row;
    const quarter = new Date(row.quarter);
    const days = { utcDay: localDay('UTC', quarter), localDay: localDay(zone, quarter) };
    const at = row.at === null ? null : new Date(row.at);
    const [amount, best] = [whole(row.amount), whole(row.best)];
    const key = `${playerId} ${counter} ${days.utcDay} ${days.localDay}`;
    const sum = sums.get(key);
    if (!sum) {
      sums.set(key, { playerId, counter, amount, count: Number(row.count), best, at, ...days, guest: guest! });
      continue;
    }
    sum.amount += amount;
    sum.count += Number(row.count);
    if (best > sum.best) sum.best = best;
    if (at !== null && (sum.at === null || at > sum.at)) sum.at = at;
  }
  return [...sums.values()];
}

/** Summed by quarters of an hour, of which every time zone's days are made. */
const TAKE = `
  with taken as (
    delete from score_event where id in (select id from score_event order by id limit ? for update skip locked) returning *
  ), known as (
    select e.board, e.player, e.amount, e.at, p.guest, p.time_zone, date_bin('15 minutes', e.at, 'epoch') as quarter
      from taken e left join player p on p.id = e.player and p.deleted_at is null
  )
  select player as "playerId", board as counter, sum(amount)::text as amount, count(*) as count, max(amount) as best,
         max(at) filter (where amount <> 0) as at, guest, coalesce(time_zone, 'UTC') as zone, quarter
    from known group by player, board, guest, time_zone, quarter order by player, board, quarter`;
