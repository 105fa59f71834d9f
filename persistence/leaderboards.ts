// Boards: score events, written in the transaction of what they count, are folded into scores per board and period. SQL is
// the truth for every rank; order is score, then who got there first, then player id.
import { type Board, isBoard, type Period, PERIODS } from '../rules/boards.ts';
import type { DeedSum } from './deeds.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

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

export interface Page {
  board: Board;
  period: Period;
  limit: number;
  /** Standings already seen: the page starts after this rank. */
  after: number;
  now: Date;
}

/**
 * Adds deeds to the scores of every period they lie in. Guests are not ranked. `reached_at` moves only when the score does, so a
 * sum of 0 counts for nothing; and it never moves back, so it does not matter in which folds the deeds of one player are taken.
 */
export async function rankIn(em: EntityManager, sums: readonly DeedSum[]): Promise<void> {
  const ranked = sums.filter(({ counter, guest, at }) => isBoard(counter) && !guest && at !== null);
  if (ranked.length === 0) return;
  const lines = ranked.flatMap(({ counter, playerId, amount, at, utcDay }) =>
    PERIODS.map((period) => ({
      board: counter,
      period: periodKey(period, new Date(`${utcDay}T00:00:00Z`)),
      player: playerId,
      amount: String(amount),
      at,
    })),
  );
  await rowsIn(em, ADD, [JSON.stringify(lines)]);
}

const ADD = `
  insert into leaderboard_score (board, period, player, score, reached_at)
    select board, period, player, sum(amount), max(at)
      from json_to_recordset(?::json) l(board text, period text, player uuid, amount bigint, at timestamptz)
     group by board, period, player order by board, period, player
  on conflict (board, period, player) do update
    set score = leaderboard_score.score + excluded.score,
        reached_at = greatest(leaderboard_score.reached_at, excluded.reached_at)`;

export type Leaderboards = ReturnType<typeof openLeaderboards>;

export function openLeaderboards(db: Database) {
  return {
    async page({ board, period, limit, after, now }: Page): Promise<Standing[]> {
      const rows = await db.rows<StandingRow>(PAGE, [board, periodKey(period, now), limit, after]);
      return rows.map((row, index) => ({ ...toStanding(row), rank: after + index + 1 }));
    },

    /** Null: not on this board. `around` neighbours on each side. */
    async standing(
      playerId: string,
      { board, period, around, now }: { board: Board; period: Period; around: number; now: Date },
    ): Promise<PlayerStanding | null> {
      const key = periodKey(period, now);
      const [own] = await db.rows<{ score: unknown; rank: unknown }>(RANK, [board, key, playerId]);
      if (!own) return null;
      const rank = Number(own.rank);
      const first = Math.max(rank - 1 - around, 0);
      const rows = await this.page({ board, period, limit: rank - first + around, after: first, now });
      return {
        rank,
        score: whole(own.score),
        above: rows.filter((row) => row.rank < rank && row.playerId !== playerId),
        below: rows.filter((row) => row.rank > rank && row.playerId !== playerId),
      };
    },
  };
}

/** The calendar period, UTC, that `at` lies in: all, d2026-11-21, w2026-W47 (ISO week), m2026-11. */
export function periodKey(period: Period, at: Date): string {
  const day = at.toISOString().slice(0, 10);
  if (period === 'all') return 'all';
  if (period === 'daily') return `d${day}`;
  if (period === 'monthly') return `m${day.slice(0, 7)}`;
  const thursday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 4 - (at.getUTCDay() || 7)));
  const week = Math.ceil(((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / DAY_MS + 1) / 7);
  return `w${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

const DAY_MS = 86_400_000;

interface StandingRow {
  playerId: string;
  displayName: string;
  score: unknown;
}

const toStanding = ({ playerId, displayName, score }: StandingRow) => ({ playerId, displayName, score: whole(score) });

const PAGE = `
  select s.player as "playerId", p.display_name as "displayName", s.score
    from leaderboard_score s join player p on p.id = s.player
   where s.board = $1 and s.period = $2
   order by s.score desc, s.reached_at, s.player limit $3 offset $4`;

const RANK = `
  select s.score, 1 + (select count(*) from leaderboard_score o
                        where o.board = s.board and o.period = s.period
                          and (o.score > s.score or (o.score = s.score and (o.reached_at, o.player) < (s.reached_at, s.player)))) as rank
    from leaderboard_score s where s.board = $1 and s.period = $2 and s.player = $3`;
