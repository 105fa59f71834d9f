import { z } from 'zod';
import { TIERS } from '../rules/achievements.ts';
import { MEASURES } from '../rules/counters.ts';
import { digits, instant, page, paged, pageOf } from './formats.ts';
import { type Route, route } from './route.ts';

const achievementId = z.string().min(1).max(64);

const achievement = z.strictObject({
  achievementId,
  name: z.string(),
  tier: z.enum(TIERS),
  counter: z.string().meta({ description: 'What is counted', example: 'rounds' }),
  measure: z.enum(MEASURES).meta({ description: 'sum: all of it; count: how many times; best: the most at once' }),
  threshold: digits,
  ap: digits,
  gems: digits,
  xp: digits,
});

const query = paged(achievementId);

/** The page after the one that ended with `cursor`; of a cursor that is no achievement any more, none. */
function after<Row extends { achievementId: string }>(rows: readonly Row[], cursor: string | null): readonly Row[] {
  if (cursor === null) return rows;
  const seen = rows.findIndex((row) => row.achievementId === cursor);
  return seen < 0 ? [] : rows.slice(seen + 1);
}

const cursorOf = (row: { achievementId: string }): string => row.achievementId;

export const achievementRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/achievements',
    who: 'anyone',
    summary: 'Every achievement there is, by what it counts, easiest first, and how many players have it',
    query,
    answers: page(achievement.extend({ holders: digits })),
    answer: async ({ house, query: { limit, cursor } }) =>
      pageOf(after(await house.store.achievements.list(), cursor), limit, cursorOf),
  }),
  route({
    method: 'GET',
    path: '/api/player/me/achievements',
    who: 'player',
    summary: 'The same list as you stand in it: progress goes up to the threshold',
    query,
    answers: page(achievement.extend({ progress: digits, unlockedAt: instant.nullable() })),
    answer: async ({ house, visitor, query: { limit, cursor } }) =>
      pageOf(after(await house.store.achievements.of(visitor.playerId), cursor), limit, cursorOf),
  }),
];
