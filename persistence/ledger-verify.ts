// Recomputes every balance from the entries. Streams the transfers in pages: what is kept grows with accounts, not with history.
import type { Currency } from '../rules/currency.ts';
import { type Database, whole } from './orm.ts';
import { inSnapshot, type Read } from './snapshot.ts';

export interface Difference {
  account: string;
  currency: string;
  what: 'posted' | 'held' | 'sum';
  stored: bigint;
  computed: bigint;
}

export interface Verdict {
  accounts: number;
  transfers: bigint;
  /** Empty: every balance is the sum of its entries, and every currency sums to zero. */
  differences: Difference[];
  /** The house's own accounts, which have no stored balance. */
  house: HouseBalance[];
}

export interface HouseBalance {
  account: string;
  currency: Currency;
  balance: bigint;
}

/** `seq`s a page; the embedded database shares its thread with the game. */
export const pageOf = (embedded: boolean): bigint => (embedded ? 5_000n : 50_000n);
const ACCOUNTS_A_PAGE = 50_000;

/** Reads one snapshot of the whole ledger. `onProgress` counts transfers. */
export const verifyLedger = (db: Database, onProgress?: (done: bigint, of: bigint) => void): Promise<Verdict> =>
  inSnapshot(db, (read) => recompute(read, db.embedded, onProgress));

/** The balances are read at the start, with how far the transfers reach: later ones do not count. */
export async function recompute(
  read: Read,
  embedded: boolean,
  onProgress?: (done: bigint, of: bigint) => void,
): Promise<Verdict> {
  const kept = embedded ? await accountsAfter(read, -1n, null) : null;
  const end = kept?.[0] ? whole(kept[0].end) : await lastSeq(read);
  const sums = new Sums();
  const page = pageOf(embedded);
  for (let from = 0n; from < end; from += page) {
    const to = from + page < end ? from + page : end;
    const span = [String(from), String(to)];
    for (const { account, posted, held } of await read<SumRow>(SUMS, [...span, ...span, ...span, ...span]))
      sums.add(Number(account), BigInt(posted), BigInt(held));
    onProgress?.(to, end);
  }
  const comparison = new Comparison(sums);
  if (kept) comparison.take(kept);
  for (let after = -1n; !kept;) {
    const accounts = await accountsAfter(read, after, ACCOUNTS_A_PAGE);
    if (accounts.length === 0) break;
    comparison.take(accounts);
    after = whole(accounts.at(-1)!.id);
  }
  return { accounts: comparison.accounts, transfers: end, differences: comparison.end(), house: comparison.house };
}

async function lastSeq(read: Read): Promise<bigint> {
  const [last] = await read<{ seq: unknown }>('select coalesce(max(seq), 0) as seq from ledger_transfer');
  return whole(last!.seq);
}

interface SumRow {
  account: unknown;
  posted: string;
  held: string;
}

interface AccountRow {
  id: unknown;
  name: string | null;
  currency: Currency;
  system: boolean;
  posted: unknown;
  held: unknown;
  /** How far the transfers reach at the moment of this read. */
  end: unknown;
}

const accountsAfter = (read: Read, after: bigint, limit: number | null): Promise<AccountRow[]> =>
  read<AccountRow>(
    `select id, name, currency, system, posted, held, (select coalesce(max(seq), 0) from ledger_transfer) as end
       from ledger_account where id > ?::bigint order by id limit ?`,
    [String(after), limit],
  );

/** Per account and page: money moved, and holds made less holds resolved. */
const SUMS = `
  select account, sum(posted)::text as posted, sum(held)::text as held from (
    select debit as account, case when op in ('move', 'post') then back - amount else 0 end as posted,
           case when op = 'hold' then amount else 0 end as held
      from ledger_transfer where refused is null and seq > ? and seq <= ?
    union all
    select credit, amount - back - cut, 0 from ledger_transfer where refused is null and op in ('move', 'post') and seq > ? and seq <= ?
    union all
    select cut_to, cut, 0 from ledger_transfer where refused is null and cut_to is not null and seq > ? and seq <= ?
    union all
    select t.debit, 0, -h.amount from ledger_transfer t join ledger_transfer h on h.id = t.ref
     where t.refused is null and t.seq > ? and t.seq <= ?
  ) e group by account`;

/** What was moved and held by account, packed: there may be millions. */
class Sums {
  #places = new Map<number, number>();
  #next = 0;
  #amounts = new BigInt64Array(2_048);

  add(account: number, posted: bigint, held: bigint): void {
    const place = this.#placeOf(account);
    this.#amounts[place]! += posted;
    this.#amounts[place + 1]! += held;
  }

  /** Taken out, so that at the end those are left which no account has. */
  take(account: number): { posted: bigint; held: bigint } {
    const place = this.#places.get(account);
    if (place === undefined) return { posted: 0n, held: 0n };
    this.#places.delete(account);
    return { posted: this.#amounts[place]!, held: this.#amounts[place + 1]! };
  }

  *left(): Iterable<[account: number, posted: bigint]> {
    for (const [account, place] of this.#places) yield [account, this.#amounts[place]!];
  }

  #placeOf(account: number): number {
    const known = this.#places.get(account);
    if (known !== undefined) return known;
    const place = this.#next;
    this.#next += 2;
    if (place === this.#amounts.length) {
      const wider = new BigInt64Array(place * 2);
      wider.set(this.#amounts);
      this.#amounts = wider;
    }
    this.#places.set(account, place);
    return place;
  }
}

class Comparison {
  accounts = 0;
  house: HouseBalance[] = [];
  #sums: Sums;
  #byCurrency = new Map<string, bigint>();
  #differences: Difference[] = [];

  constructor(sums: Sums) {
    this.#sums = sums;
  }

  take(accounts: readonly AccountRow[]): void {
    this.accounts += accounts.length;
    for (const { id, name, currency, system, posted, held } of accounts) {
      const sum = this.#sums.take(Number(id));
      this.#byCurrency.set(currency, (this.#byCurrency.get(currency) ?? 0n) + sum.posted);
      if (system) {
        this.house.push({ account: name!, currency, balance: sum.posted });
        continue;
      }
      const account = String(id);
      const stored = { posted: whole(posted), held: whole(held) };
      for (const what of ['posted', 'held'] as const)
        if (stored[what] !== sum[what])
          this.#differences.push({ account, currency, what, stored: stored[what], computed: sum[what] });
    }
  }

  end(): Difference[] {
    for (const [currency, sum] of this.#byCurrency)
      if (sum !== 0n) this.#differences.push({ account: 'all', currency, what: 'sum', stored: 0n, computed: sum });
    for (const [account, posted] of this.#sums.left())
      this.#differences.push({ account: String(account), currency: '', what: 'posted', stored: 0n, computed: posted });
    return this.#differences;
  }
}
