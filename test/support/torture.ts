// The ledger's torture: a long list of operations that follows from a seed, sent by many callers in several processes, some
// again, some changed; and a model of the ledger, written apart from it, that every stored row and every answer must match.
import { derivedId } from '../../persistence/ids.ts';
import { jackpotAccount, type Posted, type Posting, systemAccount } from '../../persistence/ledger.ts';
import { type Database, whole } from '../../persistence/orm.ts';
import type { TestStore } from './store.ts';

export interface Torture {
  seed: number;
  operations: number;
  callers: number;
  /** Ledger accounts of players; the last of them are of another currency. */
  accounts: number[];
  /** Tells one process's choice of repeats and changes from another's. */
  process: number;
}

/** What a caller was told: the operation, whether its content was changed, the answer. */
export type Told = [index: number, changed: boolean, posted: Posted];

const REPORT_EVERY = 200;
const REPEATED_OF = 6;
const CHANGED_OF = 17;

/** The job: sends all operations, in order but many at once, and reports what it was told. Returns how many calls failed. */
export async function postOperations({ store }: TestStore, torture: Torture, report: (told: Told[]) => void): Promise<number> {
  const chance = chanceOf(torture.seed, torture.process);
  let next = 0;
  let failed = 0;
  const told: Told[] = [];
  const call = async (index: number, changed: boolean) => {
    const operation = operationOf(torture, index);
    const posting = changed ? { ...operation, memo: 'changed' } : operation;
    const posted = await store.ledger.post(posting).catch(() => void failed++);
    if (posted) told.push([index, changed, posted]);
    if (told.length >= REPORT_EVERY) report(told.splice(0));
  };
  const caller = async () => {
    while (next < torture.operations) {
      const index = next++;
      await call(index, chance(CHANGED_OF) === 0);
      if (chance(REPEATED_OF) === 0) await call(chance(index + 1), chance(CHANGED_OF) === 0);
    }
  };
  await Promise.all(Array.from({ length: torture.callers }, caller));
  report(told);
  return failed;
}

const HOUSE = systemAccount('house', 'COINS');
const MINT = systemAccount('mint', 'COINS');
const POT = jackpotAccount('COINS');

/** The same operation for the same index, in every process. */
export function operationOf({ seed, accounts }: Pick<Torture, 'seed' | 'accounts'>, index: number): Posting {
  const chance = chanceOf(seed, index, 1);
  const account = () => accounts[chance(accounts.length)]!;
  const debit = account();
  const amount = BigInt(chance(300));
  const said = { id: idOf(seed, index), reason: 'torture', memo: `operation ${index}` };
  switch (kindOf(seed, index)) {
    case 'move':
      return { ...said, op: 'move', debit, credit: account(), amount, back: chance(4) === 0 ? BigInt(chance(200)) : 0n };
    case 'income':
      return { ...said, op: 'move', debit: MINT, credit: debit, amount, ...(chance(3) === 0 && { play: 'payout' }) };
    case 'bet':
      return {
        ...said,
        op: 'move',
        play: 'stake',
        debit,
        credit: HOUSE,
        amount,
        back: BigInt(chance(400)),
        cut: amount / 20n,
        cutTo: POT,
      };
    case 'hold':
      return { ...said, op: 'hold', play: 'stake', debit, credit: chance(3) === 0 ? account() : HOUSE, amount };
    case 'post':
      return {
        ...said,
        op: 'post',
        ref: holdBefore(seed, index),
        amount: amount / 2n,
        back: BigInt(chance(600)),
        cut: chance(2) ? amount / 20n : 0n,
        cutTo: POT,
      };
    case 'void':
      return { ...said, op: 'void', ref: holdBefore(seed, index) };
  }
}

type Kind = 'move' | 'income' | 'bet' | 'hold' | 'post' | 'void';
const KINDS: readonly Kind[] = ['move', 'move', 'income', 'bet', 'bet', 'hold', 'hold', 'hold', 'post', 'post', 'post', 'void'];

const idOf = (seed: number, index: number): string => derivedId('torture', String(seed), String(index));
const kindOf = (seed: number, index: number): Kind => KINDS[chanceOf(seed, index, 2)(KINDS.length)]!;

/** Mostly a hold that has been answered by now; one in four may still be on its way. */
function holdBefore(seed: number, index: number): string {
  const chance = chanceOf(seed, index, 3);
  const from = index - (chance(4) === 0 ? 0 : 600) - chance(200);
  for (let at = from; at >= 0; at--) if (kindOf(seed, at) === 'hold') return idOf(seed, at);
  return idOf(seed, -1);
}

/** Whole numbers below a limit that follow from the words (mulberry32): the same everywhere, and good enough to shuffle. */
export function chanceOf(...words: number[]): (limit: number) => number {
  let state = words.reduce((mixed, word) => Math.imul(mixed ^ (word + 0x9e3779b9), 0x85ebca6b) ^ (mixed >>> 13), 0x27d4eb2f);
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

interface Row {
  id: string;
  op: Posting['op'];
  debit: number | null;
  credit: number | null;
  amount: bigint;
  back: bigint;
  cut: bigint;
  cut_to: number | null;
  ref: string | null;
  memo: string | null;
  play: string | null;
  refused: string | null;
  debit_free: bigint | null;
  debit_held: bigint | null;
  credit_free: bigint | null;
}

/** Every fault found: rows that the model would have decided otherwise, accounts that differ from it, answers that differ from their rows. */
export async function faultsOf(
  db: Database,
  told: readonly Told[],
  torture: Pick<Torture, 'seed' | 'accounts'>,
): Promise<string[]> {
  const stored = await db.rows<Record<string, unknown> & Pick<Row, 'id' | 'op' | 'ref' | 'memo' | 'play' | 'refused'>>(
    'select * from ledger_transfer order by seq',
  );
  const number = (value: unknown) => (value === null ? null : Number(value));
  const money = (value: unknown) => (value === null ? null : whole(value));
  const rows = stored.map((row): Row => ({
    ...row,
    debit: number(row.debit),
    credit: number(row.credit),
    cut_to: number(row.cut_to),
    amount: whole(row.amount),
    back: whole(row.back),
    cut: whole(row.cut),
    debit_free: money(row.debit_free),
    debit_held: money(row.debit_held),
    credit_free: money(row.credit_free),
  }));
  return [...(await modelFaults(db, rows)), ...answerFaults(rows, told, torture)];
}

interface ModelAccount {
  system: boolean;
  currency: string;
  posted: bigint;
  held: bigint;
  limits: Record<string, { cap: bigint; used: bigint }> | null;
}

/** Gives an account limits on what it may stake and lose in a month, nothing used yet. */
export async function limitAccounts(
  db: Database,
  accounts: readonly number[],
  { wager, loss }: { wager: bigint; loss: bigint },
): Promise<void> {
  await db.rows(
    `insert into ledger_limit (account, kind, period, cap, starts)
       select a::bigint, k.kind, 'month', k.cap, date_trunc('month', now() at time zone 'utc')
         from json_array_elements_text($1::json) a, (values ('wager', $2::bigint), ('loss', $3::bigint)) k(kind, cap)`,
    [JSON.stringify(accounts), wager, loss],
  );
  await db.rows('update ledger_account set limited = true where id in (select account from ledger_limit)');
}

/** Plays all rows again, one by one in their order. */
async function modelFaults(db: Database, rows: readonly Row[]): Promise<string[]> {
  const stored = await db.rows<{ id: bigint; system: boolean; currency: string; posted: bigint; held: bigint }>(
    'select id, system, currency, posted, held from ledger_account',
  );
  const accounts = new Map<number, ModelAccount>(
    stored.map(({ id, system, currency }) => [Number(id), { system, currency, posted: 0n, held: 0n, limits: null }]),
  );
  const limits = await db.rows<{ account: bigint; kind: string; cap: bigint; used: bigint }>(
    'select account, kind, cap, used from ledger_limit',
  );
  for (const { account, kind, cap } of limits) (accounts.get(Number(account))!.limits ??= {})[kind] = { cap, used: 0n };
  const holds = new Map<string, Row>();
  const resolved = new Set<string>();
  const faults: string[] = [];
  for (const row of rows) {
    // A post that came before its hold was committed is refused and moves nothing; in the order of rows the hold may be first.
    if (row.refused === 'hold_unknown' && row.ref) continue;
    const said = play(row, { accounts, holds, resolved });
    const kept = [row.refused, row.debit_free, row.debit_held, row.credit_free].join();
    if (said !== kept) faults.push(`${row.op} ${row.id}: the row says ${kept}, the model ${said}`);
  }
  for (const { id, system, posted, held } of stored) {
    const model = accounts.get(Number(id))!;
    if (!system && (posted !== model.posted || held !== model.held))
      faults.push(`account ${id}: posted ${posted} held ${held}, the model ${model.posted} and ${model.held}`);
  }
  for (const { account, kind, used } of limits) {
    const due = accounts.get(Number(account))!.limits![kind]!.used;
    if (used !== due) faults.push(`account ${account}: ${used} used of its ${kind} limit, the model ${due}`);
  }
  return faults;
}

interface Model {
  accounts: Map<number, ModelAccount>;
  holds: Map<string, Row>;
  resolved: Set<string>;
}

/** One operation in the model; what the ledger should have answered: refused, debit free, debit held, credit free. */
function play(row: Row, model: Model): string {
  const { accounts, holds, resolved } = model;
  const hold = row.ref === null ? null : (holds.get(row.ref) ?? null);
  const [from, to] = hold ? [hold.debit, hold.credit] : [row.debit, row.credit];
  const [debit, credit, cutTo] = [from, to, row.cut_to].map((id) => (id === null ? undefined : accounts.get(id)));
  const refused = refusal(row, { hold, done: resolved.has(row.ref ?? ''), debit, credit, cutTo });
  if (refused !== null || !debit || !credit) return [refused, null, null, null].join();
  if (row.op === 'hold') {
    debit.held += row.amount;
    holds.set(row.id, row);
  } else {
    debit.posted += row.back - row.amount;
    credit.posted += row.amount - row.back - row.cut;
    if (cutTo) cutTo.posted += row.cut;
  }
  if (hold) {
    debit.held -= hold.amount;
    resolved.add(hold.id);
  }
  if ((hold ?? row).play === 'stake')
    count(debit, row.amount - (hold?.amount ?? 0n), row.amount - row.back - (hold?.amount ?? 0n));
  if (row.play === 'payout') count(credit, 0n, -row.amount);
  const free = (account: ModelAccount) => (account.system ? null : account.posted - account.held);
  const moved = row.op === 'move' || row.op === 'post';
  return [null, free(debit), debit.system ? null : debit.held, moved ? free(credit) : null].join();
}

function count({ limits }: ModelAccount, wager: bigint, loss: bigint): void {
  if (!limits) return;
  limits.wager!.used += wager;
  limits.loss!.used += loss;
}

const overLimit = ({ limits }: ModelAccount, stake: bigint): boolean =>
  Object.values(limits ?? {}).some(({ cap, used }) => (used > 0n ? used : 0n) + stake > cap);

interface Sides {
  hold: Row | null;
  done: boolean;
  debit: ModelAccount | undefined;
  credit: ModelAccount | undefined;
  cutTo: ModelAccount | undefined;
}

function refusal(row: Row, { hold, done, debit, credit, cutTo }: Sides): string | null {
  if (row.ref !== null && !hold) return 'hold_unknown';
  if (done) return 'hold_resolved';
  if (hold && row.amount > hold.amount) return 'hold_exceeded';
  if (!debit || !credit || debit === credit) return 'account_unknown';
  if (debit.currency !== credit.currency) return 'currency_mixed';
  if (!hold && !debit.system && debit.posted - debit.held < row.amount) return 'funds_short';
  if (!hold && row.play === 'stake' && overLimit(debit, row.amount)) return 'limit_reached';
  if (row.cut_to !== null && (!cutTo || cutTo === debit || cutTo === credit)) return 'account_unknown';
  if (cutTo && cutTo.currency !== debit.currency) return 'currency_mixed';
  const short = row.op !== 'hold' && !credit.system && credit.posted - credit.held + row.amount < row.back + row.cut;
  return short ? 'funds_short' : null;
}

/** What callers were told against what is stored: the first to come decided what the id stands for. */
function answerFaults(rows: readonly Row[], told: readonly Told[], { seed }: Pick<Torture, 'seed'>): string[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return told.flatMap(([index, changed, posted]) => {
    const row = byId.get(idOf(seed, index));
    if (!row) return [`operation ${index} was answered and is not stored`];
    const same = changed === (row.memo === 'changed');
    const due = same ? [row.refused, row.debit_free, row.debit_held, row.credit_free] : ['request_reused', null, null, null];
    const was = [posted.refused, posted.free, posted.held, posted.creditFree];
    return due.join() === was.join() ? [] : [`operation ${index}: answered ${was.join()}, stored ${due.join()}`];
  });
}
