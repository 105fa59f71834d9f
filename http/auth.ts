import { z } from 'zod';
import { Refusal } from '../rules/refusal.ts';
import { signedIn, signedInPlayer, tokens } from './auth-formats.ts';
import { displayName, email, instant, page, paged, pageOf, password, uuid } from './formats.ts';
import { type Route, route } from './route.ts';
import { admitNewWay } from './session.ts';

const refreshToken = z.string().min(1).max(128);

export const authRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/auth/register',
    who: 'anyone',
    limit: 'auth',
    summary:
      'Make an account with 1,000 coins; where mail is sent, 900 of them wait for the verified address. Refuses email_taken, email_reserved, password_weak, password_too_long',
    body: z.strictObject({ email, password, displayName }),
    answers: signedIn,
    status: 201,
    answer: ({ house, body, agent }) => house.store.players.register({ ...body, device: agent }),
  }),
  route({
    method: 'POST',
    path: '/api/auth/login',
    who: 'anyone',
    limit: 'auth',
    summary: 'Sign in. Refuses credentials_wrong, account_locked (five wrong passwords), account_banned',
    body: z.strictObject({ email, password }),
    answers: signedIn,
    answer: ({ house, body, agent }) => house.store.players.login({ ...body, device: agent }),
  }),
  route({
    method: 'POST',
    path: '/api/auth/guest',
    who: 'anyone',
    limit: 'auth',
    summary: 'Play without an account, with 100 coins; /upgrade keeps everything',
    body: z.strictObject({}),
    answers: signedIn,
    status: 201,
    answer: ({ house, agent }) =>
      house.store.players.guest({ displayName: `Guest ${1_000 + house.random.below(9_000)}`, device: agent }),
  }),
  route({
    method: 'POST',
    path: '/api/auth/refresh',
    who: 'anyone',
    limit: 'auth',
    summary:
      'A new pair of tokens. A refresh token works once; used again it ends its session. Refuses token_invalid, token_expired',
    body: z.strictObject({ refreshToken }),
    answers: tokens,
    async answer({ house, body }) {
      const refreshed = await house.store.sessions.refresh(body.refreshToken);
      if ('tokens' in refreshed) return refreshed.tokens;
      house.log.warn('refresh_token_reused', { sessionId: refreshed.reused });
      await house.rooms.dismiss({ sessionId: refreshed.reused });
      throw new Refusal('token_invalid');
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/logout',
    who: 'player',
    limit: 'auth',
    summary: 'End this session and its sockets',
    body: z.strictObject({}),
    answers: null,
    async answer({ house, visitor: { playerId, sessionId } }) {
      await house.store.sessions.end({ playerId, sessionId });
      await house.rooms.dismiss({ sessionId });
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/upgrade',
    who: 'player',
    limit: 'auth',
    summary:
      'Give a guest, or whoever has signed in by another way only, an address and a password; a guest has 900 coins more by it. Refuses already_registered, email_taken, email_reserved, password_weak, password_too_long',
    body: z.strictObject({ email, password, displayName: displayName.optional() }),
    answers: z.strictObject({ player: signedInPlayer }),
    async answer({ house, visitor, body }) {
      await admitNewWay(visitor, house);
      const { playerId } = visitor;
      return { player: await house.store.players.upgrade({ ...body, playerId, displayName: body.displayName ?? null }) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/password',
    who: 'player',
    limit: 'auth',
    summary:
      'Change the password; ends the other sessions. Refuses credentials_wrong, account_locked, password_weak, password_too_long',
    body: z.strictObject({ currentPassword: password, newPassword: password }),
    answers: null,
    async answer({ house, visitor: { playerId, sessionId }, body }) {
      const { ended } = await house.store.players.changePassword({
        playerId,
        sessionId,
        current: body.currentPassword,
        next: body.newPassword,
      });
      for (const id of ended) await house.rooms.dismiss({ sessionId: id });
    },
  }),
  route({
    method: 'GET',
    path: '/api/auth/sessions',
    who: 'player',
    summary: 'The devices that are signed in, newest first',
    query: paged(uuid),
    answers: page(z.strictObject({ id: uuid, device: z.string(), createdAt: instant, usedAt: instant, current: z.boolean() })),
    async answer({ house, visitor: { playerId, sessionId }, query: { limit, cursor } }) {
      const sessions = await house.store.sessions.list(playerId, { limit: limit + 1, before: cursor });
      const { items, nextCursor } = pageOf(sessions, limit, ({ id }) => id);
      return { items: items.map((session) => ({ ...session, current: session.id === sessionId })), nextCursor };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/auth/sessions/:id',
    who: 'player',
    summary: 'Sign a device out and close its sockets. Refuses not_found for a session that is not one of yours',
    params: z.strictObject({ id: uuid }),
    answers: null,
    async answer({ house, visitor: { playerId }, params: { id } }) {
      await house.store.sessions.end({ playerId, sessionId: id });
      await house.rooms.dismiss({ sessionId: id });
    },
  }),
];
