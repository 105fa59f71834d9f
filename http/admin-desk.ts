// What an operator looks at first: what waits for a person, the newest rounds, and what a provider said about a payment.
import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { instant, limit, page, pageOf, uuid } from './formats.ts';
import { payment, shownPayment } from './payments.ts';
import { type Route, route } from './route.ts';

const count = z.int();

export const adminDeskRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/waiting',
    who: 'admin',
    right: 'desk',
    summary: 'How much waits for a person’s decision, by what it is',
    answers: z.strictObject({
      payments: count,
      corrections: count,
      submissions: count,
      mining: count,
      tokens: count,
      discord: count.meta({ description: 'Roles that Discord refuses to give' }),
    }),
    answer: ({ house }) => house.store.desk.waiting(),
  }),
  route({
    method: 'GET',
    path: '/api/admin/rounds',
    who: 'admin',
    right: 'rooms.read',
    summary: 'Rounds of every game, newest first; who plays in them is not told',
    query: z.strictObject({
      limit,
      cursor: uuid.nullable().default(null),
      game: z
        .string()
        .regex(/^[\w-]{1,32}$/)
        .nullable()
        .default(null),
    }),
    answers: page(
      z.strictObject({
        id: uuid,
        game: z.string(),
        state: z.enum(['open', 'started', 'settled', 'void']),
        voidReason: z.string().nullable(),
        rulesVersion: z.int(),
        stakes: z.int(),
        openedAt: instant,
        endedAt: instant.nullable(),
      }),
    ),
    async answer({ house, query: { limit: most, cursor, game } }) {
      return pageOf(await house.store.desk.rounds({ limit: most + 1, before: cursor, game }), most, ({ id }) => id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/admin/payments/:id',
    who: 'admin',
    right: 'payments.read',
    summary: 'One payment, with what its provider said of it, in short. Refuses not_found',
    params: z.strictObject({ id: uuid }),
    answers: z.strictObject({
      payment: payment.extend({ playerId: uuid }),
      words: z.array(
        z.strictObject({
          id: uuid,
          kind: z.string(),
          code: z.string().nullable(),
          words: z.string().nullable(),
          receipt: z.string().nullable(),
          verdict: z.string().nullable().meta({ description: 'null: still to be weighed' }),
          times: z.int().meta({ description: 'How often the very same came' }),
          receivedAt: instant,
        }),
      ),
    }),
    async answer({ house, params: { id } }) {
      const [found] = await house.store.payments.all({ limit: 1, before: null, state: null, playerId: null, id });
      refuseUnless(found, 'not_found');
      return {
        payment: { ...shownPayment(found), playerId: found.playerId },
        words: await house.store.desk.providerWords(id),
      };
    },
  }),
];
