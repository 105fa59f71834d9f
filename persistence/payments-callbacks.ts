// What the provider says about payments, kept as it came before anyone looks at it, and weighed afterwards, once. Nothing that
// came with a wrong token is kept; what came from a wrong place is kept and not weighed.
import { createHash } from 'node:crypto';
import { type PayoutResult, type PayoutStatus, type PushCallback, type Ruling, review, ruling } from '../rules/payments.ts';
import { pushCalledBack } from '../rules/payments-deposit.ts';
import { payoutResulted, payoutStatusTold, payoutTimedOut } from '../rules/payments-withdrawal.ts';
import { uuid7 } from './ids.ts';
import type { Ledger } from './ledger.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import type { PaymentsSettings } from './payments.ts';
import { againIfTaken, type Judged, judgeIn, type PaymentRow, tokenHash } from './payments-rows.ts';

/** The doors that the provider knocks at. */
export type CallbackDoor = 'stk' | 'b2c_result' | 'b2c_timeout';
/** What it is about: at the doors of payouts the token tells whether the payout speaks or the answer to a question. */
export type CallbackKind = CallbackDoor | 'status' | 'status_timeout';

export interface Callback {
  id: string;
  paymentId: string;
  kind: CallbackKind;
  body: string;
}

/** A callback, read. `word` is null where the body has not the provider's shape. */
export type Word =
  | { kind: 'stk'; word: PushCallback | null }
  | { kind: 'b2c_result'; word: PayoutResult | null }
  | { kind: 'status'; word: PayoutStatus | null }
  | { kind: 'b2c_timeout' | 'status_timeout'; word: null };

export interface Received {
  id: string;
  paymentId: string;
  /** Still to be weighed. */
  fresh: boolean;
}

/** Different bodies kept for one payment: the provider sends a handful, and nobody else knows the address. */
const KEPT_MAX = 40;
const FIRST_WAIT_MS = 5_000;
const WAIT_MS = 15_000;
const TRIES_MAX = 12;

export function openCallbacks(db: Database, ledger: Ledger, { now }: Pick<PaymentsSettings, 'now'>) {
  return {
    /** Keeps what came. null: the token is nobody's at this door, or that payment has been told enough; nothing is kept. */
    async receive({ door, token, body, address, allowed }: Incoming): Promise<Received | null> {
      const at = now();
      const digest = createHash('sha256').update(body).digest();
      const next = new Date(at.getTime() + FIRST_WAIT_MS);
      const params = [uuid7(), door, tokenHash(token), body, digest, address, at, next, allowed, KEPT_MAX];
      const [row] = await db.rows<{ id: string; payment: string; fresh: boolean }>(RECEIVE, params);
      return row ? { id: row.id, paymentId: row.payment, fresh: row.fresh } : null;
    },

    /** null: unknown, or weighed already. */
    async callback(callbackId: string): Promise<Callback | null> {
      const [row] = await db.rows<Callback>(`${CALLBACK} where id = $1 and worked_at is null`, [callbackId]);
      return row ?? null;
    },

    /** Those of one payment that still wait, in the order they came. */
    waiting: (paymentId: string) =>
      db.rows<Callback>(`${CALLBACK} where payment = $1 and worked_at is null order by id`, [paymentId]),

    /** What a process left unweighed, put off ever longer; each is given to one process. */
    leftOver: async (limit: number): Promise<Callback[]> => {
      const at = now();
      await db.rows(GIVE_UP, [at, TRIES_MAX]);
      return db.rows<Callback>(LEFT_OVER, [at, limit, WAIT_MS]);
    },

    /** Weighs it together with the payment's change and its money. null: it has been weighed. `wait` and `confirm` leave it. */
    async weigh(callback: Pick<Callback, 'id' | 'paymentId'>, word: Word): Promise<Judged | null> {
      const at = now();
      return againIfTaken(db, async (em) => {
        if (!(await lockCallback(em, callback.id))) return null;
        const receipt = word.word && 'receipt' in word.word ? word.word.receipt : null;
        const rule = (payment: PaymentRow, receiptTaken: boolean) => rulingOn(payment, word, { at, receiptTaken });
        const judged = await judgeIn(em, ledger, { paymentId: callback.paymentId, receipt, rule }, at);
        await noteVerdict(em, callback.id, judged!.ruling.verdict, at);
        return judged;
      });
    },

    /**
     * Takes the ids of a callback for those of a push whose answer was lost, once the provider's own query has vouched for
     * them. Ids of another payment send this one to review.
     */
    async adopt(callback: Pick<Callback, 'id' | 'paymentId'>, { checkoutId, merchantId }: PushCallback): Promise<void> {
      const at = now();
      await againIfTaken(db, async (em) => {
        if (!(await lockCallback(em, callback.id))) return;
        const other = 'select 1 from payment where checkout_id = ? and id <> ?';
        const taken = (await rowsIn(em, other, [checkoutId, callback.paymentId])).length > 0;
        const rule = (payment: PaymentRow): Ruling => {
          if (payment.checkoutId !== null) return ruling('wait');
          return taken ? review(payment, 'checkout_unknown') : ruling('wait', { checkoutId, merchantId, answerLost: false });
        };
        const judged = await judgeIn(em, ledger, { paymentId: callback.paymentId, rule }, at);
        await noteVerdict(em, callback.id, judged!.ruling.verdict, at);
      });
    },

    /**
     * Bodies hold names and numbers of people: those weighed before `before` are emptied, and so are the phones of payments
     * that ended before then and whose players have deleted their accounts. Returns how many of each.
     */
    async forgetPeople(before: Date): Promise<{ bodies: number; phones: number }> {
      const bodies = await db.rows(EMPTY_BODIES, [before]);
      const phones = await db.rows(FORGET_PHONES, [before]);
      return { bodies: bodies.length, phones: phones.length };
    },
  };
}

export interface Incoming {
  door: CallbackDoor;
  token: string;
  body: string;
  address: string;
  /** Whether it came from where the provider's come from. */
  allowed: boolean;
}

function rulingOn(payment: PaymentRow, word: Word, how: { at: Date; receiptTaken: boolean }): Ruling {
  if (word.kind === 'b2c_timeout') return payoutTimedOut(payment, how.at);
  if (word.kind === 'status_timeout') return ruling('noted');
  if (word.word === null) return ruling('unreadable');
  if (word.kind === 'stk') return pushCalledBack(payment, word.word, how);
  if (word.kind === 'b2c_result') return payoutResulted(payment, word.word, how);
  return payoutStatusTold(payment, word.word, how);
}

/** The callback's row before the payment's, everywhere: two that weigh the same one take turns. */
async function lockCallback(em: EntityManager, callbackId: string): Promise<boolean> {
  const select = 'select 1 from payment_callback where id = ? and worked_at is null for update';
  return (await rowsIn(em, select, [callbackId])).length > 0;
}

async function noteVerdict(em: EntityManager, callbackId: string, verdict: string, at: Date): Promise<void> {
  const open = verdict === 'wait' || verdict === 'confirm';
  const update = 'update payment_callback set verdict = ?, worked_at = ? where id = ?';
  await rowsIn(em, update, [verdict, open ? null : at.toISOString(), callbackId]);
}

const CALLBACK = 'select id, payment as "paymentId", kind, body from payment_callback';

/** One statement: finds the payment by the token's hash, keeps the body, or counts the very same that came before. */
const RECEIVE = `
  insert into payment_callback as c (id, payment, kind, body, digest, address, received_at, next_at, worked_at, verdict)
  select $1, p.id, k.kind, $4, $5, $6, $7::timestamptz, $8::timestamptz,
         case when $9::boolean then null else $7::timestamptz end, case when $9::boolean then null else 'source_refused' end
    from payment p,
         lateral (select case when p.token_hash = $3 then $2::text when $2 = 'b2c_result' then 'status' else 'status_timeout' end as kind) k
   where (p.token_hash = $3 or p.status_token_hash = $3 and $2 <> 'stk')
     and p.direction = case when $2 = 'stk' then 'deposit' else 'withdrawal' end
     and (select count(*) from payment_callback x where x.payment = p.id) < $10::int
  on conflict (payment, kind, digest) do update
     set times = c.times + 1,
         worked_at = case when $9::boolean and c.verdict = 'source_refused' then null else c.worked_at end,
         verdict = case when $9::boolean and c.verdict = 'source_refused' then null else c.verdict end
  returning c.id, c.payment, c.worked_at is null as fresh`;

const LEFT_OVER = `
  update payment_callback c set tries = tries + 1, next_at = $1::timestamptz + $3::int * interval '1 millisecond' * 2 ^ tries
    from (select id from payment_callback where worked_at is null and next_at <= $1 order by next_at limit $2 for update skip locked) d
   where c.id = d.id returning c.id, c.payment as "paymentId", c.kind, c.body`;

const EMPTY_BODIES = "update payment_callback set body = '' where worked_at < $1 and body <> '' returning id";

const FORGET_PHONES = `
  update payment p set phone = '' from player d
   where d.id = p.player and d.deleted_at < $1 and p.changed_at < $1 and p.phone <> '' and p.state in ('paid', 'failed')
  returning p.id`;

const GIVE_UP = `update payment_callback set verdict = 'given_up', worked_at = $1 where worked_at is null and next_at <= $1 and tries >= $2`;
