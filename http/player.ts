import { z } from 'zod';
import { currency, digits, displayName, instant, recorded, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

export const profile = z.strictObject({
  id: uuid,
  displayName: z.string(),
  email: z.string().nullable(),
  guest: z.boolean(),
  roles: z.array(z.string()),
  level: z.int(),
  xp: z.string(),
  statPoints: z.int(),
  attack: z.int(),
  defence: z.int(),
  health: z.int(),
  stamina: z
    .strictObject({ points: z.int(), max: z.int(), since: instant })
    .meta({ description: 'A tenth of max is added each 10 s after since' }),
  timeZone: z.string(),
  createdAt: instant,
  verifiedAt: instant.nullable().meta({ description: 'When the address was verified' }),
});

const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z_]+(\/[\w+-]+)*$/)
  .refine(isTimeZone, 'A time zone by its IANA name')
  .meta({ example: 'Africa/Nairobi' });

export const transaction = z.strictObject({
  id: uuid,
  at: instant,
  reason: z.string(),
  op: z.enum(['move', 'hold', 'post', 'void']),
  currency,
  amount: digits,
  available: digits,
});

export const bet = z.strictObject({
  id: uuid,
  roundId: uuid,
  game: z.string(),
  kind: z.string(),
  currency,
  amount: digits,
  paid: digits.nullable(),
  state: z.enum(['open', 'settled', 'void']),
  reason: z.string().nullable(),
  outcome: recorded.nullable(),
  at: instant,
});

/** The ledger's own order stays inside. */
export const withoutSeq = <Row extends { seq: bigint }>({ seq: _seq, ...row }: Row): Omit<Row, 'seq'> => row;

export const playerRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/player/me',
    who: 'player',
    scope: 'read:profile',
    hot: true,
    summary: 'Your profile; stamina as it stands now',
    answers: profile,
    answer: ({ house, visitor }) => house.store.players.profile(visitor.playerId),
  }),
  route({
    method: 'PATCH',
    path: '/api/player/me',
    who: 'player',
    limit: 'money',
    summary: 'Change your name or time zone',
    body: z.strictObject({ displayName: displayName.optional(), timeZone: timeZone.optional() }),
    answers: profile,
    answer: ({ house, visitor, body }) =>
      house.store.players.edit(visitor.playerId, { displayName: body.displayName ?? null, timeZone: body.timeZone ?? null }),
  }),
  route({
    method: 'DELETE',
    path: '/api/player/me',
    who: 'player',
    limit: 'auth',
    summary:
      'Delete your account: name, address, sessions and all you own go, the ledger stays under the bare id. Refuses forbidden for a root',
    answers: null,
    async answer({ house, visitor: { playerId } }) {
      await house.store.players.erase(playerId);
      house.store.apiTokens.forgetPlayer(playerId);
      await house.rooms.dismiss({ playerId });
    },
  }),
  route({
    method: 'GET',
    path: '/api/players/:id',
    who: 'player',
    scope: 'read:profile',
    summary: 'What anyone may know of a player. Refuses not_found',
    params: z.strictObject({ id: uuid }),
    answers: z.strictObject({ id: uuid, displayName: z.string(), guest: z.boolean(), level: z.int(), createdAt: instant }),
    answer: ({ house, params }) => house.store.players.publicProfile(params.id),
  }),
];

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
