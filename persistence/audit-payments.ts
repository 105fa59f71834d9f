// The clearing account against the payments: each paid one has moved its money once, and what the account holds is what came in
// less what went out. What the provider says is set against it by the payments' own report.
import { derivedId } from './ids.ts';
import { systemAccount } from './ledger.ts';
import { whole } from './orm.ts';
import type { Finding } from './seal-faults.ts';
import type { Read } from './snapshot.ts';

const PAGE = 2_000;

export async function checkPayments(read: Read): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (let after = NIL; ;) {
    const payments = (await read<Raw>(PAYMENTS, [after, PAGE])).map((row): PaymentRow => ({ ...row, amount: whole(row.amount) }));
    if (payments.length === 0) break;
    after = payments.at(-1)!.id;
    const due = payments.flatMap(dueOf);
    const moved = await transfersOf(
      read,
      due.map(({ transfer }) => transfer),
    );
    for (const { payment, transfer, what, amount } of due) {
      const fault = faultOf(moved.get(transfer), { what, amount });
      if (fault) findings.push({ of: 'payment', id: payment, what: fault, seal: null });
    }
  }
  const [sums] = await read<{ clearing: string; expected: string }>(CLEARING, [CLEARING_ACCOUNT, CLEARING_ACCOUNT]);
  const { clearing, expected } = sums!;
  if (clearing !== expected)
    findings.push({
      of: 'payment',
      id: 'all',
      what: `the clearing account holds ${clearing}, the payments say ${expected}`,
      seal: null,
    });
  return findings;
}

const NIL = '00000000-0000-0000-0000-000000000000';
const CLEARING_ACCOUNT = systemAccount('clearing', 'KES');

interface Raw extends Omit<PaymentRow, 'amount'> {
  amount: unknown;
}

interface PaymentRow {
  id: string;
  request: string;
  direction: 'deposit' | 'withdrawal';
  state: string;
  released: boolean;
  amount: bigint;
}

const PAYMENTS = 'select id, request, direction, state, released, amount from payment where id > ? order by id limit ?';

/** What came in through clearing less what went out, by its entries and by the payments: one moment. */
const CLEARING = `
  select (select coalesce(sum(taken), 0)::text from (
            select amount - back as taken from ledger_transfer where debit = ? and refused is null and op in ('move', 'post')
            union all
            select back + cut - amount from ledger_transfer where credit = ? and refused is null and op in ('move', 'post')) t) as clearing,
         (select coalesce(sum(case direction when 'deposit' then amount else -amount end), 0)::text from payment where state = 'paid') as expected`;

interface Due {
  payment: string;
  /** The id of the transfer that must be there. */
  transfer: string;
  what: keyof typeof NAMES;
  amount: bigint;
}

/** The transfers that a payment in this state has made; their ids are derived from its request. */
function dueOf({ id, request, direction, state, released, amount }: PaymentRow): Due[] {
  if (direction === 'deposit')
    return state === 'paid' ? [{ payment: id, transfer: derivedId(request, 'credit'), what: 'credit', amount }] : [];
  const hold = { payment: id, transfer: request, what: 'hold', amount } as const;
  if (state === 'paid') return [hold, { payment: id, transfer: derivedId(request, 'post'), what: 'post', amount }];
  if (released) return [hold, { payment: id, transfer: derivedId(request, 'release'), what: 'release', amount: 0n }];
  return [{ ...hold, what: 'openHold' }];
}

interface Moved {
  amount: bigint;
  refused: boolean;
  /** It is a hold, and posted or returned. */
  resolved: boolean;
}

async function transfersOf(read: Read, ids: readonly string[]): Promise<Map<string, Moved>> {
  if (ids.length === 0) return new Map();
  const rows = await read<{ id: string; amount: unknown; refused: boolean; resolved: boolean }>(MOVED, [JSON.stringify(ids)]);
  return new Map(rows.map(({ id, amount, ...moved }) => [id, { ...moved, amount: whole(amount) }]));
}

const MOVED = `
  select t.id, t.amount, t.refused is not null as refused,
         exists (select from ledger_transfer d where d.ref = t.id and d.refused is null) as resolved
    from ledger_transfer t where t.id in (select value::uuid from json_array_elements_text(?::json))`;

const NAMES = {
  credit: 'its deposit',
  hold: 'its hold',
  openHold: 'its hold',
  post: 'its withdrawal',
  release: 'its return',
} as const;

function faultOf(moved: Moved | undefined, { what, amount }: Pick<Due, 'what' | 'amount'>): string | null {
  if (!moved || moved.refused) return `${NAMES[what]} is not in the ledger`;
  if (what === 'openHold' && moved.resolved) return 'it is under way, and its hold is not open';
  return moved.amount === amount ? null : `${NAMES[what]} moved ${moved.amount}, not ${amount}`;
}
