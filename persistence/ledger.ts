// The money of the house: accounts, and immutable transfers between them. Everything that moves value ends here, either
// alone (`post`, group-committed) or inside a wider change (`postIn`). The SQL is in the migration that creates the ledger.
import { CURRENCIES, CURRENCY_CODES, type Currency } from '../rules/currency.ts';
import { Flusher } from './flusher.ts';
import { derivedId } from './ids.ts';
import { verifyLedger } from './ledger-verify.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

/** The house's own accounts: no stored balance, never locked; their balance is the sum of their entries. */
const SYSTEM = ['house', 'mint', 'pot', 'rake', 'clearing', 'withdrawals', 'corrections', 'shop'] as const;
export type SystemName = (typeof SYSTEM)[number];

/** One step of money. `move` at once; `hold` reserves; `post` (with a win `back`) or `void` resolves the hold `ref`. */
export interface Posting {
  /** Made by the caller and said again on every retry: the same id never moves money twice. */
  id: string;
  op: 'move' | 'hold' | 'post' | 'void';
  debit?: number;
  credit?: number;
  /** Minor units, debit → credit. For `post`: how much of the hold; the rest returns. */
  amount?: bigint;
  /** Minor units, credit → debit in the same breath: a win. */
  back?: bigint;
  /** Minor units that go on from credit to `cutTo`. */
  cut?: bigint;
  cutTo?: number;
  ref?: string;
  /** Why, as a code: `stake`, `payout`, `grant:register`. */
  reason: string;
  memo?: string;
  /** For the player's own limits: a `stake` leaves the debit side for a game, a `payout` comes back from one. */
  play?: 'stake' | 'payout';
}

export interface Posted {
  refused: string | null;
  /** Free and held balance of the debit account afterwards, minor units; null for the house's own. */
  free: bigint | null;
  held: bigint | null;
  creditFree: bigint | null;
}

export interface Balance {
  currency: Currency;
  available: bigint;
  held: bigint;
}

export interface Transaction {
  id: string;
  at: Date;
  reason: string;
  op: Posting['op'];
  currency: Currency;
  /** Change of the available balance, minor units; negative when money left it. */
  amount: bigint;
  /** Available balance afterwards. */
  available: bigint;
}

export interface Grant {
  playerId: string;
  currency: Currency;
  amount: bigint;
  reason: string;
  /** With player and reason, makes the transfer's id: the same grant is paid once. */
  key: string;
}

export type Ledger = ReturnType<typeof openLedger>;

/** Fixed ids, so that no lookup is needed: kind × 100 + number of the currency. */
export const systemAccount = (name: SystemName, currency: Currency): number =>
  (SYSTEM.indexOf(name) + 1) * 100 + CURRENCY_CODES.indexOf(currency) + 1;

/** The jackpot keeps a stored balance and has the highest ids, so its row is always locked last. */
export const jackpotAccount = (currency: Currency): number => 9_000_000_000_000_000 + CURRENCY_CODES.indexOf(currency) + 1;

export function openLedger(db: Database) {
  const flusher = new Flusher<Posting, Posted>({ run: (batch) => postBatch(db, batch), keys: keysOf });
  const accounts = new Map<string, number>();

  return {
    /** Settles when committed. Refusals (`funds_short`, `hold_resolved`, …) are answers, and stay taken under their id. */
    post: (posting: Posting): Promise<Posted> => flusher.add(posting),
    postIn,
    openAccountsIn,
    grantIn,
    grantAllIn,

    /** The ledger account of a player in one currency; kept in memory, since it never changes. */
    async accountOf(playerId: string, currency: Currency): Promise<number> {
      const key = `${playerId}:${currency}`;
      const known = accounts.get(key);
      if (known !== undefined) return known;
      const [row] = await db.rows<{ id: bigint }>('select id from ledger_account where owner = $1 and currency = $2', [
        playerId,
        currency,
      ]);
      if (!row) throw new Error(`player ${playerId} has no ${currency} account`);
      if (accounts.size >= ACCOUNTS_KEPT_MAX) accounts.clear();
      accounts.set(key, Number(row.id));
      return Number(row.id);
    },

    async wallet(playerId: string): Promise<Balance[]> {
      const rows = await db.rows<{ currency: Currency; available: bigint; held: bigint }>(WALLET, [playerId]);
      return rows.map((row) => ({ currency: row.currency, available: whole(row.available), held: whole(row.held) }));
    },

    async balance(playerId: string, currency: Currency): Promise<Balance> {
      const found = (await this.wallet(playerId)).find((balance) => balance.currency === currency);
      if (!found) throw new Error(`player ${playerId} has no ${currency} account`);
      return found;
    },

    /** Newest first; `before` is the `seq` of the last one seen. */
    async transactions(playerId: string, { limit, before }: { limit: number; before: bigint | null }) {
      const rows = await db.rows<TransactionRow>(TRANSACTIONS, [playerId, before ?? MAX_INT8, limit]);
      return rows.map((row) => ({ ...toTransaction(row), seq: whole(row.seq) }));
    },

    async jackpot(currency: Currency): Promise<bigint> {
      const [row] = await db.rows<{ posted: bigint }>('select posted from ledger_account where id = $1', [
        jackpotAccount(currency),
      ]);
      return whole(row?.posted ?? 0);
    },

    /** What a house account holds, from its entries. Reads them all: for reports, not for play. */
    async systemBalance(name: SystemName, currency: Currency): Promise<bigint> {
      const [row] = await db.rows<{ sum: string }>(
        'select coalesce(sum(delta), 0)::text as sum from ledger_entry where account = $1',
        [systemAccount(name, currency)],
      );
      return BigInt(row!.sum);
    },

    verify: (onProgress?: (done: bigint, of: bigint) => void) => verifyLedger(db, onProgress),

    /** The house's own accounts and floats; safe to run at every start. */
    seed: () => db.transaction((em) => seedIn(em)),
  };
}

const ACCOUNTS_KEPT_MAX = 200_000;
const MAX_INT8 = 9_223_372_036_854_775_807n;

/** The same statement inside a wider change. One call per transaction, as late in it as possible. */
async function postIn(em: EntityManager, postings: readonly Posting[]): Promise<Posted[]> {
  if (postings.length === 0) return [];
  const [row] = await rowsIn<{ answers: Answer[] }>(em, 'select ledger_post(?::json) as answers', [batchJson(postings)]);
  return row!.answers.map(toPosted);
}

/** A new player's accounts, one a currency. */
async function openAccountsIn(em: EntityManager, playerId: string): Promise<void> {
  const values = CURRENCY_CODES.map(() => "(nextval('ledger_account_id'), ?, ?)").join(', ');
  await rowsIn(
    em,
    `insert into ledger_account (id, owner, currency) values ${values}`,
    CURRENCY_CODES.flatMap((code) => [playerId, code]),
  );
}

/** New play money for a player, from the mint. */
const grantIn = (em: EntityManager, grant: Grant): Promise<void> => grantAllIn(em, [grant]);

/** All that a change pays, in the one call that it may make. */
async function grantAllIn(em: EntityManager, grants: readonly Grant[]): Promise<void> {
  const postings: Posting[] = [];
  for (const { playerId, currency, amount, reason, key } of grants) {
    if (CURRENCIES[currency].kind === 'real') throw new Error(`${currency} cannot be minted`);
    const [account] = await rowsIn<{ id: unknown }>(em, 'select id from ledger_account where owner = ? and currency = ?', [
      playerId,
      currency,
    ]);
    if (!account) throw new Error(`player ${playerId} has no ${currency} account`);
    const way = { debit: systemAccount('mint', currency), credit: Number(account.id) };
    postings.push({ id: derivedId(playerId, reason, key), op: 'move', ...way, amount, reason });
  }
  const refused = (await postIn(em, postings)).find((posted) => posted.refused);
  if (refused) throw new Error(`a grant was refused: ${refused.refused}`);
}

const FLOAT_COINS = 1_000_000_000_000n;
const JACKPOT_SEED_COINS = 5_000n;

async function seedIn(em: EntityManager): Promise<void> {
  const rows = CURRENCY_CODES.flatMap((currency) => [
    ...SYSTEM.map((name) => [systemAccount(name, currency), name, currency, true] as const),
    [jackpotAccount(currency), 'jackpot', currency, false] as const,
  ]);
  const values = rows.map(() => '(?, ?, ?, ?)').join(', ');
  await rowsIn(
    em,
    `insert into ledger_account (id, name, currency, system) values ${values} on conflict (id) do nothing`,
    rows.flat(),
  );
  const float = { op: 'move', debit: systemAccount('mint', 'COINS') } as const;
  await postIn(em, [
    {
      ...float,
      id: derivedId('house', 'float', 'COINS'),
      credit: systemAccount('house', 'COINS'),
      amount: FLOAT_COINS,
      reason: 'float',
    },
    {
      ...float,
      id: derivedId('jackpot', 'seed', 'COINS'),
      credit: jackpotAccount('COINS'),
      amount: JACKPOT_SEED_COINS,
      reason: 'jackpot_seed',
    },
  ]);
}

type Answer = [refused: string | null, debitFree: number | null, creditFree: number | null, debitHeld: number | null];

async function postBatch(db: Database, batch: readonly Posting[]): Promise<Posted[]> {
  const [row] = await db.rows<{ answers: Answer[] }>('select ledger_post($1::json) as answers', [batchJson(batch)]);
  return row!.answers.map(toPosted);
}

const keysOf = ({ id, ref }: Posting): string[] => (ref ? [id, ref] : [id]);

const toPosted = ([refused, debitFree, creditFree, debitHeld]: Answer): Posted => ({
  refused,
  free: debitFree === null ? null : BigInt(debitFree),
  held: debitHeld === null ? null : BigInt(debitHeld),
  creditFree: creditFree === null ? null : BigInt(creditFree),
});

const AMOUNT_MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** Amounts travel as JSON numbers, so they must be exact ones; a wrong posting is our bug and stops here, not the batch. */
export const postingJson = (p: Posting) => ({
  id: p.id,
  op: p.op,
  debit: p.debit,
  credit: p.credit,
  amount: safe(p.amount),
  back: safe(p.back),
  cut: safe(p.cut),
  cut_to: p.cutTo,
  ref: p.ref,
  reason: p.reason,
  memo: p.memo,
  play: p.play,
});

const batchJson = (postings: readonly Posting[]): string => JSON.stringify(postings.map(postingJson));

function safe(amount: bigint | undefined): number {
  if (amount === undefined) return 0;
  if (amount < 0n || amount > AMOUNT_MAX) throw new RangeError(`amount ${amount} is out of range`);
  return Number(amount);
}

const WALLET = `select currency, posted - held as available, held from ledger_account where owner = $1 order by id`;

interface TransactionRow {
  seq: unknown;
  id: string;
  at: Date;
  op: Posting['op'];
  reason: string;
  currency: Currency;
  delta: unknown;
  free: unknown;
}

const TRANSACTIONS = `
  with mine as (select id, currency from ledger_account where owner = $1)
  select t.seq, t.id, t.at, t.op, t.reason, m.currency, t.delta, t.free
    from mine m, lateral (
      (select seq, id, at, op, reason, debit_free as free,
              case op when 'move' then back - amount when 'hold' then -amount
                      else (select h.amount from ledger_transfer h where h.id = d.ref) - amount + back end as delta
         from ledger_transfer d where debit = m.id and refused is null and seq < $2 order by seq desc limit $3)
      union all
      (select seq, id, at, op, reason, credit_free, amount - back - cut
         from ledger_transfer c where credit = m.id and refused is null and op in ('move', 'post') and seq < $2 order by seq desc limit $3)
    ) t
   order by t.seq desc limit $3`;

const toTransaction = (row: TransactionRow): Transaction => ({
  id: row.id,
  at: row.at,
  op: row.op,
  reason: row.reason,
  currency: row.currency,
  amount: whole(row.delta),
  available: whole(row.free ?? 0),
});
