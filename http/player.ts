import { z } from 'zod';
import type { House } from '../server/house.ts';
import { identity, wallet } from './auth-formats.ts';
import { balance, currency, digits, displayName, instant, recorded, uuid } from './formats.ts';
import { notice } from './notifications.ts';
import { allPayments, payment } from './payments.ts';
import { type Route, route } from './route.ts';
import { realMoney, realMoneyCard } from './safety.ts';

const profile = z.strictObject({
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

/** More than are kept. */
const NOTIFICATIONS_TOLD_MAX = 1_000;

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

const session = z.strictObject({ id: uuid, device: z.string(), createdAt: instant, usedAt: instant });

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
      'Delete your account: name, address and sessions go, the ledger stays under the bare id. Refuses forbidden for the root admin',
    answers: null,
    async answer({ house, visitor: { playerId } }) {
      await house.store.players.erase(playerId);
      await house.rooms.dismiss({ playerId });
    },
  }),
  route({
    method: 'GET',
    path: '/api/player/me/export',
    who: 'player',
    limit: 'auth',
    summary: 'All that is kept about you; of transactions, bets and payments the newest 10,000 each',
    answers: z.strictObject({
      profile,
      sessions: z.array(session),
      balances: z.array(balance),
      transactions: z.array(transaction),
      bets: z.array(bet),
      payments: z.array(payment),
      realMoney,
      wallets: z.array(wallet),
      identities: z.array(identity),
      notifications: z.array(notice),
    }),
    headers: { 'Content-Disposition': 'attachment; filename="playhouse-export.json"' },
    async answer({ house, visitor: { playerId } }) {
      return {
        profile: await house.store.players.profile(playerId),
        sessions: await house.store.sessions.list(playerId),
        balances: await house.store.ledger.wallet(playerId),
        transactions: await allTransactions(house, playerId),
        bets: await allBets(house, playerId),
        payments: await allPayments(house, playerId),
        realMoney: await realMoneyCard(house, playerId),
        ...(await waysOf(house, playerId)),
        notifications: (await house.store.notifications.inbox(playerId, { limit: NOTIFICATIONS_TOLD_MAX, before: null })).items,
      };
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

async function waysOf({ store }: House, playerId: string) {
  const wallets = (await store.wallets.list(playerId)).map(({ playerId: _playerId, ...rest }) => rest);
  const identities = (await store.identities.list(playerId)).map(({ provider, name, linkedAt }) => ({
    provider,
    name,
    linkedAt,
  }));
  return { wallets, identities };
}

const EXPORTED_MAX = 10_000;
const PAGE = 1_000;

async function allTransactions(house: House, playerId: string) {
  const all = [];
  for (let before: bigint | null = null; all.length < EXPORTED_MAX;) {
    const rows: Awaited<ReturnType<House['store']['ledger']['transactions']>> = await house.store.ledger.transactions(playerId, {
      limit: PAGE,
      before,
    });
    all.push(...rows.map(withoutSeq));
    if (rows.length < PAGE) break;
    before = rows.at(-1)!.seq;
  }
  return all;
}

async function allBets(house: House, playerId: string) {
  const all = [];
  for (let before: string | null = null; all.length < EXPORTED_MAX;) {
    const rows: Awaited<ReturnType<House['store']['history']['bets']>> = await house.store.history.bets(playerId, {
      limit: PAGE,
      before,
      game: null,
    });
    all.push(...rows);
    if (rows.length < PAGE) break;
    before = rows.at(-1)!.id;
  }
  return all;
}
