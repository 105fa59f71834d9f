// Payments over M-Pesa: asked for by a player, sent by one process, followed to their end. Each method is one transaction;
// what a word from outside does is decided in rules/payments*.ts. Callbacks are in payments-callbacks.ts.
import type { Direction, PaymentState, PayoutAnswer, PushAnswer, PushStatus, Ruling } from '../rules/payments.ts';
import { PROMPT_MS } from '../rules/payments.ts';
import { giveUpPush, mayPush, pushAnswered, pushQueried, pushSilent } from '../rules/payments-deposit.ts';
import { payoutAnswered, payoutAsked } from '../rules/payments-withdrawal.ts';
import { closedByOperator, confirmedByOperator } from '../rules/payments-operator.ts';
import { Refusal, REFUSALS } from '../rules/refusal.ts';
import { type Act, auditIn } from './audit-log.ts';
import { inBites } from './bites.ts';
import { derivedId, uuid7 } from './ids.ts';
import { type Ledger, systemAccount } from './ledger.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { openCallbacks } from './payments-callbacks.ts';
import { openPaymentsReport } from './payments-report.ts';
import {
  againIfTaken,
  type Judged,
  judgeIn,
  type JsonRow,
  type PaymentRow,
  tokenHash,
  tokenOf,
  toPayment,
} from './payments-rows.ts';

export interface PaymentsSettings {
  /** 32 bytes; the tokens in callback addresses are made from it. */
  secretsKey: Buffer;
  now(): Date;
  bytes(length: number): Uint8Array;
}

export interface PaymentOrder {
  playerId: string;
  /** Minor units of KES, checked. */
  amount: bigint;
  /** Checked, as `phoneNumber` writes it. */
  phone: string;
  /** The player's key for this request: the same key is one payment. */
  requestId: string;
}

/** A payment with what its sending needs. */
export interface OutgoingPayment extends PaymentRow {
  token: string;
  statusToken: string;
}

export type Payments = ReturnType<typeof openPayments>;

export function openPayments(db: Database, ledger: Ledger, settings: PaymentsSettings) {
  const { secretsKey, now } = settings;
  const judge = (
    paymentId: string,
    rule: (payment: PaymentRow, at: Date, receiptTaken: boolean) => Ruling,
    receipt: string | null = null,
  ) => {
    const at = now();
    return againIfTaken(db, (em) =>
      judgeIn(em, ledger, { paymentId, receipt, rule: (payment, taken) => rule(payment, at, taken) }, at),
    );
  };
  const decide = (
    { paymentId, receipt, action, by }: { paymentId: string; receipt: string | null; action: string; by: Operator },
    rule: (payment: PaymentRow, receiptTaken: boolean) => Ruling,
  ) =>
    againIfTaken(db, async (em) => {
      const judged = await judgeIn(em, ledger, { paymentId, receipt, rule }, now());
      if (judged?.ruling.verdict !== 'decided') return null;
      await auditIn(em, actOf(judged, action, by));
      return judged;
    });
  const outgoing = (payment: PaymentRow): OutgoingPayment => ({
    ...payment,
    token: tokenOf(secretsKey, 'payment', payment.id),
    statusToken: tokenOf(secretsKey, 'status', payment.id),
  });

  return {
    ...openCallbacks(db, ledger, settings),
    ...openPaymentsReport(db, ledger, settings),

    /**
     * Opens a deposit, still to be sent. Refuses `self_excluded`, `limit_reached` (both for ever under this key),
     * `payment_open` while the phone has another prompt, `request_reused`.
     */
    deposit: (order: PaymentOrder) => open(db, ledger, settings, { ...order, direction: 'deposit' }),

    /** Opens a withdrawal and holds its money. Refuses `funds_short` (for ever under this key), `request_reused`. */
    withdraw: (order: PaymentOrder) => open(db, ledger, settings, { ...order, direction: 'withdrawal' }),

    /** Newest first; `before` is the id of the last one seen. */
    async list(playerId: string, { limit, before }: { limit: number; before: string | null }): Promise<PaymentRow[]> {
      return (await db.rows<{ row: JsonRow }>(LIST, [playerId, before, limit])).map(({ row }) => toPayment(row));
    },

    /** Of all players, newest first; `before` is the id of the last one seen; null filters are none. */
    async all({ limit, before, state, playerId, id }: PaymentsQuery): Promise<PaymentRow[]> {
      return (await db.rows<{ row: JsonRow }>(ALL, [before, state, playerId, id, limit])).map(({ row }) => toPayment(row));
    },

    /** Refuses `not_found`, for another player's too. */
    async one(playerId: string, paymentId: string): Promise<PaymentRow> {
      const [found] = await db.rows<{ row: JsonRow }>(ONE, [playerId, paymentId]);
      if (!found) throw new Refusal('not_found');
      return toPayment(found.row);
    },

    /** From `created` to `submitted`, before anything is sent: whoever gets it sends it, once. null: another does, or did. */
    async claim(paymentId: string): Promise<OutgoingPayment | null> {
      const at = now();
      const [found] = await db.rows<{ row: JsonRow }>(CLAIM, [paymentId, at, new Date(at.getTime() - PROMPT_MS)]);
      return found ? outgoing(toPayment(found.row)) : null;
    },

    pushAnswered: (paymentId: string, answer: PushAnswer) => judge(paymentId, (payment, at) => pushAnswered(payment, answer, at)),
    payoutAnswered: (paymentId: string, answer: PayoutAnswer) =>
      judge(paymentId, (payment, at) => payoutAnswered(payment, answer, at)),
    pushQueried: (paymentId: string, status: PushStatus) => judge(paymentId, (payment, at) => pushQueried(payment, status, at)),
    pushSilent: (paymentId: string) => judge(paymentId, pushSilent),
    pushGivenUp: (paymentId: string) =>
      judge(paymentId, (payment, at) => (mayPush(payment, at) || payment.state !== 'created' ? NOTHING : giveUpPush())),
    /** Before the status of a withdrawal is asked for; afterwards it may be a person's to look at instead. */
    payoutAsked: (paymentId: string) => judge(paymentId, payoutAsked),

    /** What is due to be looked after, put off by a minute for the others: each is given to one process. */
    async due(limit: number): Promise<OutgoingPayment[]> {
      const at = now();
      const rows = await db.rows<{ row: JsonRow }>(DUE, [at, new Date(at.getTime() + CLAIMED_MS), limit]);
      return rows.map(({ row }) => outgoing(toPayment(row)));
    },

    /** An operator's word: paid, with the provider's receipt. null: no such payment, or its state does not allow it. */
    confirm: (paymentId: string, receipt: string, by: Operator) =>
      decide({ paymentId, receipt, action: 'payment.confirm', by }, (payment, taken) =>
        confirmedByOperator(payment, receipt, taken),
      ),
    /** An operator's word: it will not happen. A withdrawal's money goes back to the player. */
    close: (paymentId: string, by: Operator) =>
      decide({ paymentId, receipt: null, action: 'payment.close', by }, closedByOperator),

    /** Forgets what was refused 90 days ago and why; its key stays taken, and is refused `request_reused`. For a schedule. */
    forgetRefusals: (): Promise<number> => {
      const before = new Date(now().getTime() - REFUSALS_KEPT_DAYS * DAY_MS);
      return inBites(db, { text: FORGET_REFUSALS, params: [before], size: 5_000 });
    },
  };
}

export interface PaymentsQuery {
  limit: number;
  before: string | null;
  state: PaymentState | null;
  playerId: string | null;
  id: string | null;
}

/** Who decides: an admin by player id, or whoever is at the terminal, by the name the machine knows them by. */
export interface Operator {
  actorId: string | null;
  terminal: string | null;
}

const NOTHING: Ruling = { verdict: 'noted', change: {}, money: null };
const CLAIMED_MS = 60_000;
const UNSENT_MS = 5_000;

const REFUSALS_KEPT_DAYS = 90;
const DAY_MS = 86_400_000;

function actOf({ payment, before }: Judged, action: string, { actorId, terminal }: Operator): Act {
  const shown = ({ state, reason, receipt, released }: PaymentRow) => ({ state, reason, receipt, released });
  const by = terminal === null ? {} : { terminal };
  return { actorId, action, target: `payment:${payment.id}`, before: shown(before), after: { ...shown(payment), ...by } };
}

type Order = PaymentOrder & { direction: Direction };

async function open(
  db: Database,
  ledger: Ledger,
  settings: PaymentsSettings,
  order: Order,
): Promise<{ payment: PaymentRow; replayed: boolean }> {
  const opened = await db.transaction((em) => openIn(em, ledger, settings, order));
  if ('refused' in opened) throw new Refusal(opened.refused);
  return opened;
}

type Opened = { payment: PaymentRow; replayed: boolean } | { refused: Refusal['code'] };

/** The player's account is locked first: two requests under one key, and two against one limit, take turns. */
async function openIn(em: EntityManager, ledger: Ledger, settings: PaymentsSettings, order: Order): Promise<Opened> {
  const { playerId, direction, amount, phone, requestId } = order;
  const account = await lockAccount(em, playerId);
  const request = derivedId(playerId, direction, requestId);
  const fingerprint = derivedId(direction, String(amount), phone);
  const known = await knownIn(em, request, fingerprint);
  if (known) return known;
  const at = settings.now();
  if (direction === 'deposit' && (await hasPrompt(em, order, at))) return { refused: 'payment_open' };
  const hold = { op: 'hold', debit: account.id, credit: systemAccount('clearing', 'KES'), amount, reason: 'withdrawal' } as const;
  const refused =
    direction === 'deposit'
      ? await limitRefusal(em, order, account, at)
      : (await ledger.postIn(em, [{ id: request, ...hold, memo: fingerprint }]))[0]!.refused;
  if (refused !== null) return refuseIn(em, { request, fingerprint, refused, at });
  const id = uuid7();
  const values = [id, request, fingerprint, playerId, direction, String(amount), phone, ...codes(settings, direction)];
  const hashes = (['payment', 'status'] as const).map((kind) => tokenHash(tokenOf(settings.secretsKey, kind, id)));
  // This process sends it at once; should it die first, another finds it a moment later.
  const instants = [at, at, new Date(at.getTime() + UNSENT_MS)].map((instant) => instant.toISOString());
  const [row] = await rowsIn<{ row: JsonRow }>(em, INSERT, [...values, ...hashes, ...instants]);
  return { payment: toPayment(row!.row), replayed: false };
}

interface Account {
  id: number;
  excluded: boolean;
}

async function lockAccount(em: EntityManager, playerId: string): Promise<Account> {
  const select = `select id, coalesce(excluded_until > now(), false) as excluded from ledger_account
                   where owner = ? and currency = 'KES' for no key update`;
  const [account] = await rowsIn<{ id: unknown; excluded: boolean }>(em, select, [playerId]);
  if (!account) throw new Error(`player ${playerId} has no KES account`);
  return { id: Number(account.id), excluded: account.excluded };
}

/** The first answer to this request, if it had one. */
async function knownIn(em: EntityManager, request: string, fingerprint: string): Promise<Opened | null> {
  const [found] = await rowsIn<{ row: JsonRow }>(em, 'select to_json(p) as row from payment p where request = ?', [request]);
  if (found) {
    const payment = toPayment(found.row);
    return payment.fingerprint === fingerprint ? { payment, replayed: true } : { refused: 'request_reused' };
  }
  const select = 'select fingerprint, code from payment_refusal where request = ?';
  const [refusal] = await rowsIn<{ fingerprint: string | null; code: string | null }>(em, select, [request]);
  if (!refusal) return null;
  return { refused: refusal.fingerprint === fingerprint ? codeOf(refusal.code!) : 'request_reused' };
}

/**
 * A phone shows one prompt at a time, whoever asked for it; and nobody has two phones ring at once. The phone has no row to lock
 * where its first prompt is asked for twice at once, by two players: they take turns all the same.
 */
async function hasPrompt(em: EntityManager, { playerId, phone }: Order, at: Date): Promise<boolean> {
  await rowsIn(em, 'select pg_advisory_xact_lock(hashtextextended(?, ?))', [phone, PHONE_LOCK]);
  const select = `select 1 from payment where direction = 'deposit' and state in ('created', 'submitted') and created_at > ?::timestamptz`;
  const since = new Date(at.getTime() - PROMPT_MS).toISOString();
  const both = `${select} and phone = ? union all ${select} and player = ?`;
  return (await rowsIn(em, both, [since, phone, since, playerId])).length > 0;
}

/** Sets these locks apart from others that are made of words. */
const PHONE_LOCK = 7_061_994;

async function limitRefusal(
  em: EntityManager,
  { playerId, amount }: Order,
  account: Account,
  at: Date,
): Promise<'self_excluded' | 'limit_reached' | null> {
  if (account.excluded) return 'self_excluded';
  const over = await rowsIn(em, OVER_LIMIT, [account.id, playerId, at.toISOString(), String(amount)]);
  return over.length > 0 ? 'limit_reached' : null;
}

const OVER_LIMIT = `
  select 1 from ledger_limit
   where account = ? and kind = 'deposit'
     and payment_deposited(?, date_trunc(period, ?::timestamptz at time zone 'utc') at time zone 'utc') + ?::bigint
         > case when next_at <= now() then next_cap else cap end`;

async function refuseIn(
  em: EntityManager,
  { request, fingerprint, refused, at }: { request: string; fingerprint: string; refused: string; at: Date },
): Promise<Opened> {
  const insert = 'insert into payment_refusal (request, fingerprint, code, at) values (?, ?, ?, ?)';
  await rowsIn(em, insert, [request, fingerprint, refused, at.toISOString()]);
  return { refused: codeOf(refused) };
}

function codeOf(refused: string): Refusal['code'] {
  const code = REFUSALS.find((known) => known === refused);
  if (!code) throw new Error(`the ledger refused a withdrawal: ${refused}`);
  return code;
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
/** The provider's limit for what the customer's phone shows. */
const REFERENCE_LETTERS = 12;
/** One page of the provider's wants fewer than 20. */
const ORIGINATOR_LETTERS = 19;

const codes = ({ bytes }: PaymentsSettings, direction: Direction): [reference: string, originatorId: string | null] => {
  const letters = (count: number) => Array.from(bytes(count), (byte) => LETTERS[byte % LETTERS.length]).join('');
  return [letters(REFERENCE_LETTERS), direction === 'withdrawal' ? letters(ORIGINATOR_LETTERS) : null];
};

const INSERT = `
  insert into payment as p (id, request, fingerprint, player, direction, state, amount, phone, reference, originator_id,
                            token_hash, status_token_hash, created_at, changed_at, follow_at)
  values (?, ?, ?, ?, ?, 'created', ?, ?, ?, ?, ?, ?, ?, ?, ?) returning to_json(p) as row`;

const LIST = `
  select to_json(p) as row from payment p where player = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`;

const ONE = 'select to_json(p) as row from payment p where player = $1 and id = $2';

/** A deposit that is older than its prompt may be is no longer sent. */
const CLAIM = `
  update payment p set state = 'submitted', sent_at = $2::timestamptz, attempts = attempts + 1, changed_at = $2::timestamptz,
                       follow_at = $2::timestamptz + interval '60 seconds'
   where id = $1 and state = 'created' and (direction = 'withdrawal' or created_at > $3) returning to_json(p) as row`;

const FORGET_REFUSALS = `
  update payment_refusal set fingerprint = null, code = null
   where request in (select request from payment_refusal where fingerprint is not null and at < $2 order by at limit $1) returning 1`;

const DUE = `
  update payment p set follow_at = $2
    from (select id from payment where follow_at <= $1 order by follow_at limit $3 for update skip locked) d
   where p.id = d.id returning to_json(p) as row`;

const ALL = `
  select to_json(p) as row from payment p
   where ($1::uuid is null or p.id < $1) and ($2::text is null or p.state = $2) and ($3::uuid is null or p.player = $3)
     and ($4::uuid is null or p.id = $4)
   order by p.id desc limit $5`;
