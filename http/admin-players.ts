// Players as operators find, read and judge them. What is done to one is in the audit log, in the change that it is.
import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { mayDo } from '../rules/roles.ts';
import type { House } from '../server/house.ts';
import { identity, wallet } from './auth-formats.ts';
import { balance, email, instant, limit, page, paged, pageOf, uuid } from './formats.ts';
import { payment, shownPayment } from './payments.ts';
import { transaction, withoutSeq } from './player.ts';
import { type Route, route } from './route.ts';

const byId = z.strictObject({ id: uuid });
/** Written by one person for another. */
export const reason = z.string().trim().min(1).max(500).meta({ description: 'Why, in words, 1 to 500 characters' });

const found = z.strictObject({
  id: uuid,
  displayName: z.string(),
  email: z.string().nullable(),
  guest: z.boolean(),
  roles: z.array(z.string()),
  level: z.int(),
  createdAt: instant,
  verifiedAt: instant.nullable().meta({ description: 'When the address was verified' }),
  vouchedAt: instant.nullable().meta({ description: 'When an operator verified the player' }),
  bannedAt: instant.nullable(),
});

const note = z.strictObject({
  id: uuid,
  kind: z.enum(['note', 'ban', 'unban', 'verify']),
  text: z.string(),
  at: instant,
  author: z.strictObject({ playerId: uuid, displayName: z.string() }).nullable().meta({ description: 'null: at the terminal' }),
});

const RECENT = 20;

const reading: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/players',
    who: 'admin',
    right: 'players.read',
    summary:
      'Players by the beginning of a name, by an address, an id or a wallet; all of them by name without any. Refuses wallet_invalid',
    query: z.strictObject({
      limit,
      cursor: uuid.nullable().default(null),
      name: z.string().min(1).max(32).nullable().default(null),
      email: email.nullable().default(null),
      id: uuid.nullable().default(null),
      wallet: z.string().min(1).max(100).nullable().default(null),
    }),
    answers: page(found),
    async answer({ house, query: { limit: most, cursor, wallet: address, ...search } }) {
      const form = address === null ? null : house.providers.wallets.canonicalAnywhere(address);
      refuseUnless(address === null || form !== null, 'wallet_invalid');
      const rows = await house.store.players.find({ ...search, wallet: form, limit: most + 1, after: cursor });
      return pageOf(rows, most, ({ id }) => id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/admin/players/:id',
    who: 'admin',
    right: 'players.read',
    summary: `One player's card; of sessions, notes, bans, transactions and payments the newest ${RECENT}. Payments only for who may read them. Refuses not_found`,
    params: byId,
    answers: z.strictObject({
      player: found,
      xp: z.string(),
      timeZone: z.string(),
      balances: z.array(balance),
      wallets: z.array(wallet),
      identities: z.array(identity),
      sessions: z.array(z.strictObject({ id: uuid, device: z.string(), createdAt: instant, usedAt: instant })),
      notes: z.array(note),
      bans: z.array(note),
      transactions: z.array(transaction),
      payments: z.array(payment).nullable().meta({ description: 'null: not for this operator' }),
    }),
    answer: ({ house, visitor, params }) => cardOf(house, params.id, mayDo(visitor.roles, 'payments.read')),
  }),
  route({
    method: 'GET',
    path: '/api/admin/players/:id/notes',
    who: 'admin',
    right: 'players.read',
    summary: 'All that operators wrote about a player, bans and their reasons too, newest first',
    params: byId,
    query: paged(uuid),
    answers: page(note),
    async answer({ house, params, query: { limit: most, cursor } }) {
      return pageOf(await house.store.players.notes(params.id, { limit: most + 1, before: cursor }), most, ({ id }) => id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/admin/players/:id/transactions',
    who: 'admin',
    right: 'players.read',
    summary: 'What moved on a player’s accounts, newest first',
    params: byId,
    query: paged(
      z
        .string()
        .regex(/^\d{1,18}$/)
        .transform(BigInt),
    ),
    answers: page(transaction),
    async answer({ house, params, query: { limit: most, cursor } }) {
      const rows = await house.store.ledger.transactions(params.id, { limit: most + 1, before: cursor });
      const { items, nextCursor } = pageOf(rows, most, ({ seq }) => String(seq));
      return { items: items.map(withoutSeq), nextCursor };
    },
  }),
];

const judging: Route[] = [
  route({
    method: 'POST',
    path: '/api/admin/players/:id/notes',
    who: 'admin',
    right: 'players.note',
    limit: 'money',
    status: 201,
    summary: 'Write a note; it can be neither changed nor taken away. Refuses not_found',
    params: byId,
    body: z.strictObject({ text: z.string().trim().min(1).max(2_000) }),
    answers: z.strictObject({ id: uuid }),
    answer: async ({ house, visitor, params, body }) => ({
      id: await house.store.players.note({ playerId: params.id, text: body.text, actorId: visitor.playerId }),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/admin/players/:id/ban',
    who: 'admin',
    right: 'players.ban',
    limit: 'money',
    summary:
      'Ban a player: sessions, sockets and API tokens end at once. Refuses not_found; forbidden for yourself, a root, and an operator unless you are root',
    params: byId,
    body: z.strictObject({ reason }),
    answers: null,
    async answer({ house, visitor, params: { id: playerId }, body }) {
      await house.store.players.ban(playerId, { actorId: visitor.playerId, reason: body.reason });
      house.store.apiTokens.forgetPlayer(playerId);
      await house.rooms.dismiss({ playerId });
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/players/:id/unban',
    who: 'admin',
    right: 'players.ban',
    limit: 'money',
    summary: 'Let a banned player in again. Refuses as a ban does',
    params: byId,
    body: z.strictObject({ reason }),
    answers: null,
    answer: ({ house, visitor, params, body }) =>
      house.store.players.unban(params.id, { actorId: visitor.playerId, reason: body.reason }),
  }),
  route({
    method: 'POST',
    path: '/api/admin/players/:id/verify',
    who: 'admin',
    right: 'players.verify',
    limit: 'money',
    summary:
      'Say that you know who this is: they may take part in seasons and ask for API tokens. Refuses not_found, player_unverified for a guest, forbidden for yourself',
    params: byId,
    body: z.strictObject({ reason: reason.nullable().default(null) }),
    answers: null,
    answer: ({ house, visitor, params, body }) =>
      house.store.players.verify(params.id, { actorId: visitor.playerId, reason: body.reason }),
  }),
];

async function cardOf({ store }: House, playerId: string, payments: boolean) {
  const player = await store.players.found(playerId);
  const { xp, timeZone } = await store.players.profile(playerId);
  const recent = { limit: RECENT, before: null };
  return {
    player,
    xp,
    timeZone,
    balances: await store.ledger.wallet(playerId),
    wallets: (await store.wallets.list(playerId)).map(({ playerId: _playerId, ...rest }) => rest),
    identities: (await store.identities.list(playerId)).map(({ provider, name, linkedAt }) => ({ provider, name, linkedAt })),
    sessions: await store.sessions.list(playerId, recent),
    notes: await store.players.notes(playerId, recent),
    bans: await store.players.notes(playerId, { ...recent, kinds: ['ban', 'unban'] }),
    transactions: (await store.ledger.transactions(playerId, recent)).map(withoutSeq),
    payments: payments ? (await store.payments.list(playerId, recent)).map(shownPayment) : null,
  };
}

export const adminPlayerRoutes: Route[] = [...reading, ...judging];
