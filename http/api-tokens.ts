// Direct access for players' own programs: asked for, granted by an operator, collected once, and held to its scopes.
import { z } from 'zod';
import { SCOPE_WORDS, SCOPES, TOKEN_STATES } from '../rules/api-tokens.ts';
import type { House } from '../server/house.ts';
import { reason } from './admin-players.ts';
import { instant, limit, page, paged, pageOf, uuid } from './formats.ts';
import { Reply, type Route, route } from './route.ts';

type Kept = Awaited<ReturnType<House['store']['apiTokens']['list']>>[number];

const scope = z.enum(SCOPE_WORDS);
const scopes = z.array(scope).min(1).max(SCOPE_WORDS.length);
const byId = z.strictObject({ id: uuid });

const own = z.strictObject({
  id: uuid,
  purpose: z.string(),
  scopes: z.array(scope).meta({ description: 'As asked for; once granted, as granted' }),
  state: z.enum(TOKEN_STATES).meta({ description: 'granted waits to be collected, active is in use' }),
  reason: z.string().nullable().meta({ description: 'Why it was declined or revoked' }),
  hint: z.string().nullable().meta({ description: 'How the token begins' }),
  askedAt: instant,
  decidedAt: instant.nullable(),
  collectedAt: instant.nullable(),
  expiresAt: instant.nullable(),
  usedAt: instant.nullable().meta({ description: 'Its last use, within a minute' }),
  endedAt: instant.nullable(),
});
const anyones = own.extend({ playerId: uuid, displayName: z.string() });

const shown = ({ playerId: _playerId, displayName: _displayName, ...token }: Kept) => token;

const players: Route[] = [
  route({
    method: 'GET',
    path: '/api/player/api-tokens',
    who: 'player',
    summary: 'Your API tokens, newest first, those that are over too',
    query: paged(uuid),
    answers: page(own),
    async answer({ house, visitor, query: { limit: most, cursor } }) {
      const query = { limit: most + 1, before: cursor, playerId: visitor.playerId, state: null };
      const { items, nextCursor } = pageOf(await house.store.apiTokens.list(query), most, ({ id }) => id);
      return { items: items.map(shown), nextCursor };
    },
  }),
  route({
    method: 'GET',
    path: '/api/player/api-tokens/scopes',
    who: 'player',
    summary: 'What a token may be asked for',
    answers: z.strictObject({ items: z.array(z.strictObject({ scope, what: z.string() })) }),
    answer: async () => ({ items: SCOPE_WORDS.map((word) => ({ scope: word, what: SCOPES[word] })) }),
  }),
  route({
    method: 'POST',
    path: '/api/player/api-tokens',
    who: 'player',
    limit: 'auth',
    status: 201,
    summary: 'Ask for a token, with what it is for. Refuses player_unverified, limit_reached past five at once',
    body: z.strictObject({ purpose: z.string().trim().min(10).max(1_000), scopes }),
    answers: own,
    answer: async ({ house, visitor, body }) => shown(await house.store.apiTokens.ask({ playerId: visitor.playerId, ...body })),
  }),
  route({
    method: 'POST',
    path: '/api/player/api-tokens/:id/collect',
    who: 'player',
    limit: 'auth',
    summary: 'The token that was granted, shown this once. Refuses not_found, proposal_decided where there is none to collect',
    params: byId,
    body: z.strictObject({}),
    answers: own.extend({ token: z.string() }),
    async answer({ house, visitor, params }) {
      const { token, ...rest } = await house.store.apiTokens.collect({ tokenId: params.id, playerId: visitor.playerId });
      return new Reply({ ...shown(rest), token }, { 'Cache-Control': 'no-store' });
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/player/api-tokens/:id',
    who: 'player',
    limit: 'auth',
    summary: 'Revoke a token, or take a request back. Refuses not_found, proposal_decided for one that is over',
    params: byId,
    answers: null,
    async answer({ house, visitor, params }) {
      await house.store.apiTokens.revoke({ tokenId: params.id, playerId: visitor.playerId, actorId: null, reason: null });
    },
  }),
];

const operators: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/api-tokens',
    who: 'admin',
    right: 'tokens.read',
    summary: 'API tokens of all players, newest first, by state and player; asked ones wait for a person',
    query: z.strictObject({
      limit,
      cursor: uuid.nullable().default(null),
      playerId: uuid.nullable().default(null),
      state: z.enum(TOKEN_STATES).nullable().default(null),
    }),
    answers: page(anyones),
    async answer({ house, query: { limit: most, cursor, playerId, state } }) {
      return pageOf(await house.store.apiTokens.list({ limit: most + 1, before: cursor, playerId, state }), most, ({ id }) => id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/api-tokens/:id/grant',
    who: 'admin',
    right: 'tokens.decide',
    limit: 'money',
    summary:
      'Grant what was asked for, or some of it, for 30 days. Refuses not_found, proposal_decided, own_proposal, malformed for what was not asked',
    params: byId,
    body: z.strictObject({ scopes: scopes.nullable().default(null) }),
    answers: anyones,
    answer: ({ house, visitor, params, body }) =>
      house.store.apiTokens.grant({ tokenId: params.id, actorId: visitor.playerId, scopes: body.scopes }),
  }),
  route({
    method: 'POST',
    path: '/api/admin/api-tokens/:id/decline',
    who: 'admin',
    right: 'tokens.decide',
    limit: 'money',
    summary: 'Decline a request; the player reads why. Refuses not_found, proposal_decided',
    params: byId,
    body: z.strictObject({ reason }),
    answers: anyones,
    answer: ({ house, visitor, params, body }) =>
      house.store.apiTokens.decline({ tokenId: params.id, actorId: visitor.playerId, reason: body.reason }),
  }),
  route({
    method: 'POST',
    path: '/api/admin/api-tokens/:id/revoke',
    who: 'admin',
    right: 'tokens.decide',
    limit: 'money',
    summary:
      'Revoke a token, here at once, on other processes within 5 s; the player reads why. Refuses not_found, proposal_decided',
    params: byId,
    body: z.strictObject({ reason }),
    answers: anyones,
    answer: ({ house, visitor, params, body }) =>
      house.store.apiTokens.revoke({ tokenId: params.id, playerId: null, actorId: visitor.playerId, reason: body.reason }),
  }),
];

export const apiTokenRoutes: Route[] = [...players, ...operators];
