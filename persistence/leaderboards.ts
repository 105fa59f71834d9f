// Boards as they are read. Order is score, then who got there first, then player id; rows come from SQL, ranks from an index that
// stands at the same moment, so both are exact at ties and at the edges of pages.
import { type Board, FINAL_MAX, type Period, periodKey } from '../rules/boards.ts';
import { type Database, whole } from './orm.ts';
import { finalRows, type LineRow, type OwnRow, type OwnRows, ownRows, type PageRow, pageRow } from './board-rows.ts';
import type { BoardKey } from './rank-changes.ts';
import { orderOf, type RankKey, rankKey } from './rank-index.ts';
import { openRanks, type RankSettings } from './ranks.ts';

export interface Standing {
  rank: number;
  playerId: string;
  displayName: string;
  score: bigint;
}

export interface PlayerStanding {
  rank: number;
  score: bigint;
  above: Standing[];
  below: Standing[];
}

/** The board's period that `now` lies in. */
export interface Which {
  board: Board;
  period: Period;
  now: Date;
}

export interface Page {
  items: Standing[];
  /** Null: the period is still open, or nobody is on the board. */
  closedAt: Date | null;
}

export type Leaderboards = ReturnType<typeof openLeaderboards>;

export function openLeaderboards(db: Database, settings: RankSettings = {}) {
  const ranks = openRanks(db, settings);

  return {
    /** `after`: standings already seen; the page starts after this rank. A period that was swept has its first hundred only. */
    async page({ limit, after, ...asked }: Which & { limit: number; after: number }): Promise<Page> {
      const which = keyOf(asked);
      const finals = async (): Promise<Page['items']> => (await finalRows(db, which, { after, limit })).map(finalOf);
      if (after === 0) {
        const row = await pageRow(db, which, { no: null, from: null, limit });
        return { items: row?.swept ? await finals() : linesFrom(1, row?.lines), closedAt: row?.closedAt ?? null };
      }
      return ranks.read<PageAt, Page>(
        which,
        async (index, no) => {
          const from = index.at(after);
          // Of keys that are the same, those before this rank are read too, and left out.
          const before = from ? index.before(from) : after;
          const row = await pageRow(db, which, { no, from, limit: from ? limit + after - before : 0 });
          if (!row || row.swept) return { answer: { items: await finals(), closedAt: row?.closedAt ?? null } };
          return { ...row, from, before };
        },
        (index, { lines, closedAt, from, before }) => {
          const now = index.at(after);
          if (now === null) return { items: [], closedAt };
          if (from === null || orderOf(now, from) !== 0 || index.before(now) !== before) return null;
          return { items: linesFrom(before + 1, lines).slice(after - before), closedAt };
        },
      );
    },

    /** Of each of these players who is on the board, with `around` neighbours on each side; all of one moment. */
    async standings(
      playerIds: readonly string[],
      { around, ...asked }: Which & { around: number },
    ): Promise<Map<string, PlayerStanding>> {
      const which = keyOf(asked);
      if (playerIds.length === 0) return new Map();
      return ranks.read<OwnRows, Map<string, PlayerStanding>>(
        which,
        async (_index, no) => {
          const rows = await ownRows(db, which, { no, playerIds, around });
          if (!rows || rows.swept) return { answer: await finalStandings(db, which, { playerIds, around }) };
          return rows;
        },
        (index, { own }) =>
          new Map(
            (own ?? []).map((row) => {
              const rank = index.before(rankKey(row.score, row.reachedMs, row.playerId)) + row.ties + 1;
              return [row.playerId, placedAt(rank, row)];
            }),
          ),
      );
    },

    /** Null: not on this board. */
    async standing(playerId: string, asked: Which & { around: number }): Promise<PlayerStanding | null> {
      return (await this.standings([playerId], asked)).get(playerId) ?? null;
    },

    /** Another word after every change of the board, and when another period has begun. */
    async version(asked: Which): Promise<string> {
      const { board, key } = keyOf(asked);
      const [row] = await db.rows<{ no: string }>(
        'select last_no::text as no from leaderboard_period where board = $1 and period = $2',
        [board, key],
      );
      return `${key} ${row?.no ?? 0}`;
    },

    follow: ranks.follow,
    check: ranks.check,
    kept: ranks.kept,
  };
}

const keyOf = ({ board, period, now }: Which): BoardKey => ({ board, key: periodKey(period, now) });

interface PageAt extends PageRow {
  from: RankKey | null;
  before: number;
}

const standingOf = ({ playerId, displayName, score }: LineRow, rank: number): Standing => ({
  rank,
  playerId,
  displayName,
  score: whole(score),
});

const linesFrom = (rank: number, lines: readonly LineRow[] | null | undefined): Standing[] =>
  (lines ?? []).map((line, index) => standingOf(line, rank + index));

const finalOf = (row: LineRow & { rank: number }): Standing => standingOf(row, row.rank);

function placedAt(rank: number, { score, above, below }: OwnRow): PlayerStanding {
  return {
    rank,
    score: whole(score),
    above: linesFrom(rank - (above?.length ?? 0), above),
    below: linesFrom(rank + 1, below),
  };
}

async function finalStandings(
  db: Database,
  which: BoardKey,
  { playerIds, around }: { playerIds: readonly string[]; around: number },
): Promise<Map<string, PlayerStanding>> {
  const rows = (await finalRows(db, which, { after: 0, limit: FINAL_MAX })).map(finalOf);
  const found = rows.filter(({ playerId }) => playerIds.includes(playerId));
  return new Map(
    found.map(({ playerId, rank, score }) => [
      playerId,
      { rank, score, above: rows.slice(Math.max(rank - 1 - around, 0), rank - 1), below: rows.slice(rank, rank + around) },
    ]),
  );
}
