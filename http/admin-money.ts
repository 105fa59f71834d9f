// Money that waits for a person: payments to be looked at, and corrections, which above a limit take two operators.
import { z } from 'zod';
import { CURRENCY_CODES } from '../rules/currency.ts';
import { PAYMENT_STATES } from '../rules/payments.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { reason } from './admin-players.ts';
import { amount, currency, digits, instant, limit, page, pageOf, uuid } from './formats.ts';
import { payment, shownPayment } from './payments.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const byId = z.strictObject({ id: uuid });
const listed = { limit, cursor: uuid.nullable().default(null), playerId: uuid.nullable().default(null) };
const owned = payment.extend({ playerId: uuid });

const payments: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/payments',
    who: 'admin',
    right: 'payments.read',
    summary: 'Payments of all players, newest first, by state and player; needs_review waits for a person',
    query: z.strictObject({ ...listed, state: z.enum(PAYMENT_STATES).nullable().default(null) }),
    answers: page(owned),
    async answer({ house, query: { limit: most, cursor, state, playerId } }) {
      const rows = await house.store.payments.all({ limit: most + 1, before: cursor, state, playerId, id: null });
      const { items, nextCursor } = pageOf(rows, most, ({ id }) => id);
      return { items: items.map((row) => ({ ...shownPayment(row), playerId: row.playerId })), nextCursor };
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/payments/:id/confirm',
    who: 'admin',
    right: 'payments.review',
    limit: 'money',
    summary:
      "It was paid, by the provider's statement: the receipt says so, once for ever. Refuses not_found, own_proposal for your own, proposal_decided where its state or the receipt does not allow it",
    params: byId,
    body: z.strictObject({ receipt: z.string().regex(/^[A-Z0-9]{8,12}$/) }),
    answers: owned,
    answer: ({ house, visitor, params, body }) =>
      decided(house, { id: params.id, actorId: visitor.playerId }, () =>
        house.store.payments.confirm(params.id, body.receipt, operator(visitor.playerId)),
      ),
  }),
  route({
    method: 'POST',
    path: '/api/admin/payments/:id/close',
    who: 'admin',
    right: 'payments.review',
    limit: 'money',
    summary:
      "It will not happen; a withdrawal's money goes back to the player. Refuses not_found, own_proposal for your own, proposal_decided where its state does not allow it",
    params: byId,
    body: z.strictObject({}),
    answers: owned,
    answer: ({ house, visitor, params }) =>
      decided(house, { id: params.id, actorId: visitor.playerId }, () =>
        house.store.payments.close(params.id, operator(visitor.playerId)),
      ),
  }),
];

const operator = (actorId: string) => ({ actorId, terminal: null });

async function decided(
  { store }: House,
  { id, actorId }: { id: string; actorId: string },
  decide: () => ReturnType<House['store']['payments']['close']>,
) {
  const [known] = await store.payments.all({ limit: 1, before: null, state: null, playerId: null, id });
  refuseUnless(known, 'not_found');
  refuseUnless(known.playerId !== actorId, 'own_proposal');
  const judged = await decide();
  refuseUnless(judged, 'proposal_decided');
  await store.realMoney.review(known.playerId);
  return { ...shownPayment(judged.payment), playerId: known.playerId };
}

const correction = z.strictObject({
  id: uuid,
  playerId: uuid,
  displayName: z.string(),
  currency,
  direction: z.enum(['to_player', 'from_player']),
  amount: digits,
  reason: z.string(),
  state: z.enum(['proposed', 'posted', 'declined', 'expired']),
  proposerId: uuid,
  proposer: z.string(),
  alone: z.boolean().meta({ description: 'It was within what the proposer may move alone' }),
  proposedAt: instant,
  expiresAt: instant,
  deciderId: uuid.nullable(),
  decider: z.string().nullable(),
  decidedAt: instant.nullable(),
});

const corrections: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/corrections',
    who: 'admin',
    right: 'corrections.read',
    summary: 'Corrections, newest first, by state and player; proposed ones wait for another operator',
    query: z.strictObject({
      ...listed,
      state: z.enum(['proposed', 'posted', 'declined', 'expired']).nullable().default(null),
    }),
    answers: page(correction),
    async answer({ house, query: { limit: most, cursor, state, playerId } }) {
      return pageOf(
        await house.store.corrections.list({ limit: most + 1, before: cursor, state, playerId }),
        most,
        ({ id }) => id,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/api/admin/corrections/:id',
    who: 'admin',
    right: 'corrections.read',
    summary: 'One correction. Refuses not_found',
    params: byId,
    answers: correction,
    answer: ({ house, params }) => house.store.corrections.one(params.id),
  }),
  route({
    method: 'POST',
    path: '/api/admin/corrections',
    who: 'admin',
    right: 'corrections.write',
    limit: 'money',
    idempotent: true,
    status: 201,
    summary:
      'Correct a balance: at once within what you may move alone in 24 hours (live config), else another operator consents within 72 hours. Refuses not_found, own_proposal, amount_invalid, funds_short',
    body: z.strictObject({
      playerId: uuid,
      currency: z.enum(CURRENCY_CODES),
      direction: z.enum(['to_player', 'from_player']),
      amount,
      reason,
    }),
    answers: correction,
    async answer({ house, visitor, body, key }) {
      refuseUnless(body.amount > 0n, 'amount_invalid');
      const told = await house.store.corrections.propose({ ...body, actorId: visitor.playerId, key });
      return firstOrAgain(told.answer, told.replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/corrections/:id/consent',
    who: 'admin',
    right: 'corrections.write',
    limit: 'money',
    idempotent: true,
    summary:
      'Consent to what another operator proposed: it moves. Refuses not_found, own_proposal, proposal_decided, funds_short',
    params: byId,
    body: z.strictObject({}),
    answers: correction,
    async answer({ house, visitor, params, key }) {
      const told = await house.store.corrections.consent({ correctionId: params.id, actorId: visitor.playerId, key });
      return firstOrAgain(told.answer, told.replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/corrections/:id/decline',
    who: 'admin',
    right: 'corrections.write',
    limit: 'money',
    summary: 'Decline a proposal, or take your own back. Refuses not_found, proposal_decided',
    params: byId,
    body: z.strictObject({}),
    answers: correction,
    answer: ({ house, visitor, params }) =>
      house.store.corrections.decline({ correctionId: params.id, actorId: visitor.playerId }),
  }),
];

export const adminMoneyRoutes: Route[] = [...payments, ...corrections];
