// Recomputes every balance from the entries. Streams the transfers in pages, so memory grows with accounts, not with history.
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

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
}

const PAGE = 50_000n;

/** Reads one snapshot of the whole ledger. `onProgress` counts transfers. */
export function verifyLedger(db: Database, onProgress?: (done: bigint, of: bigint) => void): Promise<Verdict> {
  return db.orm.em.fork().transactional(
    async (em) => {
      const [last] = await rowsIn<{ seq: unknown }>(em as EntityManager, 'select coalesce(max(seq), 0) as seq from ledger_transfer');
      const end = whole(last!.seq);
      const computed = new Map<string, { posted: bigint; held: bigint }>();
      for (let from = 0n; from < end; from += PAGE) {
        const rows = await rowsIn<SumRow>(em as EntityManager, SUMS, Array.from({ length: 4 }, () => [String(from), String(from + PAGE)]).flat());
        for (const row of rows) {
          const sum = computed.get(String(row.account)) ?? { posted: 0n, held: 0n };
          computed.set(String(row.account), { posted: sum.posted + BigInt(row.posted), held: sum.held + BigInt(row.held) });
        }
        onProgress?.(from + PAGE < end ? from + PAGE : end, end);
      }
      const accounts = await rowsIn<AccountRow>(em as EntityManager, 'select id, currency, system, posted, held from ledger_account');
      return { accounts: accounts.length, transfers: end, differences: compare(accounts, computed) };
    },
    { isolationLevel: 'repeatable read' as never, readOnly: true },
  );
}

interface SumRow {
  account: unknown;
  posted: string;
  held: string;
}
interface AccountRow {
  id: unknown;
  currency: string;
  system: boolean;
  posted: unknown;
  held: unknown;
}

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

function compare(accounts: readonly AccountRow[], computed: ReadonlyMap<string, { posted: bigint; held: bigint }>): Difference[] {
  const differences: Difference[] = [];
  const sums = new Map<string, bigint>();
  const known = new Set<string>();
  for (const { id, currency, system, posted, held } of accounts) {
    const account = String(id);
    known.add(account);
    const sum = computed.get(account) ?? { posted: 0n, held: 0n };
    sums.set(currency, (sums.get(currency) ?? 0n) + sum.posted);
    const differs = (what: 'posted' | 'held', stored: bigint) => {
      if (stored !== sum[what]) differences.push({ account, currency, what, stored, computed: sum[what] });
    };
    if (!system) differs('posted', whole(posted));
    if (!system) differs('held', whole(held));
  }
  for (const [currency, sum] of sums) if (sum !== 0n) differences.push({ account: 'all', currency, what: 'sum', stored: 0n, computed: sum });
  for (const [account, { posted }] of computed) {
    if (!known.has(account)) differences.push({ account, currency: '', what: 'posted', stored: 0n, computed: posted });
  }
  return differences;
}
