// All that is kept about a player, for themselves.
import { z } from 'zod';
import type { House } from '../server/house.ts';
import { identity, wallet } from './auth-formats.ts';
import { balance, instant, recorded, uuid } from './formats.ts';
import { notice } from './notifications.ts';
import { allPayments, payment } from './payments.ts';
import { bet, profile, transaction, withoutSeq } from './player.ts';
import { type Route, route } from './route.ts';
import { realMoney, realMoneyCard } from './safety.ts';

const session = z.strictObject({ id: uuid, device: z.string(), createdAt: instant, usedAt: instant });

/** More than are kept. */
const NOTIFICATIONS_TOLD_MAX = 1_000;

export const exportRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/player/me/export',
    who: 'player',
    limit: 'auth',
    summary: 'All that is kept about you; of each list the newest 10,000',
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
      more: z.record(z.string(), z.array(recorded)).meta({ description: 'What you own, did and were given, by what it is' }),
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
        more: await house.store.exports.of(playerId),
      };
    },
  }),
];

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
