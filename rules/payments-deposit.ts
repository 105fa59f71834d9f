// What a word from the provider does to a deposit. Only a callback that fits in everything, or the query's word that it is
// paid, credits it; both may come in any order, late, twice or never, and the query has been seen to lie.
import {
  AGREEING_ANSWERS,
  ASKS_MAX,
  askAgainMs,
  isLost,
  LATE_MS,
  later,
  type Payment,
  PROMPT_MS,
  type PushAnswer,
  type PushCallback,
  type PushStatus,
  reasonOf,
  review,
  type Ruling,
  ruling,
  WINDOW_MS,
} from './payments.ts';

/** A prompt that was never shown may still be shown for a minute: later it would come out of the blue. */
export const mayPush = ({ state, createdAt }: Payment, at: Date): boolean =>
  state === 'created' && at.getTime() - createdAt.getTime() < PROMPT_MS;

/** It was not taken in time, and nothing can come of it. */
export const giveUpPush = (): Ruling =>
  ruling('decided', { state: 'failed', reason: 'not_sent', decidedBy: 'answer', followAt: null });

const BUSY_MS = 5_000;

export function pushAnswered(payment: Payment, answer: PushAnswer, at: Date): Ruling {
  switch (answer.kind) {
    case 'accepted': {
      const { checkoutId, merchantId } = answer;
      return ruling('decided', { checkoutId, merchantId, answerLost: false, followAt: later(at, askAgainMs(0)) });
    }
    case 'refused':
      if (payment.state !== 'submitted') return ruling('noted');
      return ruling('decided', { state: 'failed', reason: reasonOf(answer.code), decidedBy: 'answer', followAt: null });
    case 'busy':
      if (payment.state !== 'submitted') return ruling('noted');
      return ruling('decided', { state: 'created', sentAt: null, followAt: later(at, BUSY_MS * payment.attempts) });
    case 'duplicate':
    case 'unknown':
      return ruling('decided', { answerLost: true, followAt: later(at, askAgainMs(0)) });
  }
}

/** `receiptTaken`: another payment has this receipt. */
export function pushCalledBack(
  payment: Payment,
  callback: PushCallback,
  { at, receiptTaken }: { at: Date; receiptTaken: boolean },
): Ruling {
  if (payment.sentAt === null) return review(payment, 'callback_unasked');
  if (payment.checkoutId === null) return beforeTheAnswer(payment, callback, at);
  if (callback.checkoutId !== payment.checkoutId) return review(payment, 'checkout_unknown');
  if (callback.code !== '0') return failedByCallback(payment, callback.code);
  if (callback.amount !== payment.amount) return review(payment, 'amount_differs');
  if (callback.phone !== payment.phone) return review(payment, 'phone_differs');
  if (callback.receipt === null) return review(payment, 'receipt_missing');
  if (payment.state === 'paid') return paidAgain(payment, callback.receipt, receiptTaken);
  if (receiptTaken) return { ...review(payment, 'receipt_taken'), verdict: 'receipt_taken' };
  if (payment.decidedBy === 'operator') return review(payment, 'paid_after_closing');
  const { receipt } = callback;
  return ruling('decided', { state: 'paid', reason: null, receipt, decidedBy: 'callback', followAt: null }, 'credit');
}

/** The callback may overtake the answer to the push. When that is lost, the query must vouch for the callback's id. */
function beforeTheAnswer(payment: Payment, { code }: PushCallback, at: Date): Ruling {
  if (!isLost(payment, at)) return ruling('wait');
  return code === '0' ? ruling('confirm') : failedByCallback(payment, code);
}

function failedByCallback(payment: Payment, code: string): Ruling {
  if (payment.state === 'paid') return ruling('contradicts');
  if (payment.state === 'needs_review' || payment.decidedBy === 'operator') return ruling('noted');
  return ruling('decided', { state: 'failed', reason: reasonOf(code), decidedBy: 'callback', followAt: null });
}

/** The query knows no receipt; the callback brings it after the credit. */
function paidAgain({ receipt: known }: Payment, receipt: string, receiptTaken: boolean): Ruling {
  if (known === receipt) return ruling('repeated');
  if (known !== null) return ruling('contradicts');
  return receiptTaken ? ruling('receipt_taken') : ruling('receipt_filled', { receipt });
}

/** Success is believed at once; failure only after the prompt's window and from two answers in a row that agree. */
export function pushQueried(payment: Payment, status: PushStatus, at: Date): Ruling {
  if (payment.state === 'paid' || payment.state === 'needs_review') return ruling('noted', { followAt: null });
  const asks = payment.asks + 1;
  const followAt = asks >= ASKS_MAX ? null : nextAsk(payment, asks, at);
  if (status.kind === 'paid') {
    if (payment.decidedBy === 'operator') return review(payment, 'paid_after_closing');
    return ruling('decided', { state: 'paid', reason: null, decidedBy: 'query', asks, followAt: null }, 'credit');
  }
  if (status.kind === 'unknown') return ruling('noted', { asks, followAt, ...lateness(payment, at) });
  if (status.kind === 'pending')
    return ruling('noted', { asks, saidCode: null, saidTimes: 0, followAt, ...lateness(payment, at) });
  const said = { asks, saidCode: status.code, saidTimes: payment.saidCode === status.code ? payment.saidTimes + 1 : 1, followAt };
  const windowOver = payment.sentAt !== null && at.getTime() - payment.sentAt.getTime() >= WINDOW_MS;
  if (payment.state === 'failed' || !windowOver || said.saidTimes < AGREEING_ANSWERS) return ruling('noted', said);
  return ruling('decided', { ...said, state: 'failed', reason: reasonOf(status.code), decidedBy: 'query' });
}

/** Ever later, and once when it becomes late, so that this is told in time. */
function nextAsk({ state, sentAt }: Payment, asks: number, at: Date): Date {
  const next = later(at, askAgainMs(asks));
  const late = sentAt === null || state !== 'submitted' ? next : later(sentAt, LATE_MS);
  return late > at && late < next ? late : next;
}

/** Sent, and no id to ask by: only a callback can tell, or the provider's statement. */
export function pushSilent(payment: Payment, at: Date): Ruling {
  if (payment.state !== 'submitted') return ruling('noted', { followAt: null });
  const late = lateness(payment, at);
  return ruling('noted', { answerLost: true, ...late, followAt: late.state ? null : later(at, askAgainMs(1)) });
}

function lateness({ state, sentAt }: Payment, at: Date): { state?: 'timed_out'; reason?: string } {
  const late = state === 'submitted' && sentAt !== null && at.getTime() - sentAt.getTime() >= LATE_MS;
  return late ? { state: 'timed_out', reason: 'no_word' } : {};
}
