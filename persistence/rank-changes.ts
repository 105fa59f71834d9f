// What moves scores, and the log by which each process's indexes follow. A fold numbers its changes per board and period under
// the lock of the period's row, so numbers have no gaps and are committed in their order.
import { type Board, isBoard, periodEnd, periodKey, PERIODS } from '../rules/boards.ts';
import type { DeedSum } from './deeds.ts';
import { type EntityManager, rowsIn } from './orm.ts';
import { type RankIndex, type RankKey, SCORE_MAX } from './rank-index.ts';

/** One period of one board. */
export interface BoardKey {
  board: Board;
  /** all, d2026-11-21, w2026-W47, m2026-11 */
  key: string;
}

/**
 * Adds deeds to the scores of every period they lie in that is not closed. Guests are not ranked. `reached_at` moves only when
 * the score does, so a sum of 0 counts for nothing; and it never moves back, so it does not matter in which folds the deeds of
 * one player are taken.
 */
export async function rankIn(em: EntityManager, sums: readonly DeedSum[]): Promise<void> {
  const ranked = sums.filter(({ counter, guest, at }) => isBoard(counter) && !guest && at !== null);
  if (ranked.length === 0) return;
  const lines = ranked.flatMap(linesOf);
  const periods = new Map(lines.map(({ board, period, endsAt }) => [`${board} ${period}`, { board, period, endsAt }]));
  const open = await rowsIn<{ board: string; period: string; no: unknown }>(em, NUMBER, [JSON.stringify([...periods.values()])]);
  const numbers = new Map(open.map(({ board, period, no }) => [`${board} ${period}`, String(no)]));
  const counted = lines.flatMap(({ board, period, player, amount, at }) => {
    const no = numbers.get(`${board} ${period}`);
    return no === undefined ? [] : [{ board, period, player, amount, at, no }];
  });
  if (counted.length > 0) await rowsIn(em, ADD, [JSON.stringify(counted)]);
}

function linesOf({ counter, playerId, amount, at, utcDay }: DeedSum) {
  const day = new Date(`${utcDay}T00:00:00Z`);
  return PERIODS.map((period) => ({
    board: counter,
    period: periodKey(period, day),
    endsAt: periodEnd(period, day),
    player: playerId,
    amount: String(amount),
    at,
  }));
}

const NUMBER = `
  insert into leaderboard_period (board, period, ends_at, last_no)
    select board, period, "endsAt", 1 from json_to_recordset(?::json) p(board text, period text, "endsAt" timestamptz)
     order by board, period
  on conflict (board, period) do update set last_no = leaderboard_period.last_no + 1 where leaderboard_period.closed_at is null
  returning board, period, last_no as no`;

const within = (sum: string): string => `least(greatest(${sum}, -${SCORE_MAX}), ${SCORE_MAX})::bigint`;
/** A score and its time, 16 bytes; no such row: the time is the lowest there is. */
const keyOf = (row: string): string =>
  `int8send(coalesce(${row}.score, 0)) || timestamptz_send(coalesce(${row}.reached_at, '-infinity'))`;

const ADD = `
  with line as (
    select board, period, no, player, ${within('sum(amount)')} as amount, max(at) as at
      from json_to_recordset(?::json) l(board text, period text, no bigint, player uuid, amount numeric, at timestamptz(3))
     group by board, period, no, player
  ), old as (
    select s.* from line join leaderboard_score s using (board, period, player)
  ), new as (
    insert into leaderboard_score (board, period, player, score, reached_at)
      select board, period, player, amount, at from line order by board, period, player
    on conflict (board, period, player) do update
      set score = ${within('leaderboard_score.score::numeric + excluded.score')},
          reached_at = greatest(leaderboard_score.reached_at, excluded.reached_at)
    returning board, period, player, score, reached_at
  )
  insert into leaderboard_change (board, period, no, keys)
    select board, period, no, string_agg(${keyOf('old')} || ${keyOf('new')} || substr(uuid_send(player), 1, 8), '')
      from new join line using (board, period, player) left join old using (board, period, player)
     group by board, period, no`;

/** Changes of the board and period `h` after the number, each fold's as number, length and keys; null: none. */
export const changesSince = (number: string): string => `
  (select string_agg(int8send(c.no) || int4send(length(c.keys)) || c.keys, '' order by c.no)
     from leaderboard_change c where c.board = h.board and c.period = h.period and c.no > ${number})`;

const CHANGE_BYTES = 40;

/**
 * Brings an index that stands at `no` up to the newest of the changes, and returns that. Null: changes are missing or do not
 * fit, and the index must be built anew.
 */
export function follow(index: RankIndex, no: bigint, changes: Uint8Array | null): bigint | null {
  if (changes === null) return no;
  const view = new DataView(changes.buffer, changes.byteOffset, changes.byteLength);
  for (let at = 0; at < view.byteLength;) {
    const [number, length] = [view.getBigInt64(at), view.getInt32(at + 8)];
    const from = at + 12;
    at = from + length;
    if (number <= no) continue;
    if (number !== no + 1n) return null;
    for (let change = from; change < at; change += CHANGE_BYTES) if (!move(index, view, change)) return null;
    no = number;
  }
  return no;
}

function move(index: RankIndex, view: DataView, at: number): boolean {
  const [high, low] = [view.getUint32(at + 32), view.getUint32(at + 36)];
  const [was, is] = [keyAt(view, at, { high, low }), keyAt(view, at + 16, { high, low })];
  if (was !== null && !index.remove(was)) return false;
  if (is !== null) index.insert(is);
  return true;
}

const NEVER = -(2n ** 63n);
const EPOCH_2000_MS = Date.UTC(2000, 0, 1);

function keyAt(view: DataView, at: number, half: Pick<RankKey, 'high' | 'low'>): RankKey | null {
  if (view.getBigInt64(at + 8) === NEVER) return null;
  return { score: Number(view.getBigInt64(at)), ms: msAt(view, at + 8), ...half };
}

/** PostgreSQL's own form of an instant: microseconds since 2000. */
export const msAt = (view: DataView, at: number): number =>
  (view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4)) / 1_000 + EPOCH_2000_MS;
