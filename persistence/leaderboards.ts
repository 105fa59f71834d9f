// Boards: score events, written in the transaction of what they count, are folded into scores per board and period. SQL is
// the truth for every rank; order is score, then who got there first, then player id.
import type { Board, Period } from '../rules/boards.ts';
import { type Database, rowsIn, whole } from './orm.ts';

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

export type Leaderboards = ReturnType<typeof openLeaderboards>;

export function openLeaderboards(db: Database) {
  return {
    /** Folds what has happened into the boards; each event once. Returns how many. Run it every second or so. */
    fold: (): Promise<number> =>
      db.transaction(async (em) => {
        const [row] = await rowsIn<{ folded: unknown }>(em, FOLD);
        return Number(row!.folded);
      }),

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

/**
 * Guests are not ranked: their events are dropped. `reached_at` moves only when the score does, so an event of 0 counts for
 * nothing; and it never moves back, so it does not matter in which folds the events of one player are taken.
 */
const FOLD = `
  with taken as (
    delete from score_event where id in (select id from score_event order by id limit 5000 for update skip locked) returning *
  ), counted as (
    select e.board, e.player, e.amount, e.at, p.period
      from taken e
      join player on player.id = e.player and e.amount <> 0 and not player.guest and player.deleted_at is null,
      lateral (values ('all'), (to_char(e.at at time zone 'utc', '"d"YYYY-MM-DD')), (to_char(e.at at time zone 'utc', '"w"IYYY-"W"IW')),
                      (to_char(e.at at time zone 'utc', '"m"YYYY-MM'))) p(period)
  ), summed as (
    select board, period, player, sum(amount)::bigint as amount, max(at) as at from counted group by board, period, player
  ), written as (
    insert into leaderboard_score (board, period, player, score, reached_at)
      select board, period, player, amount, at from summed order by board, period, player
    on conflict (board, period, player) do update
      set score = leaderboard_score.score + excluded.score,
          reached_at = greatest(leaderboard_score.reached_at, excluded.reached_at)
  )
  select count(*) as folded from taken`;

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
