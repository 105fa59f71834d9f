// The daily question: does the clearing account hold what the payments say, and does the provider's statement agree?
import type { PaymentState } from '../rules/payments.ts';
import type { StatementLine } from '../rules/payments-statement.ts';
import type { Ledger } from './ledger.ts';
import { type Database, rowsIn } from './orm.ts';
import type { PaymentsSettings } from './payments.ts';

export interface PaymentsReport {
  /** What is at the provider by our ledger: money that came in less money that went out, minor units. */
  clearing: bigint;
  deposits: bigint;
  withdrawals: bigint;
  /** Held for withdrawals under way. */
  held: bigint;
  /** How many payments are in each state. */
  states: Partial<Record<PaymentState, number>>;
  differences: PaymentDifference[];
}

export interface PaymentDifference {
  what:
    | 'clearing' // the ledger and the payments disagree
    | 'held' // a withdrawal under way without its hold, or a hold without its withdrawal
    | 'needs_review'
    | 'not_in_statement' // paid here, unknown to the provider
    | 'not_here' // at the provider, unknown here
    | 'not_paid_here' // at the provider under a reference of ours that is not paid here
    | 'amount'
    | 'without_receipt'; // paid by the query's word, and no statement has named the receipt yet
  paymentId: string | null;
  receipt: string | null;
  /** Minor units. */
  ours: bigint | null;
  theirs: bigint | null;
}

export interface StatementTotals {
  lines: number;
  /** Lines that an earlier import brought already. */
  known: number;
  /** Payments whose receipt the statement told. */
  receiptsFilled: number;
  paidIn: bigint;
  withdrawn: bigint;
  charges: bigint;
}

export function openPaymentsReport(db: Database, ledger: Ledger, { now }: Pick<PaymentsSettings, 'now'>) {
  return {
    /** With `span`, the statement lines and payments of that time are set against each other too. */
    async report(span: { from: Date; to: Date } | null): Promise<PaymentsReport> {
      const sums = await db.rows<SumRow>(SUMS);
      const sumOf = (direction: string, of: (row: SumRow) => boolean) =>
        sums.filter((row) => row.direction === direction && of(row)).reduce((sum, { amount }) => sum + BigInt(amount), 0n);
      const paid = ({ state }: SumRow) => state === 'paid';
      const report: PaymentsReport = {
        clearing: -(await ledger.systemBalance('clearing', 'KES')),
        deposits: sumOf('deposit', paid),
        withdrawals: sumOf('withdrawal', paid),
        held: sumOf('withdrawal', ({ holding }) => holding),
        states: {},
        differences: [],
      };
      for (const { state, count } of sums) report.states[state] = (report.states[state] ?? 0) + count;
      const expected = report.deposits - report.withdrawals;
      if (report.clearing !== expected)
        report.differences.push({ what: 'clearing', paymentId: null, receipt: null, ours: report.clearing, theirs: expected });
      report.differences.push(...(await db.rows<DifferenceRow>(HOLDS)).map(toDifference));
      report.differences.push(...(await db.rows<DifferenceRow>(IN_REVIEW)).map(toDifference));
      if (span)
        report.differences.push(...(await db.rows<DifferenceRow>(AGAINST_STATEMENT, [span.from, span.to])).map(toDifference));
      return report;
    },

    /** Keeps the lines; the same line twice is one. A payment without a receipt gets the one its reference has here. */
    async importStatement(lines: readonly StatementLine[]): Promise<StatementTotals> {
      const rows = lines.map(({ receipt, kind, amount, reference, at }) => ({
        receipt,
        kind,
        amount: String(amount),
        reference,
        at,
      }));
      const sum = (kind: StatementLine['kind']) =>
        lines.reduce((total, line) => total + (line.kind === kind ? line.amount : 0n), 0n);
      return db.transaction(async (em) => {
        const kept = await rowsIn(em, IMPORT, [now().toISOString(), JSON.stringify(rows)]);
        const filled = await rowsIn(em, FILL_RECEIPTS);
        return {
          lines: lines.length,
          known: lines.length - kept.length,
          receiptsFilled: filled.length,
          paidIn: sum('paid_in'),
          withdrawn: sum('withdrawn'),
          charges: sum('charge'),
        };
      });
    },
  };
}

interface SumRow {
  direction: string;
  state: PaymentState;
  holding: boolean;
  count: number;
  amount: string;
}

const SUMS = `
  select direction, state, direction = 'withdrawal' and state <> 'paid' and not released as holding,
         count(*)::int as count, sum(amount)::text as amount
    from payment group by 1, 2, 3`;

interface DifferenceRow extends Omit<PaymentDifference, 'ours' | 'theirs'> {
  ours: string | null;
  theirs: string | null;
}

const toDifference = ({ what, paymentId, receipt, ours, theirs }: DifferenceRow): PaymentDifference => ({
  what,
  paymentId,
  receipt,
  ours: ours === null ? null : BigInt(ours),
  theirs: theirs === null ? null : BigInt(theirs),
});

const AS = 'as what, p.id as "paymentId", p.receipt';

/** A withdrawal and its hold are open together or not at all. */
const HOLDS = `
  with open_hold as (
    select h.id, h.amount from ledger_transfer h
     where h.op = 'hold' and h.reason = 'withdrawal' and h.refused is null
       and not exists (select 1 from ledger_transfer d where d.ref = h.id and d.refused is null))
  select 'held' as what, p.id as "paymentId", p.receipt, h.amount::text as ours, p.amount::text as theirs
    from open_hold h
    full join (select * from payment where direction = 'withdrawal' and state <> 'paid' and not released) p on p.request = h.id
   where h.amount is distinct from p.amount
   order by p.id limit 1000`;

const IN_REVIEW = `
  select 'needs_review' ${AS}, p.amount::text as ours, null as theirs from payment p where state = 'needs_review' order by id limit 1000`;

/** Only payments whose whole way lies within the span can be missed in its statement. */
const AGAINST_STATEMENT = `
  select case when s.receipt is null then 'not_in_statement' else 'amount' end ${AS}, p.amount::text as ours, s.amount::text as theirs
    from payment p
    left join payment_statement s on s.receipt = p.receipt and s.kind = case p.direction when 'deposit' then 'paid_in' else 'withdrawn' end
   where p.state = 'paid' and p.receipt is not null and p.sent_at >= $1 and p.changed_at <= $2 and s.amount is distinct from p.amount
  union all
  select 'without_receipt' ${AS}, p.amount::text, null from payment p
   where p.state = 'paid' and p.receipt is null and p.sent_at >= $1 and p.changed_at <= $2
  union all
  select case when p.id is null then 'not_here' else 'not_paid_here' end, p.id, s.receipt, p.amount::text, s.amount::text
    from payment_statement s
    left join payment p on p.reference = s.reference
   where s.kind <> 'charge' and s.at between $1 and $2 and not exists (select 1 from payment q where q.receipt = s.receipt)
   order by 1, 3 limit 1000`;

const IMPORT = `
  insert into payment_statement (receipt, kind, amount, reference, at, imported_at)
  select l.receipt, l.kind, l.amount, l.reference, l.at, ?::timestamptz
    from json_to_recordset(?::json) l(receipt text, kind text, amount bigint, reference text, at timestamptz)
  on conflict (receipt, kind) do nothing returning receipt`;

const FILL_RECEIPTS = `
  update payment p set receipt = s.receipt
    from payment_statement s
   where p.state = 'paid' and p.receipt is null and p.direction = 'deposit' and s.kind = 'paid_in'
     and s.reference = p.reference and s.amount = p.amount
     and not exists (select 1 from payment q where q.receipt = s.receipt)
  returning p.id`;
