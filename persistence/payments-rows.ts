// One payment's row: read under its lock, judged by a rule, written back with the money that moves, in one transaction.
import { createHash, createHmac } from 'node:crypto';
import type { Change, MoneyMove, Payment, PaymentState, Ruling } from '../rules/payments.ts';
import { derivedId } from './ids.ts';
import { type Ledger, type Posting, systemAccount } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';

export interface PaymentRow extends Payment {
  id: string;
  /** Derived from (player, direction, key); the id of a withdrawal's hold. */
  request: string;
  fingerprint: string;
  playerId: string;
  reference: string;
  changedAt: Date;
}

/** A secret part of a callback's address: of the payment itself, or of the question about it. */
export type TokenKind = 'payment' | 'status';

/** 256 bits, made again from the payment's id whenever it is needed. Hex, because Daraja refuses addresses in which some words occur. */
export const tokenOf = (secretsKey: Buffer, kind: TokenKind, paymentId: string): string =>
  createHmac('sha256', secretsKey).update(`callback:${kind}:${paymentId}`).digest('hex');

export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest();

export interface Judged {
  /** As it was. */
  before: PaymentRow;
  /** As it is afterwards. */
  payment: PaymentRow;
  ruling: Ruling;
}

export interface Judging {
  paymentId: string;
  /** The receipt that the word names; null: none. */
  receipt?: string | null;
  rule(payment: PaymentRow, receiptTaken: boolean): Ruling;
}

/** Locks the payment, lets the rule judge, writes what it says. null: there is no such payment. */
export async function judgeIn(
  em: EntityManager,
  ledger: Ledger,
  { paymentId, receipt = null, rule }: Judging,
  at: Date,
): Promise<Judged | null> {
  const payment = await lockPayment(em, paymentId);
  if (!payment) return null;
  const ruling = rule(payment, receipt !== null && (await isTaken(em, receipt, paymentId)));
  await writeChange(em, paymentId, ruling.change, at);
  await tellIn(em, payment, ruling.change);
  if (ruling.money !== null) await moveMoney(em, ledger, payment, ruling.money);
  return { before: payment, payment: { ...payment, ...ruling.change, changedAt: at }, ruling };
}

/** Two payments that claim one receipt at once meet at its unique index: the later one is judged again, and sees it. */
export async function againIfTaken<T>(db: Database, work: (em: EntityManager) => Promise<T>): Promise<T> {
  try {
    return await db.transaction(work);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION)) throw error;
    return db.transaction(work);
  }
}

const UNIQUE_VIOLATION = '23505';

export async function lockPayment(em: EntityManager, paymentId: string): Promise<PaymentRow | null> {
  const [found] = await rowsIn<{ row: JsonRow }>(em, 'select to_json(p) as row from payment p where id = ? for no key update', [
    paymentId,
  ]);
  return found ? toPayment(found.row) : null;
}

async function isTaken(em: EntityManager, receipt: string, paymentId: string): Promise<boolean> {
  return (await rowsIn(em, 'select 1 from payment where receipt = ? and id <> ?', [receipt, paymentId])).length > 0;
}

const COLUMNS: Record<keyof Change, string> = {
  state: 'state',
  reason: 'reason',
  checkoutId: 'checkout_id',
  merchantId: 'merchant_id',
  conversationId: 'conversation_id',
  receipt: 'receipt',
  sentAt: 'sent_at',
  answerLost: 'answer_lost',
  released: 'released',
  saidCode: 'said_code',
  saidTimes: 'said_times',
  asks: 'asks',
  decidedBy: 'decided_by',
  followAt: 'follow_at',
};

async function writeChange(em: EntityManager, paymentId: string, change: Change, at: Date): Promise<void> {
  const names = Object.keys(change) as (keyof Change)[];
  if (names.length === 0) return;
  const sets = names.map((name) => `${COLUMNS[name]} = ?`).join(', ');
  const values = names.map((name) => plain(change[name] ?? null));
  await rowsIn(em, `update payment set ${sets}, changed_at = ? where id = ?`, [...values, at.toISOString(), paymentId]);
}

/** What a player waits to hear of; a late word that changes it is told, too. */
const TOLD: ReadonlySet<PaymentState> = new Set(['paid', 'failed']);

async function tellIn(em: EntityManager, payment: PaymentRow, { state, reason = payment.reason }: Change): Promise<void> {
  if (state === undefined || state === payment.state || !TOLD.has(state)) return;
  const { id, playerId, direction, amount } = payment;
  const data = { paymentId: id, direction, state, reason, amount: { currency: 'KES', amount: String(amount) } };
  await notifyIn(em, { playerId, kind: 'payment_changed', data });
}

const plain = (value: string | number | boolean | Date | null) => (value instanceof Date ? value.toISOString() : value);

/** What the ledger refuses here is a bug: the payment's own state has said that it may move. */
async function moveMoney(em: EntityManager, ledger: Ledger, payment: PaymentRow, money: MoneyMove): Promise<void> {
  const [posted] = await ledger.postIn(em, [await postingOf(em, payment, money)]);
  if (posted!.refused) throw new Error(`payment ${payment.id}: the ledger refused ${money}: ${posted!.refused}`);
}

async function postingOf(em: EntityManager, { request, playerId, amount }: PaymentRow, money: MoneyMove): Promise<Posting> {
  const id = derivedId(request, money);
  if (money === 'post') return { id, op: 'post', ref: request, amount, reason: 'withdrawal' };
  if (money === 'release') return { id, op: 'void', ref: request, reason: 'withdrawal_returned' };
  const [account] = await rowsIn<{ id: unknown }>(em, "select id from ledger_account where owner = ? and currency = 'KES'", [
    playerId,
  ]);
  if (!account) throw new Error(`player ${playerId} has no KES account`);
  return { id, op: 'move', debit: systemAccount('clearing', 'KES'), credit: Number(account.id), amount, reason: 'deposit' };
}

/** A row as JSON: times as ISO text and whole numbers as numbers, the same from both drivers. */
export type JsonRow = Record<string, string | number | boolean | null>;

export const toPayment = (row: JsonRow): PaymentRow => ({
  id: row.id as string,
  request: row.request as string,
  fingerprint: row.fingerprint as string,
  playerId: row.player as string,
  reference: row.reference as string,
  direction: row.direction as Payment['direction'],
  state: row.state as Payment['state'],
  reason: row.reason as string | null,
  amount: BigInt(row.amount as number),
  phone: row.phone as string,
  checkoutId: row.checkout_id as string | null,
  merchantId: row.merchant_id as string | null,
  originatorId: row.originator_id as string | null,
  conversationId: row.conversation_id as string | null,
  receipt: row.receipt as string | null,
  createdAt: new Date(row.created_at as string),
  changedAt: new Date(row.changed_at as string),
  sentAt: row.sent_at === null ? null : new Date(row.sent_at as string),
  attempts: row.attempts as number,
  answerLost: row.answer_lost as boolean,
  released: row.released as boolean,
  saidCode: row.said_code as string | null,
  saidTimes: row.said_times as number,
  asks: row.asks as number,
  decidedBy: row.decided_by as Payment['decidedBy'],
});
