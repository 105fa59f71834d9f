import { z } from 'zod';
import { BOARD_REWARDS, BOARDS, type ClosingPeriod, periodEnd, periodKey, PERIODS } from '../rules/boards.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { digits, instant, limit, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

const standing = z.strictObject({ rank: z.int(), playerId: uuid, displayName: z.string(), score: digits });
const own = z.strictObject({ rank: z.int(), score: digits, above: z.array(standing), below: z.array(standing) });
const board = z.enum(BOARDS);
const period = z.enum(PERIODS).default('all');
/** A day, UTC, of the period asked for. */
const at = z.iso
  .date()
  .optional()
  .meta({ description: 'A day of the period, UTC; today if none is given', example: '2026-11-20' });
const rewards = z.array(z.strictObject({ period: z.enum(PERIODS), from: z.int(), to: z.int(), coins: digits, gems: digits }));

/** Neighbours on each side. */
const AROUND = 5;

export const leaderboardRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/leaderboards',
    who: 'anyone',
    summary: 'The boards and periods there are, and what places earn when a period closes',
    answers: z.strictObject({ boards: z.array(board), periods: z.array(z.enum(PERIODS)), rewards }),
    answer: async () => ({ boards: BOARDS, periods: PERIODS, rewards: REWARDS }),
  }),
  route({
    method: 'GET',
    path: '/api/leaderboards/:board',
    who: 'anyone',
    hot: true,
    summary:
      'A board from any rank on; of equal scores the one reached first stands higher. A period long over keeps its first hundred',
    params: z.strictObject({ board }),
    query: z.strictObject({
      period,
      at,
      limit,
      cursor: z
        .string()
        .regex(/^\d{1,9}$/)
        .transform(Number)
        .default(0)
        .meta({ description: 'The rank after which the page begins' }),
    }),
    answers: z.strictObject({
      board,
      period: z.enum(PERIODS),
      key: z.string().meta({ description: 'all, d2026-11-21, w2026-W47 or m2026-11' }),
      endsAt: instant.nullable(),
      closedAt: instant.nullable(),
      items: z.array(standing),
      nextCursor: z.string().nullable(),
    }),
    async answer({ house, params, query: { period, at, limit, cursor } }) {
      const now = momentOf(house, at);
      const which = { board: params.board, period, now };
      const { items: rows, closedAt } = await house.store.leaderboards.page({ ...which, limit: limit + 1, after: cursor });
      const items = rows.slice(0, limit);
      return {
        board: params.board,
        period,
        key: periodKey(period, now),
        endsAt: periodEnd(period, now),
        closedAt,
        items,
        nextCursor: rows.length > limit ? String(cursor + items.length) : null,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/leaderboards/:board/me',
    who: 'player',
    scope: 'read:boards',
    hot: true,
    summary: 'Your rank and neighbours. Refuses not_found for a player the board does not have; guests are not ranked',
    params: z.strictObject({ board }),
    query: z.strictObject({ period, at }),
    answers: own,
    answer: ({ house, visitor, params, query }) => standingOf(house, visitor.playerId, { ...params, ...query }),
  }),
  route({
    method: 'GET',
    path: '/api/leaderboards/:board/players/:id',
    who: 'anyone',
    summary: 'The same for any player',
    params: z.strictObject({ board, id: uuid }),
    query: z.strictObject({ period, at }),
    answers: own,
    answer: ({ house, params: { board, id }, query }) => standingOf(house, id, { board, ...query }),
  }),
];

async function standingOf(
  house: House,
  playerId: string,
  { at, ...which }: { board: (typeof BOARDS)[number]; period: (typeof PERIODS)[number]; at?: string | undefined },
) {
  const now = momentOf(house, at);
  const found = await house.store.leaderboards.standing(playerId, { ...which, around: AROUND, now });
  refuseUnless(found, 'not_found');
  return found;
}

const momentOf = (house: House, at: string | undefined): Date => (at === undefined ? house.now() : new Date(`${at}T00:00:00Z`));

const REWARDS = Object.entries(BOARD_REWARDS).flatMap(([period, bands]) =>
  bands.map(({ to, coins, gems }, index) => ({
    period: period as ClosingPeriod,
    from: (bands[index - 1]?.to ?? 0) + 1,
    to,
    coins,
    gems,
  })),
);
