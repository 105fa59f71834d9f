import { z } from 'zod';
import { balance, page, paged, pageOf } from './formats.ts';
import { transaction, withoutSeq } from './player.ts';
import { type Route, route } from './route.ts';

export const walletRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/wallet',
    who: 'player',
    scope: 'read:wallet',
    hot: true,
    summary: 'What you have, and what of it stakes hold',
    answers: z.strictObject({ balances: z.array(balance) }),
    answer: async ({ house, visitor }) => ({ balances: await house.store.ledger.wallet(visitor.playerId) }),
  }),
  route({
    method: 'GET',
    path: '/api/wallet/transactions',
    who: 'player',
    scope: 'read:wallet',
    summary: 'What moved in your wallet, newest first',
    query: paged(z.string().regex(/^\d{1,18}$/)),
    answers: page(transaction),
    async answer({ house, visitor, query: { limit, cursor } }) {
      const rows = await house.store.ledger.transactions(visitor.playerId, {
        limit: limit + 1,
        before: cursor === null ? null : BigInt(cursor),
      });
      const { items, nextCursor } = pageOf(rows, limit, ({ seq }) => String(seq));
      return { items: items.map(withoutSeq), nextCursor };
    },
  }),
];
