import { z } from 'zod';
import { BOARDS, PERIODS } from '../rules/boards.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { digits, limit, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

const standing = z.strictObject({ rank: z.int(), playerId: uuid, displayName: z.string(), score: digits });
const own = z.strictObject({ rank: z.int(), score: digits, above: z.array(standing), below: z.array(standing) });
const board = z.enum(BOARDS);
const period = z.enum(PERIODS).default('all');

/** Neighbours on each side. */
const AROUND = 5;
const RANKS_SHOWN_MAX = 10_000;

export const leaderboardRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/leaderboards',
    who: 'anyone',
    summary: 'The boards and periods there are',
    answers: z.strictObject({ boards: z.array(board), periods: z.array(z.enum(PERIODS)) }),
    answer: async () => ({ boards: BOARDS, periods: PERIODS }),
  }),
  route({
    method: 'GET',
    path: '/api/leaderboards/:board',
    who: 'anyone',
    hot: true,
    summary: 'A board from the top; of equal scores the one reached first stands higher',
    params: z.strictObject({ board }),
    query: z.strictObject({
      period,
      limit,
      cursor: z
        .string()
        .regex(/^\d{1,5}$/)
        .transform(Number)
        .pipe(z.int().max(RANKS_SHOWN_MAX))
        .default(0),
    }),
    answers: z.strictObject({ board, period: z.enum(PERIODS), items: z.array(standing), nextCursor: z.string().nullable() }),
    async answer({ house, params, query: { period, limit, cursor } }) {
      const rows = await house.store.leaderboards.page({
        board: params.board,
        period,
        limit: limit + 1,
        after: cursor,
        now: house.now(),
      });
      const items = rows.slice(0, limit);
      const next = cursor + items.length;
      return {
        board: params.board,
        period,
        items,
        nextCursor: rows.length > limit && next <= RANKS_SHOWN_MAX ? String(next) : null,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/leaderboards/:board/me',
    who: 'player',
    hot: true,
    summary: 'Your rank and neighbours. Refuses not_found for a player the board does not have; guests are not ranked',
    params: z.strictObject({ board }),
    query: z.strictObject({ period }),
    answers: own,
    answer: ({ house, visitor, params, query }) => standingOf(house, visitor.playerId, { ...params, ...query }),
  }),
  route({
    method: 'GET',
    path: '/api/leaderboards/:board/players/:id',
    who: 'anyone',
    summary: 'The same for any player',
    params: z.strictObject({ board, id: uuid }),
    query: z.strictObject({ period }),
    answers: own,
    answer: ({ house, params: { board, id }, query }) => standingOf(house, id, { board, ...query }),
  }),
];

async function standingOf(
  house: House,
  playerId: string,
  which: { board: (typeof BOARDS)[number]; period: (typeof PERIODS)[number] },
) {
  const found = await house.store.leaderboards.standing(playerId, { ...which, around: AROUND, now: house.now() });
  refuseUnless(found, 'not_found');
  return found;
}
