// Carries payments from the door to the provider and its words back to the ledger. It keeps nothing itself: every step
// starts from a row and ends in one, so whatever is lost with the process is found by the next round, on any process.
import type { Callback, Word } from '../persistence/payments-callbacks.ts';
import type { OutgoingPayment } from '../persistence/payments.ts';
import type { Judged } from '../persistence/payments-rows.ts';
import type { Store } from '../persistence/store.ts';
import type { Mpesa } from '../providers/mpesa.ts';
import { readPayoutResult, readPayoutStatus, readPushCallback } from '../providers/mpesa-wire.ts';
import type { PushCallback } from '../rules/payments.ts';
import type { Cashier, Log } from './house.ts';
import { Lane } from './lane.ts';

export interface CashierParts {
  store: Store;
  /** null: switched off. What was sent before is still weighed when its word comes. */
  mpesa: Mpesa | null;
  /** Where the provider reaches us, without a trailing slash. */
  callbackUrl: string;
  log: Log;
}

export interface HouseCashier extends Cashier {
  /** One round of the schedule: callbacks left unweighed, then payments that are due. Returns how many of each. */
  round(): Promise<{ callbacks: number; payments: number }>;
  /** Resolves when all that was begun has ended. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const ABREAST = 6;
const WAITING_MAX = 10_000;
const CALLBACKS_A_ROUND = 200;
const PAYMENTS_A_ROUND = 50;

export function openCashier(parts: CashierParts): HouseCashier {
  const failed = (error: unknown) => parts.log.error('payment_step_failed', { error });
  const sending = new Lane({ abreast: ABREAST, waitingMax: WAITING_MAX, failed });
  const weighing = new Lane({ abreast: ABREAST, waitingMax: WAITING_MAX, failed });
  const { payments } = parts.store;

  return {
    send: (paymentId) => void sending.add(() => send(parts, paymentId)),
    work: (callbackId) =>
      void weighing.add(async () => {
        const callback = await payments.callback(callbackId);
        if (callback) await weigh(parts, callback);
      }),

    async round() {
      const callbacks = await payments.leftOver(CALLBACKS_A_ROUND);
      for (const callback of callbacks) weighing.add(() => weigh(parts, callback));
      await weighing.idle();
      const due = parts.mpesa === null ? [] : await payments.due(PAYMENTS_A_ROUND);
      for (const payment of due) sending.add(() => follow(parts, payment));
      await sending.idle();
      return { callbacks: callbacks.length, payments: due.length };
    },

    async idle() {
      await sending.idle();
      await weighing.idle();
    },
    async close() {
      await Promise.all([sending.close(), weighing.close()]);
    },
  };
}

/** Whoever gets the claim sends. What the answer says is kept before the callbacks that overtook it are weighed. */
async function send(parts: CashierParts, paymentId: string): Promise<boolean> {
  const { store, mpesa, log } = parts;
  if (mpesa === null) return false;
  const payment = await store.payments.claim(paymentId);
  if (payment === null) return false;
  const answered = payment.direction === 'deposit' ? await push(parts, mpesa, payment) : await pay(parts, mpesa, payment);
  log.info('payment_sent', {
    paymentId,
    direction: payment.direction,
    answer: answered.kind,
    ...('code' in answered && { code: answered.code }),
  });
  for (const callback of await store.payments.waiting(paymentId)) await weigh(parts, callback);
  return true;
}

async function push(
  { store, callbackUrl }: CashierParts,
  mpesa: Mpesa,
  { id, phone, amount, reference, token }: OutgoingPayment,
) {
  const answer = await mpesa.push({ phone, amount, reference, callbackUrl: addressOf(callbackUrl, 'stk', token) });
  await store.payments.pushAnswered(id, answer);
  return answer;
}

async function pay({ store, callbackUrl }: CashierParts, mpesa: Mpesa, payment: OutgoingPayment) {
  const { id, phone, amount, token } = payment;
  const answer = await mpesa.pay({ originatorId: originatorOf(payment), phone, amount, ...addresses(callbackUrl, token) });
  await store.payments.payoutAnswered(id, answer);
  return answer;
}

const addressOf = (base: string, door: 'stk' | 'b2c-result' | 'b2c-timeout', token: string): string =>
  `${base}/api/payments/callbacks/${door}/${token}`;

const addresses = (base: string, token: string) => ({
  resultUrl: addressOf(base, 'b2c-result', token),
  timeoutUrl: addressOf(base, 'b2c-timeout', token),
});

function originatorOf({ id, originatorId }: OutgoingPayment): string {
  if (originatorId === null) throw new Error(`withdrawal ${id} has no id to send`);
  return originatorId;
}

async function weigh(parts: CashierParts, callback: Callback): Promise<void> {
  const word = read(callback);
  const judged = await parts.store.payments.weigh(callback, word);
  if (judged === null) return;
  note(parts.log, callback, judged);
  await review(parts, judged);
  if (judged.ruling.verdict === 'confirm' && word.kind === 'stk' && word.word) await confirm(parts, callback, word.word);
}

/** The answer to the push was lost, so its ids come from the callback, and the provider's own query must know them. */
async function confirm(parts: CashierParts, callback: Callback, word: PushCallback): Promise<void> {
  const status = await parts.mpesa?.pushStatus(word.checkoutId);
  if (status?.kind !== 'paid' || (status.merchantId !== null && status.merchantId !== word.merchantId)) return;
  await parts.store.payments.adopt(callback, word);
  const judged = await parts.store.payments.weigh(callback, { kind: 'stk', word });
  if (judged === null) return;
  note(parts.log, callback, judged);
  await review(parts, judged);
}

/** A deposit paid proves its phone. Where this fails, the player's next look at their card makes up for it. */
async function review({ store, log }: CashierParts, { payment }: Judged): Promise<void> {
  if (payment.direction !== 'deposit' || payment.state !== 'paid') return;
  try {
    await store.realMoney.review(payment.playerId);
  } catch (error) {
    log.error('real_money_not_reviewed', { paymentId: payment.id, error });
  }
}

function read({ kind, body }: Callback): Word {
  const json = jsonOf(body);
  if (kind === 'stk') return { kind, word: readPushCallback(json) };
  if (kind === 'b2c_result') return { kind, word: readPayoutResult(json) };
  if (kind === 'status') return { kind, word: readPayoutStatus(json) };
  return { kind, word: null };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const FOR_A_PERSON = new Set(['contradicts', 'mismatch', 'receipt_taken', 'unreadable']);

/** Ids and codes only: what was said may name people. */
function note(log: Log, { id, kind }: Callback, { payment, ruling: { verdict } }: Judged): void {
  const line = { paymentId: payment.id, callbackId: id, kind, verdict, state: payment.state, reason: payment.reason };
  if (FOR_A_PERSON.has(verdict)) log.warn('payment_callback', line);
  else log.info('payment_callback', line);
}

/** Looks after one payment that is due, by asking the provider. */
async function follow(parts: CashierParts, payment: OutgoingPayment): Promise<void> {
  const { id, state, direction, checkoutId, statusToken } = payment;
  const { store, mpesa, callbackUrl } = parts;
  if (mpesa === null) return;
  if (state === 'created') {
    const sent = await send(parts, id);
    if (!sent && direction === 'deposit') await store.payments.pushGivenUp(id);
  } else if (direction === 'deposit') {
    const open = checkoutId !== null && state !== 'paid' && state !== 'needs_review';
    const judged = open
      ? await store.payments.pushQueried(id, await mpesa.pushStatus(checkoutId))
      : await store.payments.pushSilent(id);
    if (judged && judged.payment.state !== state)
      parts.log.info('payment_followed', { paymentId: id, state: judged.payment.state });
    if (judged) await review(parts, judged);
  } else {
    const judged = await store.payments.payoutAsked(id);
    if (judged?.payment.state !== 'submitted' && judged?.payment.state !== 'timed_out') return;
    const taken = await mpesa.askPayout({ originatorId: originatorOf(payment), ...addresses(callbackUrl, statusToken) });
    parts.log.info('payment_asked', { paymentId: id, taken });
  }
}
