// What a word from the provider does to a withdrawal. The player's money is held from before the sending until the end is
// certain: it goes out on a result that fits, comes back on a definite failure, and everything between is asked about.
import {
  ANSWER_MS,
  ASKS_MAX,
  askAgainMs,
  type Change,
  type Decider,
  isLost,
  later,
  type Payment,
  type PayoutAnswer,
  type PayoutResult,
  type PayoutStatus,
  phoneAgrees,
  reasonOf,
  review,
  type Ruling,
  ruling,
} from './payments.ts';

/** Results after which no money has moved, by the provider's own list. Any other failure may still have been paid. */
const DEFINITE = new Set(['1', '2', '3', '4', '8', '11', '21', '2001', '2006', '2028', '2040', '8006', 'SFC_IC0003']);
/** What the status query calls a payout that will not happen. */
const ENDED = new Set(['cancelled', 'declined', 'expired']);

const RETRY_MS_MAX = 3_600_000;
const RETRIES_MAX = 24;

export function payoutAnswered(payment: Payment, answer: PayoutAnswer, at: Date): Ruling {
  if (answer.kind === 'accepted') {
    const { conversationId } = answer;
    return ruling('decided', { conversationId, answerLost: false, followAt: later(at, ANSWER_MS) });
  }
  if (payment.state !== 'submitted') return ruling('noted');
  switch (answer.kind) {
    case 'refused':
      return failed(payment, answer.code, 'answer');
    case 'busy':
      if (payment.attempts >= RETRIES_MAX) return { ...review(payment, 'not_taken'), verdict: 'decided' };
      return ruling('decided', { state: 'created', sentAt: null, followAt: later(at, retryMs(payment.attempts)) });
    case 'duplicate':
    case 'unknown':
      return ruling('decided', { answerLost: true, followAt: later(at, askAgainMs(0)) });
  }
}

const retryMs = (attempts: number): number => Math.min(5_000 << Math.min(attempts, 12), RETRY_MS_MAX);

/** `receiptTaken`: another payment has this receipt. */
export function payoutResulted(
  payment: Payment,
  result: PayoutResult,
  { at, receiptTaken }: { at: Date; receiptTaken: boolean },
): Ruling {
  if (payment.sentAt === null) return review(payment, 'callback_unasked');
  const known = result.conversationId === payment.conversationId || result.originatorId === payment.originatorId;
  // The provider's samples show an originator id that is not the one sent, so only its answer can settle who is meant.
  if (!known && payment.conversationId === null) return isLost(payment, at) ? ruling('noted', { followAt: at }) : ruling('wait');
  if (!known) return review(payment, 'conversation_unknown');
  if (result.code === '0') return paid(payment, result, { receiptTaken, by: 'callback' });
  return DEFINITE.has(result.code) ? failed(payment, result.code, 'callback') : unclear(payment, at);
}

/** The request grew old in the provider's queue: no proof of anything, so it is asked about. */
export function payoutTimedOut(payment: Payment, at: Date): Ruling {
  if (payment.state !== 'submitted') return ruling('noted');
  return ruling('decided', { state: 'timed_out', reason: 'queue_timeout', answerLost: true, followAt: at });
}

/** Said just before the provider is asked; after the last time a person must look. */
export function payoutAsked(payment: Payment, at: Date): Ruling {
  if (payment.state !== 'submitted' && payment.state !== 'timed_out') return ruling('noted', { followAt: null });
  if (payment.asks >= ASKS_MAX) return { ...review(payment, 'outcome_unknown'), verdict: 'decided' };
  return ruling('noted', { asks: payment.asks + 1, answerLost: true, followAt: later(at, askAgainMs(payment.asks + 1)) });
}

/** Decides on the payout's own status: that the query worked says nothing. */
export function payoutStatusTold(payment: Payment, told: PayoutStatus, { receiptTaken }: { receiptTaken: boolean }): Ruling {
  if (told.code !== '0' || told.status === null) return ruling('noted');
  const status = told.status.toLowerCase();
  if (status !== 'completed' && !ENDED.has(status)) return ruling('noted');
  if (isOther(payment, told)) return review(payment, 'conversation_unknown');
  if (status === 'completed') return paid(payment, { ...told, phone: null }, { receiptTaken, by: 'query' });
  return failed(payment, status, 'query');
}

/** Both ids are given and neither is ours. */
const isOther = ({ originatorId, conversationId }: Payment, told: PayoutStatus): boolean =>
  told.originatorId !== null &&
  told.conversationId !== null &&
  told.originatorId !== originatorId &&
  conversationId !== null &&
  told.conversationId !== conversationId;

type Success = Pick<PayoutResult, 'amount' | 'phone' | 'receipt'>;

function paid(
  payment: Payment,
  { amount, phone, receipt }: Success,
  { receiptTaken, by }: { receiptTaken: boolean; by: Decider },
): Ruling {
  if (amount !== payment.amount) return review(payment, 'amount_differs');
  if (phone !== null && !phoneAgrees(phone, payment.phone)) return review(payment, 'phone_differs');
  if (receipt === null) return review(payment, 'receipt_missing');
  if (payment.state === 'paid') {
    if (payment.receipt === receipt) return ruling('repeated');
    if (payment.receipt !== null) return ruling('contradicts');
    return receiptTaken ? ruling('receipt_taken') : ruling('receipt_filled', { receipt });
  }
  if (receiptTaken) return { ...review(payment, 'receipt_taken'), verdict: 'receipt_taken' };
  // The hold is gone: whether the player owes it back is for a person to say.
  if (payment.released) return review(payment, 'paid_after_return');
  const change: Change = { state: 'paid', reason: null, receipt, decidedBy: by, followAt: null };
  return ruling('decided', change, 'post');
}

function failed(payment: Payment, code: string, by: Decider): Ruling {
  if (payment.state === 'paid') return ruling('contradicts');
  if (payment.state === 'failed') return ruling('repeated');
  if (payment.state === 'needs_review') return ruling('noted');
  const change: Change = { state: 'failed', reason: reasonOf(code), decidedBy: by, released: true, followAt: null };
  return ruling('decided', change, 'release');
}

const unclear = ({ state }: Payment, at: Date): Ruling =>
  ruling('noted', state === 'submitted' || state === 'timed_out' ? { answerLost: true, followAt: later(at, askAgainMs(0)) } : {});
