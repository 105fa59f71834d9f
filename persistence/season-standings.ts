// How players stand in a season, now or when it ended: points, then who got there first, then player id.
import { type Database, whole } from './orm.ts';
import { prizesFrom } from './season-parts.ts';
import type { Prize } from '../rules/season.ts';

export interface SeasonStanding {
  place: number;
  playerId: string;
  displayName: string;
  points: bigint;
  /** The highest rank reached; null: none. */
  rankId: string | null;
  reachedAt: Date;
}

export interface OwnStanding {
  points: bigint;
  /** null: no points yet. */
  place: number | null;
  rankId: string | null;
  /** The next rank and the points it takes; null: there is none above. */
  next: { rankId: string; threshold: bigint } | null;
  prizes: GivenPrize[];
}

export interface GivenPrize {
  playerId: string;
  rankId: string;
  prizes: Prize[];
  at: Date;
}

export function openStandings(db: Database) {
  return {
    /** From the top; `after` places were seen already. */
    async standing(seasonId: string, { limit, after }: { limit: number; after: number }): Promise<SeasonStanding[]> {
      const rows = await db.rows<StandingRow>(STANDING, [seasonId, limit, after]);
      return rows.map((row, index) => ({ ...row, points: whole(row.points), place: after + index + 1 }));
    },

    async own(seasonId: string, playerId: string): Promise<OwnStanding> {
      const [score] = await db.rows<{ points: unknown; place: unknown }>(OWN, [seasonId, playerId]);
      const points = score ? whole(score.points) : 0n;
      const ranks = await db.rows<{ rankId: string; threshold: unknown }>(RANKS, [seasonId]);
      const reached = ranks.filter(({ threshold }) => whole(threshold) <= points);
      const next = ranks[reached.length];
      return {
        points,
        place: score ? Number(score.place) : null,
        rankId: reached.at(-1)?.rankId ?? null,
        next: next ? { rankId: next.rankId, threshold: whole(next.threshold) } : null,
        prizes: (await db.rows<PrizeRow>(OWN_PRIZES, [seasonId, playerId])).map(toPrize),
      };
    },

    /** What was given, in that order; `after` were seen already. */
    async prizes(seasonId: string, { limit, after }: { limit: number; after: number }): Promise<GivenPrize[]> {
      return (await db.rows<PrizeRow>(PRIZES, [seasonId, limit, after])).map(toPrize);
    },
  };
}

interface StandingRow extends Omit<SeasonStanding, 'place' | 'points'> {
  points: unknown;
}

interface PrizeRow extends Omit<GivenPrize, 'prizes'> {
  prizes: unknown;
}

const toPrize = (row: PrizeRow): GivenPrize => ({ ...row, prizes: prizesFrom(row.prizes) });

const STANDING = `
  select s.player as "playerId", p.display_name as "displayName", s.points, s.reached_at as "reachedAt",
         (select r.rank from season_rank r where r.season = s.season and r.threshold <= s.points order by r.threshold desc limit 1) as "rankId"
    from season_score s join player p on p.id = s.player
   where s.season = $1 order by s.points desc, s.reached_at, s.player limit $2 offset $3`;

const OWN = `
  select s.points, 1 + (select count(*) from season_score o
                         where o.season = s.season
                           and (o.points > s.points or (o.points = s.points and (o.reached_at, o.player) < (s.reached_at, s.player)))) as place
    from season_score s where s.season = $1 and s.player = $2`;

const RANKS = 'select rank as "rankId", threshold from season_rank where season = $1 order by threshold';

const PRIZE = 'select player as "playerId", rank as "rankId", prizes, at from season_prize where season = $1';
const OWN_PRIZES = `${PRIZE} and player = $2 order by at, rank`;
const PRIZES = `${PRIZE} order by at, player, rank limit $2 offset $3`;
