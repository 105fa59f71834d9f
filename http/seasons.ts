import { z } from 'zod';
import { evidenceRight } from '../rules/season.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { digits, instant, page, paged, pageOf, uuid } from './formats.ts';
import { firstOrAgain, type Route, route } from './route.ts';
import {
  evidence,
  itemId,
  own,
  pageByPlace,
  placeCursor,
  prizes,
  quantity,
  season,
  submission,
  summary,
} from './season-formats.ts';

const which = z.strictObject({
  season: z.union([z.literal('current'), uuid]).meta({ description: '`current`: the one that is on; or a season’s id' }),
});

type Season = NonNullable<Awaited<ReturnType<House['store']['seasons']['one']>>>;

/** Refuses `season_none` where none is on, `not_found` for one nobody may see. */
async function seasonOf(house: House, named: string): Promise<Season> {
  const { seasons } = house.store;
  const found = named === 'current' ? await seasons.current() : await seasons.one(named);
  refuseUnless(found, named === 'current' ? 'season_none' : 'not_found');
  refuseUnless(found.state !== 'draft', 'not_found');
  return found;
}

const shown = ({ state: _state, ...rest }: Season) => rest;

export const seasonRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/seasons',
    who: 'anyone',
    summary: 'The seasons there were, are and will be, newest first',
    query: paged(uuid),
    answers: page(summary),
    async answer({ house, query: { limit, cursor } }) {
      const rows = await house.store.seasons.list({ limit: limit + 1, before: cursor, drafts: false });
      const { items, nextCursor } = pageOf(rows, limit, ({ id }) => id);
      return { items: items.map(({ state: _state, ...rest }) => rest), nextCursor };
    },
  }),
  route({
    method: 'GET',
    path: '/api/seasons/:season',
    who: 'anyone',
    summary: 'A season: what counts in it, its ranks and their prizes. Refuses season_none, not_found',
    params: which,
    answers: season,
    answer: async ({ house, params }) => shown(await seasonOf(house, params.season)),
  }),
  route({
    method: 'GET',
    path: '/api/seasons/:season/standing',
    who: 'anyone',
    summary: 'Who stands where, from the top; of equal points those reached first stand higher. Refuses season_none, not_found',
    params: which,
    query: paged(placeCursor),
    answers: z.strictObject({
      seasonId: uuid,
      items: z.array(
        z.strictObject({
          place: z.int(),
          playerId: uuid,
          displayName: z.string(),
          points: digits,
          rankId: z.string().nullable(),
          reachedAt: instant,
        }),
      ),
      nextCursor: z.string().nullable(),
    }),
    async answer({ house, params, query: { limit, cursor } }) {
      const { id } = await seasonOf(house, params.season);
      const after = cursor ?? 0;
      const rows = await house.store.seasons.standing(id, { limit: limit + 1, after });
      return { seasonId: id, ...pageByPlace(rows, { most: limit, after }) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/seasons/:season/me',
    who: 'player',
    scope: 'read:seasons',
    summary:
      'How you stand: points, place, rank, what the next rank takes, and the prizes you had. Refuses season_none, not_found',
    params: which,
    answers: z.strictObject({
      seasonId: uuid,
      points: digits,
      place: z.int().nullable(),
      rankId: z.string().nullable(),
      next: z.strictObject({ rankId: z.string(), threshold: digits }).nullable(),
      prizes: z.array(z.strictObject({ rankId: z.string(), prizes, at: instant })),
    }),
    async answer({ house, visitor, params }) {
      const { id } = await seasonOf(house, params.season);
      const { prizes: given, ...standing } = await house.store.seasons.own(id, visitor.playerId);
      return { seasonId: id, ...standing, prizes: given.map(own) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/seasons/current/submissions',
    who: 'player',
    scope: 'submit:season',
    limit: 'money',
    idempotent: true,
    status: 201,
    summary:
      'Hand something in to the season that is on. Refuses season_none, season_closed, player_unverified, item_unknown, amount_invalid, limit_reached',
    body: z.strictObject({ itemId, quantity, evidence: evidence.refine(evidenceRight, 'An https link without a password') }),
    answers: submission,
    async answer({ house, visitor, body, key }) {
      const { answer, replayed } = await house.store.seasons.submitOnce({ playerId: visitor.playerId, ...body, key });
      return firstOrAgain(own(answer), replayed);
    },
  }),
  route({
    method: 'GET',
    path: '/api/seasons/:season/submissions',
    who: 'player',
    scope: 'read:seasons',
    summary: 'What you handed in to a season, newest first. Refuses season_none, not_found',
    params: which,
    query: paged(uuid),
    answers: page(submission),
    async answer({ house, visitor, params, query: { limit, cursor } }) {
      const { id } = await seasonOf(house, params.season);
      const wanted = { limit: limit + 1, before: cursor };
      const rows = await house.store.seasons.ownSubmissions(id, visitor.playerId, wanted);
      return pageOf(rows.map(own), limit, (row) => row.id);
    },
  }),
];
