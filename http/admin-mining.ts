import { z } from 'zod';
import { digits, instant, page, paged, pageOf, recorded } from './formats.ts';
import { type Route, route } from './route.ts';

const id = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);

export const adminMiningRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/mining',
    who: 'admin',
    right: 'mining.read',
    summary: 'Payouts by state, what was credited and is owed, and how far the chain was read',
    answers: z.strictObject({
      payouts: z.array(z.strictObject({ state: z.string(), count: digits, units: digits })),
      inReview: digits,
      wallets: digits,
      ap: digits,
      debt: digits,
      chainHeight: z.int().nullable().meta({ description: 'null: none was read yet' }),
      on: z.boolean(),
      confirms: z.boolean().meta({ description: 'Whether there is a chain that bears payouts out' }),
    }),
    async answer({ house }) {
      const { payouts, ...figures } = await house.store.mining.figures();
      const { mining } = house.providers;
      return {
        ...figures,
        payouts: Object.entries(payouts).map(([state, sums]) => ({ state, ...sums })),
        chainHeight: await house.store.mining.chainHeight(),
        on: mining !== null,
        confirms: mining?.confirms ?? false,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/admin/mining/review',
    who: 'admin',
    right: 'mining.read',
    summary: 'Payouts a person should look at, oldest first, with the other word there is about each',
    query: paged(id),
    answers: page(
      z.strictObject({
        id: digits,
        pool: z.string(),
        key: z.string(),
        address: z.string(),
        amount: digits,
        txid: z.string().nullable(),
        vout: z.int().nullable(),
        source: z.enum(['signed', 'polled', 'chain']),
        state: z.enum(['waiting', 'due', 'credited', 'refused']),
        review: z.string().nullable().meta({ description: 'told_otherwise, not_on_chain, amount_differs, not_paid_there' }),
        said: recorded.nullable(),
        height: z.int().nullable(),
        paidAt: instant.nullable(),
        toldAt: instant,
      }),
    ),
    async answer({ house, query: { limit, cursor } }) {
      const rows = await house.store.mining.inReview({ limit: limit + 1, after: cursor });
      return pageOf(rows, limit, (row) => String(row.id));
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/mining/review/:payoutId',
    who: 'admin',
    right: 'mining.review',
    limit: 'money',
    summary:
      'Take a payout as it was told first, or refuse it: what it brought goes back. Written in the audit log. Refuses not_found for one that is not in review, forbidden for one to your own wallet',
    params: z.strictObject({ payoutId: id }),
    body: z.strictObject({ verdict: z.enum(['accept', 'refuse']), reason: z.string().trim().min(1).max(500) }),
    answers: null,
    async answer({ house, visitor, params: { payoutId }, body: { verdict, reason } }) {
      await house.store.mining.decide({ payoutId, verdict, reason, actorId: visitor.playerId });
    },
  }),
];
