import { z } from 'zod';
import { checkPayment, maskedPhone, PAYMENT_STATES, phoneNumber } from '../rules/payments.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { House, Visitor } from '../server/house.ts';
import { instant, money, page, paged, pageOf, stake, uuid } from './formats.ts';
import { firstOrAgain, type Route, route } from './route.ts';

export const payment = z.strictObject({
  id: uuid,
  direction: z.enum(['deposit', 'withdrawal']),
  state: z.enum(PAYMENT_STATES),
  amount: money,
  phone: z.string().meta({ description: 'Partly hidden', example: '2547*****149' }),
  receipt: z.string().nullable(),
  reason: z.string().nullable().meta({ description: 'Why it is not paid, as a code', example: 'cancelled' }),
  createdAt: instant,
  updatedAt: instant,
});

type Found = Awaited<ReturnType<House['store']['payments']['one']>>;

export const shownPayment = ({ id, direction, state, amount, phone, receipt, reason, createdAt, changedAt }: Found) => ({
  id,
  direction,
  state,
  amount: { currency: 'KES' as const, amount },
  phone: maskedPhone(phone),
  receipt,
  reason,
  createdAt,
  updatedAt: changedAt,
});

const EXPORTED_MAX = 10_000;
const PAGE = 1_000;

/** All of a player's payments for themselves, with the phones they named. */
export async function allPayments(house: House, playerId: string) {
  const all = [];
  for (let before: string | null = null; all.length < EXPORTED_MAX;) {
    const rows: Found[] = await house.store.payments.list(playerId, { limit: PAGE, before });
    all.push(...rows.map((found) => ({ ...shownPayment(found), phone: found.phone })));
    if (rows.length < PAGE) break;
    before = rows.at(-1)!.id;
  }
  return all;
}

/** As it was when it was asked for: the same request gets the same answer, whatever has become of it since. */
const opened = (found: Found) =>
  shownPayment({ ...found, state: 'created', receipt: null, reason: null, changedAt: found.createdAt });

const wanted = z.strictObject({
  amount: stake.meta({ description: 'KES, whole shillings in minor units' }),
  phone: z.string().max(32).meta({ description: 'A Safaricom number, in any of its forms', example: '0712345678' }),
});

const asked: Route[] = [
  route({
    method: 'POST',
    path: '/api/payments/deposit',
    who: 'player',
    limit: 'money',
    idempotent: true,
    status: 202,
    summary:
      'Asks a phone to pay in by M-Pesa, 1 to 250,000 shillings. Refuses real_money_off, amount_invalid, phone_invalid, payment_open, limit_reached, self_excluded, unavailable',
    body: wanted,
    answers: payment,
    async answer({ house, visitor, body, key }) {
      const order = checkedOrder(house, visitor, 'deposit', body);
      refuseUnless(await house.store.realMoney.mayDeposit(visitor.playerId), 'real_money_off');
      const { payment: found, replayed } = await house.store.payments.deposit({ ...order, requestId: key });
      house.cashier.send(found.id);
      return firstOrAgain(opened(found), replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/payments/withdraw',
    who: 'player',
    limit: 'money',
    idempotent: true,
    status: 202,
    summary:
      'Pays out to a phone by M-Pesa, 10 to 250,000 shillings, held at once. Refuses real_money_off, amount_invalid, phone_invalid, funds_short, unavailable',
    body: wanted,
    answers: payment,
    async answer({ house, visitor, body, key }) {
      const order = checkedOrder(house, visitor, 'withdrawal', body);
      const { payment: found, replayed } = await house.store.payments.withdraw({ ...order, requestId: key });
      house.cashier.send(found.id);
      return firstOrAgain(opened(found), replayed);
    },
  }),
  route({
    method: 'GET',
    path: '/api/payments',
    who: 'player',
    summary: 'Your deposits and withdrawals, newest first',
    query: paged(uuid),
    answers: page(payment),
    async answer({ house, visitor, query: { limit, cursor } }) {
      const rows = await house.store.payments.list(visitor.playerId, { limit: limit + 1, before: cursor });
      const { items, nextCursor } = pageOf(rows, limit, ({ id }) => id);
      return { items: items.map(shownPayment), nextCursor };
    },
  }),
  route({
    method: 'GET',
    path: '/api/payments/:paymentId',
    who: 'player',
    summary: 'One of your payments. Refuses not_found, for those of others too',
    params: z.strictObject({ paymentId: uuid }),
    answers: payment,
    answer: async ({ house, visitor, params }) =>
      shownPayment(await house.store.payments.one(visitor.playerId, params.paymentId)),
  }),
];

function checkedOrder(
  house: House,
  { playerId, guest }: Visitor,
  direction: 'deposit' | 'withdrawal',
  { amount, phone }: z.output<typeof wanted>,
): { playerId: string; amount: bigint; phone: string } {
  refuseUnless(!guest, 'forbidden');
  checkPayment(direction, amount);
  refuseUnless(house.settings.realMoney, 'real_money_off');
  refuseUnless(house.providers.mpesa, 'unavailable');
  return { playerId, amount: amount.amount, phone: phoneNumber(phone) };
}

const accepted = z.strictObject({ ResultCode: z.literal(0), ResultDesc: z.literal('Accepted') });

/** Kept as it came, answered, and weighed after that: the provider waits for nobody and does not say it again. */
const callback = (path: string, door: 'stk' | 'b2c_result' | 'b2c_timeout', summary: string): Route =>
  route({
    method: 'POST',
    path: `/api/payments/callbacks/${path}/:token`,
    who: 'anyone',
    limit: 'callback',
    summary: `${summary}, from the provider. Refuses not_found for a token that is nobody's, forbidden from elsewhere`,
    params: z.strictObject({ token: z.string().regex(/^[\da-f]{64}$/) }),
    body: z.looseObject({}),
    answers: accepted,
    async answer({ house, params: { token }, address, text }) {
      const { mpesa } = house.providers;
      refuseUnless(mpesa, 'unavailable');
      const allowed = mpesa.allows(address);
      const received = await house.store.payments.receive({ door, token, body: text, address, allowed });
      if (!received || !allowed) {
        house.log.warn('payment_callback_refused', { door, paymentId: received?.paymentId ?? null, allowed });
        throw new Refusal(received ? 'forbidden' : 'not_found');
      }
      if (received.fresh) house.cashier.work(received.id);
      return { ResultCode: 0 as const, ResultDesc: 'Accepted' as const };
    },
  });

export const paymentRoutes: Route[] = [
  ...asked,
  callback('stk', 'stk', 'What became of a push'),
  callback('b2c-result', 'b2c_result', 'What became of a payout, or of a question about one'),
  callback('b2c-timeout', 'b2c_timeout', "A payout grew old in the provider's queue"),
];
