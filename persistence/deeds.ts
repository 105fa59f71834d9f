// What players did, as counters: written in the transaction of what they count, folded soon after into boards, achievements
// and quests. A subject counts; it knows nothing of what is made of its counts.
import type { Counter } from '../rules/counters.ts';
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

/** One process at a time, so that what folds write is committed in the order in which it was numbered. */
async function foldIn(em: EntityManager, into: readonly Folded[]): Promise<number> {
  const [lock] = await rowsIn<{ mine: boolean }>(em, 'select pg_try_advisory_xact_lock(?) as mine', [FOLD_LOCK]);
  if (!lock!.mine) return 0;
  const rows = await rowsIn<SumRow>(em, TAKE, [FOLDED_MAX]);
  if (rows.length === 0) return 0;
  const sums = rows.map((row) => ({
    ...row,
    amount: whole(row.amount),
    count: Number(row.count),
    at: row.at === null ? null : new Date(row.at),
  }));
  const known = sums.filter(({ guest }) => guest !== null) as DeedSum[];
  for (const fold of into) await fold(em, known);
  return sums.reduce((taken, { count }) => taken + count, 0);
}

interface SumRow extends Omit<DeedSum, 'amount' | 'count' | 'at' | 'guest'> {
  amount: unknown;
  count: unknown;
  at: string | Date | null;
  /** Null: a player who has gone. */
  guest: boolean | null;
}

const TAKE = `
  with taken as (
    delete from score_event where id in (select id from score_event order by id limit ? for update skip locked) returning *
  ), known as (
    select e.board, e.player, e.amount, e.at, p.guest, (e.at at time zone 'utc')::date as utc_day,
           (e.at at time zone coalesce(p.time_zone, 'utc'))::date as local_day
      from taken e left join player p on p.id = e.player and p.deleted_at is null
  )
  select player as "playerId", board as counter, sum(amount)::bigint as amount, count(*) as count, max(at) filter (where amount <> 0) as at, guest,
         to_char(utc_day, 'YYYY-MM-DD') as "utcDay", to_char(local_day, 'YYYY-MM-DD') as "localDay"
    from known group by player, board, guest, utc_day, local_day order by player, board, utc_day, local_day`;
