// An index built anew from SQL: the scores of one moment, read in order of the index on them, packed by the server so that no
// row becomes an object here.
import type { Database } from './orm.ts';
import { type BoardKey, msAt } from './rank-changes.ts';
import { RankIndex, SCORE_MAX } from './rank-index.ts';
import { inSnapshot, type Read } from './snapshot.ts';

export interface Built {
  index: RankIndex;
  /** Of the last change that is in it. */
  no: bigint;
  /** Whether there is such a period, and more is left of it than its first hundred. */
  there: boolean;
}

const ROW_BYTES = 32;
const ROWS_AT_ONCE = 20_000;

export const rebuild = (db: Database, which: BoardKey, chunk?: number): Promise<Built> =>
  inSnapshot(db, (read) => readAll(read, which, new RankIndex(chunk)), { whole: true });

async function readAll(read: Read, { board, key }: BoardKey, index: RankIndex): Promise<Built> {
  const [head] = await read<{ no: string }>(HEAD, [board, key]);
  if (!head) return { index, no: 0n, there: false };
  let last = { score: String(SCORE_MAX), at: '-infinity', player: '00000000-0000-0000-0000-000000000000' };
  for (let full = true; full;) {
    const here = [board, key, last.score];
    const [packed] = await read<{ rows: Uint8Array | null }>(NEXT, [...here, last.at, last.player, ...here]);
    const { rows } = packed!;
    if (rows === null) break;
    append(index, rows);
    full = rows.byteLength === ROWS_AT_ONCE * ROW_BYTES;
    last = lastOf(rows);
  }
  return { index, no: BigInt(head.no), there: true };
}

const HEAD = 'select last_no::text as no from leaderboard_period where board = ? and period = ? and swept_at is null';

// In two parts, for an order that goes down in one column and up in the next has no one row to begin after.
const NEXT = `
  select string_agg(int8send(score) || timestamptz_send(reached_at) || uuid_send(player), '') as rows
    from ((select score, reached_at, player from leaderboard_score
            where board = ? and period = ? and score = ? and (reached_at, player) > (?::timestamptz, ?::uuid)
            order by score desc, reached_at, player limit ${ROWS_AT_ONCE})
          union all
          (select score, reached_at, player from leaderboard_score
            where board = ? and period = ? and score < ?
            order by score desc, reached_at, player limit ${ROWS_AT_ONCE})
          limit ${ROWS_AT_ONCE}) next`;

function append(index: RankIndex, rows: Uint8Array): void {
  const view = viewOf(rows);
  for (let at = 0; at < view.byteLength; at += ROW_BYTES)
    index.append({
      score: view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4),
      ms: msAt(view, at + 8),
      high: view.getUint32(at + 16),
      low: view.getUint32(at + 20),
    });
}

function lastOf(rows: Uint8Array) {
  const at = rows.byteLength - ROW_BYTES;
  const hex = Buffer.from(rows.subarray(at + 16)).toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  const view = viewOf(rows);
  return {
    score: String(view.getBigInt64(at)),
    at: new Date(msAt(view, at + 8)).toISOString(),
    player: parts.join('-'),
  };
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
