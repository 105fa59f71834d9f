// What becomes of a board's period when it is over: it is closed once its last deeds are counted, its first hundred are rewarded,
// each once, and after its time the rest is forgotten. Each step is a transaction of its own, so a kill between two loses none.
import { type Board, boardReward, CLOSING_MS, type ClosingPeriod, FINAL_MAX, KEPT_DAYS, periodOf } from '../rules/boards.ts';
import { countIn } from './deeds.ts';
import type { Grant, Ledger } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import type { BoardKey } from './rank-changes.ts';

export type BoardPeriods = ReturnType<typeof openBoardPeriods>;

const AT_ONCE = 1_000;
const SWEPT_AT_ONCE = 10_000;
const DAY_MS = 86_400_000;
/** Longer than an index goes without following. */
const CHANGES_KEPT_MS = 10 * 60_000;

export function openBoardPeriods(
  db: Database,
  ledger: Pick<Ledger, 'grantAllIn'>,
  { paidAtOnce }: { paidAtOnce: number } = { paidAtOnce: AT_ONCE },
) {
  return {
    /**
     * Closes what is over, by the clock that deeds are dated by, the database's; any number of processes may do so at once.
     * Returns what this one closed.
     */
    async close(at: Date | null = null): Promise<BoardKey[]> {
      const now = at ?? (await db.rows<{ now: Date }>('select now()'))[0]!.now;
      const over = new Date(now.getTime() - CLOSING_MS);
      const due = await db.rows<BoardKey>(DUE, [over, AT_ONCE]);
      const closed: BoardKey[] = [];
      for (const which of due) if (await db.transaction((em) => closeIn(em, which, now))) closed.push(which);
      return closed;
    },

    /** Pays the rewards that closed periods still owe, one player at a time. Returns how many; a failure keeps no other waiting. */
    async pay(): Promise<number> {
      const failures: unknown[] = [];
      let paid = 0;
      for await (const place of owedIn(db, paidAtOnce)) {
        try {
          if (await db.transaction((em) => payIn(em, place, ledger))) paid++;
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} board rewards could not be paid`);
      return paid;
    },

    /** Forgets scores of periods that ended long ago, all but their first hundred. Returns how many. */
    async sweep(now: Date): Promise<number> {
      const before = (period: ClosingPeriod) => new Date(now.getTime() - KEPT_DAYS[period] * DAY_MS);
      await db.rows(HIDE, [now, before('daily'), before('weekly'), before('monthly')]);
      let swept = 0;
      for (const { board, key } of await db.rows<BoardKey>(HIDDEN)) {
        for (let gone = SWEPT_AT_ONCE; gone === SWEPT_AT_ONCE; swept += gone)
          gone = (await db.rows(FORGET, [board, key, SWEPT_AT_ONCE])).length;
        await db.rows('update leaderboard_period set emptied = true where board = $1 and period = $2', [board, key]);
      }
      return swept;
    },

    /** Forgets changes that every index has followed by now; one that has not is built anew. */
    async prune({ keptMs }: { keptMs: number } = { keptMs: CHANGES_KEPT_MS }): Promise<void> {
      await db.rows(`delete from leaderboard_change where at < now() - $1::double precision * interval '1 millisecond'`, [
        keptMs,
      ]);
    },
  };
}

const DUE = `
  select board, period as key from leaderboard_period where closed_at is null and ends_at <= $1 order by ends_at, board limit $2`;

interface Place extends BoardKey {
  rank: number;
}

interface PlaceRow {
  player: string;
  score: unknown;
}

/** Folds lock the same row: the one before is counted, the one after finds the period closed. */
async function closeIn(em: EntityManager, { board, key }: BoardKey, now: Date): Promise<boolean> {
  const [open] = await rowsIn(
    em,
    'select 1 from leaderboard_period where board = ? and period = ? and closed_at is null for update',
    [board, key],
  );
  if (!open) return false;
  const [uncounted] = await rowsIn(em, UNCOUNTED, [board, board, key]);
  if (uncounted) return false;
  const first = await rowsIn<PlaceRow & { at: string | Date }>(em, FIRST, [board, key, FINAL_MAX]);
  const places = first.map(({ player, score, at }, index) => {
    const rank = index + 1;
    const { coins, gems } = boardReward(periodOf(key) as ClosingPeriod, { rank, score: whole(score) });
    const paidAt = coins + gems > 0n ? null : now;
    return { rank, player, score: String(score), at: new Date(at), coins: String(coins), gems: String(gems), paidAt };
  });
  await rowsIn(em, KEEP, [board, key, JSON.stringify(places)]);
  await rowsIn(em, 'update leaderboard_period set closed_at = ? where board = ? and period = ?', [now, board, key]);
  return true;
}

const UNCOUNTED = `
  select 1 from score_event
   where board = ? and at < (select ends_at from leaderboard_period where board = ? and period = ?) limit 1`;

const FIRST = `
  select player, score, reached_at as at from leaderboard_score where board = ? and period = ?
   order by score desc, reached_at, player limit ?`;

const KEEP = `
  insert into leaderboard_final (board, period, rank, player, score, reached_at, coins, gems, paid_at)
    select ?, ?, rank, player, score, at, coins, gems, "paidAt"
      from json_to_recordset(?::json) p(rank integer, player uuid, score bigint, at timestamptz, coins bigint, gems bigint, "paidAt" timestamptz)`;

const OWED = `
  select board, period as key, rank from leaderboard_final
   where paid_at is null and (board, period, rank) > ($1, $2, $3::int) order by board, period, rank limit $4`;

/** One after the other, each once: what cannot be paid stays owed and is passed by. */
async function* owedIn(db: Database, atOnce: number): AsyncGenerator<Place> {
  let last = { board: '', key: '', rank: 0 };
  for (;;) {
    const places = await db.rows<Place>(OWED, [last.board, last.key, last.rank, atOnce]);
    yield* places;
    if (places.length < atOnce) return;
    last = places.at(-1)!;
  }
}

/** A player who is gone or banned by now gets nothing. False: another process has paid it, or is about to. */
async function payIn(em: EntityManager, { board, key, rank }: Place, ledger: Pick<Ledger, 'grantAllIn'>): Promise<boolean> {
  const [place] = await rowsIn<PlaceRow & { coins: unknown; gems: unknown }>(em, TAKE, [board, key, rank]);
  if (!place) return false;
  const [there] = await rowsIn(em, 'select 1 from player where id = ? and deleted_at is null and banned_at is null', [
    place.player,
  ]);
  if (!there) return true;
  const { player: playerId } = place;
  const [coins, gems] = [whole(place.coins), whole(place.gems)];
  const grants: Grant[] = [];
  for (const [currency, amount] of [
    ['COINS', coins],
    ['GEMS', gems],
  ] as const)
    if (amount > 0n) grants.push({ playerId, currency, amount, reason: 'board_reward', key: `${board}:${key}:${currency}` });
  if (rank <= PODIUM) await countIn(em, [{ playerId, counter: 'podiums', amount: 1n }]);
  const data = { board: board as Board, period: periodOf(key), key, rank, coins: String(coins), gems: String(gems) };
  await notifyIn(em, { playerId, kind: 'board_reward', data: { ...data, score: String(place.score) } });
  await ledger.grantAllIn(em, grants);
  return true;
}

const PODIUM = 3;

const TAKE = `
  update leaderboard_final set paid_at = now()
   where (board, period, rank) in (
     select board, period, rank from leaderboard_final
      where board = ? and period = ? and rank = ? and paid_at is null for update skip locked)
  returning player, score, coins, gems`;

const HIDE = `
  update leaderboard_period p set swept_at = $1
   where closed_at is not null and swept_at is null
     and ends_at < case left(period, 1) when 'd' then $2::timestamptz when 'w' then $3::timestamptz else $4::timestamptz end
     and not exists (select from leaderboard_final f where f.board = p.board and f.period = p.period and f.paid_at is null)`;

const HIDDEN = 'select board, period as key from leaderboard_period where swept_at is not null and not emptied order by ends_at';

const FORGET = `
  delete from leaderboard_score s
   using (select board, period, player from leaderboard_score where board = $1 and period = $2 limit $3) old
   where s.board = old.board and s.period = old.period and s.player = old.player returning 1`;
