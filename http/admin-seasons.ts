// Seasons as operators plan and judge them. Every act is written in the audit log, in the change that it is.
import { z } from 'zod';
import { SUBMISSION_STATES } from '../rules/season.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { instant, limit, page, paged, pageOf, uuid } from './formats.ts';
import { type Route, route } from './route.ts';
import { pageByPlace, placeCursor, plan, prizes, season, submission, summary } from './season-formats.ts';

const byId = z.strictObject({ id: uuid });

async function detail(house: House, id: string) {
  const found = await house.store.seasons.one(id);
  if (!found) throw new Refusal('not_found');
  const { state: _state, ...shown } = found;
  return shown;
}

const plans: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/seasons',
    who: 'admin',
    right: 'seasons.read',
    summary: 'All seasons, drafts too, newest first',
    query: paged(uuid),
    answers: page(summary),
    async answer({ house, query: { limit: most, cursor } }) {
      const rows = await house.store.seasons.list({ limit: most + 1, before: cursor, drafts: true });
      const { items, nextCursor } = pageOf(rows, most, ({ id }) => id);
      return { items: items.map(({ state: _state, ...rest }) => rest), nextCursor };
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/seasons',
    who: 'admin',
    right: 'seasons.edit',
    limit: 'money',
    status: 201,
    summary: 'Plan a season: a draft that nobody sees until it is started',
    body: plan,
    bytesMax: 256 * 1_024,
    answers: season,
    answer: async ({ house, visitor, body }) => detail(house, await house.store.seasons.create(body, visitor.playerId)),
  }),
  route({
    method: 'GET',
    path: '/api/admin/seasons/:id',
    who: 'admin',
    right: 'seasons.read',
    summary: 'A season, drafts too. Refuses not_found',
    params: byId,
    answers: season,
    answer: ({ house, params }) => detail(house, params.id),
  }),
  route({
    method: 'PUT',
    path: '/api/admin/seasons/:id',
    who: 'admin',
    right: 'seasons.edit',
    limit: 'money',
    summary:
      'Change a plan: all of it before the season is on, then name, end and items alone. Refuses not_found, season_open for what stays, season_frozen',
    params: byId,
    body: plan,
    bytesMax: 256 * 1_024,
    answers: season,
    async answer({ house, visitor, params, body }) {
      await house.store.seasons.edit(params.id, body, visitor.playerId);
      return detail(house, params.id);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/admin/seasons/:id',
    who: 'admin',
    right: 'seasons.edit',
    limit: 'money',
    summary: 'Discard a season that was never on. Refuses not_found, season_open, season_frozen',
    params: byId,
    answers: null,
    answer: ({ house, visitor, params }) => house.store.seasons.discard(params.id, visitor.playerId),
  }),
  route({
    method: 'POST',
    path: '/api/admin/seasons/:id/start',
    who: 'admin',
    right: 'seasons.edit',
    limit: 'money',
    summary:
      'Start it, or have the clock start it where that is yet to come. Refuses not_found, season_open where another is on, season_closed past its end',
    params: byId,
    body: z.strictObject({}),
    answers: season,
    async answer({ house, visitor, params }) {
      await house.store.seasons.start(params.id, visitor.playerId);
      return detail(house, params.id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/seasons/:id/end',
    who: 'admin',
    right: 'seasons.edit',
    limit: 'money',
    summary:
      'End it for good: what waits for a review lapses, and nothing changes any more. Refuses not_found, season_closed, season_frozen',
    params: byId,
    body: z.strictObject({}),
    answers: season,
    async answer({ house, visitor, params }) {
      await house.store.seasons.end(params.id, visitor.playerId);
      return detail(house, params.id);
    },
  }),
];

const handed = z.strictObject({ ...submission.shape, playerId: uuid });

const reviews: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/seasons/:id/submissions',
    who: 'admin',
    right: 'seasons.read',
    summary: 'What was handed in, oldest first; `state=pending`: what waits for a review',
    params: byId,
    query: z.strictObject({
      limit,
      cursor: uuid.nullable().default(null),
      state: z.enum(SUBMISSION_STATES).nullable().default(null),
    }),
    answers: page(z.strictObject({ ...handed.shape, displayName: z.string() })),
    async answer({ house, params, query: { limit: most, cursor, state } }) {
      const rows = await house.store.seasons.submissions(params.id, { limit: most + 1, after: cursor, state });
      return pageOf(rows, most, ({ id }) => id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/submissions/:id/review',
    who: 'admin',
    right: 'seasons.review',
    limit: 'money',
    summary:
      'Approve or reject what was handed in, once; a rejection says why. Refuses not_found, submission_decided, season_frozen; forbidden for your own',
    params: byId,
    body: z
      .strictObject({
        verdict: z.enum(['approve', 'reject']),
        reason: z.string().trim().min(1).max(500).nullable().default(null),
      })
      .refine(({ verdict, reason }) => verdict === 'approve' || reason !== null, 'A rejection says why'),
    answers: handed,
    answer: ({ house, visitor, params, body }) =>
      house.store.seasons.review({ submissionId: params.id, ...body, actorId: visitor.playerId }),
  }),
  route({
    method: 'GET',
    path: '/api/admin/seasons/:id/prizes',
    who: 'admin',
    right: 'seasons.read',
    summary: 'Prizes that were given, in that order',
    params: byId,
    query: paged(placeCursor),
    answers: page(z.strictObject({ playerId: uuid, rankId: z.string(), prizes, at: instant })),
    async answer({ house, params, query: { limit: most, cursor } }) {
      refuseUnless(await house.store.seasons.one(params.id), 'not_found');
      const after = cursor ?? 0;
      return pageByPlace(await house.store.seasons.prizes(params.id, { limit: most + 1, after }), { most, after });
    },
  }),
];

export const adminSeasonRoutes: Route[] = [...plans, ...reviews];
