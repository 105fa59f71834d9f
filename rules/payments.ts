// Money over M-Pesa: what a payment is, what may be asked for, and how a word about it is weighed. What a word does to a
// deposit is in payments-deposit.ts, to a withdrawal in payments-withdrawal.ts.
import { type Currency, isCurrency } from './currency.ts';
import { refuseUnless } from './refusal.ts';

export type Direction = 'deposit' | 'withdrawal';
/** `failed` and `timed_out` are not the end of a deposit: a late success still credits it. */
export const PAYMENT_STATES = ['created', 'submitted', 'paid', 'failed', 'timed_out', 'needs_review'] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** What the rules look at of a payment. */
export interface Payment {
  direction: Direction;
  state: PaymentState;
  /** Why it is not paid, as a code; null where nothing is to be said. */
  reason: string | null;
  /** Minor units of KES, whole shillings. */
  amount: bigint;
  /** 12 digits, 2547… or 2541… */
  phone: string;
  /** The provider's ids of a push; null until it answers. */
  checkoutId: string | null;
  merchantId: string | null;
  /** Our id of a payout, kept before it is sent and never replaced. */
  originatorId: string | null;
  /** The provider's id of a payout; null until it answers. */
  conversationId: string | null;
  receipt: string | null;
  createdAt: Date;
  /** null: not sent, or known not to have been taken. */
  sentAt: Date | null;
  /** How often it was sent; every time but the last was known not to be taken. */
  attempts: number;
  /** It was sent and nobody knows what came of it. */
  answerLost: boolean;
  /** The hold of a withdrawal went back to the player. */
  released: boolean;
  /** What the provider's query said last, and how often in a row. */
  saidCode: string | null;
  saidTimes: number;
  /** How often the provider was asked. */
  asks: number;
  decidedBy: Decider | null;
}

export type Decider = 'answer' | 'callback' | 'query' | 'operator';

/** What became of a word: `wait` and `confirm` leave it to be weighed again, all others are final for it. */
export type Verdict =
  | 'decided'
  | 'noted'
  | 'repeated'
  | 'contradicts'
  | 'mismatch'
  | 'receipt_filled'
  | 'receipt_taken'
  | 'unreadable'
  | 'wait'
  | 'confirm';

/** Money that moves with a ruling: a deposit is credited; a withdrawal's hold is posted or goes back. */
export type MoneyMove = 'credit' | 'post' | 'release';

export type Change = Partial<Omit<Payment, 'direction' | 'amount' | 'phone' | 'originatorId' | 'createdAt' | 'attempts'>> & {
  /** When to look after it again; null: no more. */
  followAt?: Date | null;
};

export interface Ruling {
  verdict: Verdict;
  change: Change;
  money: MoneyMove | null;
}

/** What sending came to. Only `refused` and `busy` promise that the provider did not take it. */
export type SendAnswer<Ids> =
  | ({ kind: 'accepted' } & Ids)
  | { kind: 'refused'; code: string }
  | { kind: 'busy'; code: string }
  /** The same id was sent before: that one exists. */
  | { kind: 'duplicate' }
  | { kind: 'unknown'; code: string };

export type PushAnswer = SendAnswer<{ checkoutId: string; merchantId: string }>;
export type PayoutAnswer = SendAnswer<{ conversationId: string }>;

/** What the query about a push says. It names no receipt, amount or phone. */
export type PushStatus =
  | { kind: 'paid'; merchantId: string | null }
  | { kind: 'failed'; code: string }
  | { kind: 'pending' }
  | { kind: 'unknown'; code: string };

export interface PushCallback {
  checkoutId: string;
  merchantId: string;
  /** '0': paid. */
  code: string;
  /** Minor units; null: none given, or not whole shillings. */
  amount: bigint | null;
  phone: string | null;
  receipt: string | null;
}

export interface PayoutResult {
  originatorId: string;
  conversationId: string;
  code: string;
  amount: bigint | null;
  /** As far as it is shown, with `*` for what is hidden. */
  phone: string | null;
  receipt: string | null;
}

/** The answer to a status query. `code` tells only whether the query worked; `status` tells of the payout. */
export interface PayoutStatus {
  code: string;
  status: string | null;
  originatorId: string | null;
  conversationId: string | null;
  amount: bigint | null;
  receipt: string | null;
}

export const SHILLING = 100n;
/** Shillings, the provider's own limits for one transaction. */
export const DEPOSIT_SHILLINGS = { min: 1n, max: 250_000n };
export const WITHDRAWAL_SHILLINGS = { min: 10n, max: 250_000n };

/** How long one phone has its prompt to itself: the provider refuses a second within a minute. */
export const PROMPT_MS = 60_000;

/** Refuses `currency_unknown` (M-Pesa moves KES only) and `amount_invalid` (whole shillings within the limits). */
export function checkPayment(direction: Direction, { currency, amount }: { currency: string; amount: bigint }): Currency {
  refuseUnless(isCurrency(currency) && currency === 'KES', 'currency_unknown');
  const { min, max } = direction === 'deposit' ? DEPOSIT_SHILLINGS : WITHDRAWAL_SHILLINGS;
  refuseUnless(amount % SHILLING === 0n, 'amount_invalid');
  refuseUnless(amount >= min * SHILLING && amount <= max * SHILLING, 'amount_invalid');
  return currency;
}

const NATIONAL = /^(?:\+?254|0)?([17]\d{8})$/;

/** The phone as the provider writes it, 254712345678, from any of the ways people do. Refuses `phone_invalid`. */
export function phoneNumber(text: string): string {
  const found = NATIONAL.exec(text.replaceAll(/[\s()-]/g, ''));
  refuseUnless(found, 'phone_invalid');
  return `254${found[1]}`;
}

/** For people: who knows the number recognises it, and nobody else learns it. */
export const maskedPhone = (phone: string): string => `${phone.slice(0, 4)}*****${phone.slice(-3)}`;

/** Whether a number that may be partly hidden (`2547 ***** 126`) can be `phone`. */
export function phoneAgrees(shown: string, phone: string): boolean {
  const digits = shown.replaceAll(/[\s+]/g, '');
  if (!digits.includes('*')) return digits === phone;
  const [head = '', tail = ''] = digits.split(/\*+/);
  return head + tail !== '' && phone.startsWith(head) && phone.endsWith(tail);
}

export const WINDOW_MS = 120_000;
export const AGREEING_ANSWERS = 2;
/** After this without a word a payment is told to be late; it is still followed. */
export const LATE_MS = 600_000;
/** An answer to sending that has not come by now is not coming: the client gave up before. */
export const ANSWER_MS = 60_000;
export const ASKS_MAX = 12;
const FIRST_ASK_MS = 20_000;
const ASK_MS_MAX = 3_600_000;

/** How long to wait before asking again, ever longer: 20 s, 40 s, 80 s … 1 h. */
export const askAgainMs = (asks: number): number => Math.min(FIRST_ASK_MS << Math.min(asks, 12), ASK_MS_MAX);

/** The provider's result codes in words a page can show; the others keep their number. */
const REASONS: Readonly<Record<string, string>> = {
  '1': 'balance_short',
  '1019': 'expired',
  '1032': 'cancelled',
  '1037': 'unreachable',
  '17': 'repeated_too_soon',
  '2001': 'pin_wrong',
  '4': 'daily_limit',
  '8': 'balance_limit',
  '2040': 'not_registered',
  SFC_IC0003: 'not_registered',
};

export const reasonOf = (code: string): string => REASONS[code] ?? `provider_${code.toLowerCase()}`;

export const isLost = ({ answerLost, sentAt }: Payment, at: Date): boolean =>
  answerLost || (sentAt !== null && at.getTime() - sentAt.getTime() > ANSWER_MS);

export const ruling = (verdict: Verdict, change: Change = {}, money: MoneyMove | null = null): Ruling => ({
  verdict,
  change,
  money,
});

export const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** What does not fit is for a person to look at; what is paid stays paid. */
export const review = ({ state }: Payment, reason: string): Ruling =>
  ruling('mismatch', state === 'paid' ? {} : { state: 'needs_review', reason, followAt: null });
