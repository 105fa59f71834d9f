import { schema, t, type SchemaType } from '@colyseus/schema';

/** Key: the player's id, so that an overtaking moves ranks and no names. Sort by `rank`. */
export const RankState = schema(
  {
    rank: t.uint32().default(0),
    playerId: t.string().default(''),
    displayName: t.string().default(''),
    /** A whole number, digits; may be negative. */
    score: t.string().default('0'),
  },
  'RankState',
);
export type RankState = SchemaType<typeof RankState>;

/** One player's place, seen through that player's `StateView` only. */
export const StandingState = schema(
  {
    /** 0 while the player has no score on this board. */
    rank: t.uint32().default(0),
    score: t.string().default('0'),
    /** Neighbours above and below, not the player. Key: the player's id. */
    neighbours: t.map(RankState),
  },
  'StandingState',
);
export type StandingState = SchemaType<typeof StandingState>;

export const LeaderboardState = schema(
  {
    board: t.string().default(''),
    period: t.string<'all' | 'daily' | 'weekly' | 'monthly' | 'season'>().default('all'),
    /** When the period ends, ISO 8601; empty: never. Then the next one is shown. */
    endsAt: t.string().default(''),
    /** The first 100. */
    top: t.map(RankState),
    /** Key: the player's id. A client sees the entries added to its own `StateView` only. */
    standings: t.map(StandingState).view(),
  },
  'LeaderboardState',
);
export type LeaderboardState = SchemaType<typeof LeaderboardState>;
