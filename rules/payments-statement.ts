// The provider's statement, read from the CSV of its portal, and set against our payments. Columns go by name, because their
// order and the lines above them change; names and numbers of people in it are not kept.
import { SHILLING } from './payments.ts';

export interface StatementLine {
  receipt: string;
  /** A fee has the receipt of what it is for. */
  kind: 'paid_in' | 'withdrawn' | 'charge';
  /** Minor units, above 0. */
  amount: bigint;
  /** What the customer paid for: our reference, where it is given. */
  reference: string | null;
  at: Date;
}

export interface Statement {
  lines: StatementLine[];
  /** Numbers of the lines, from 1, that have not the shape of one. */
  unread: number[];
}

/** null: no line of it has the headings of a statement. */
export function readStatement(text: string): Statement | null {
  const rows = rowsOf(text);
  const head = rows.findIndex(({ cells }) => cells.some((cell) => /^receipt no\.?$/i.test(cell)));
  if (head < 0) return null;
  const columns = columnsIn(rows[head]!.cells);
  if (columns === null) return null;
  const statement: Statement = { lines: [], unread: [] };
  for (const { line, cells } of rows.slice(head + 1)) {
    if (cells.every((cell) => cell === '')) continue;
    const at = (name: keyof typeof columns) => cells[columns[name]] ?? '';
    if (/^(failed|cancelled|declined|expired)$/i.test(at('status'))) continue;
    const read = lineOf({
      receipt: at('receipt'),
      time: at('time'),
      details: at('details'),
      paidIn: at('paidIn'),
      withdrawn: at('withdrawn'),
      reference: at('reference'),
    });
    if (read === null) statement.unread.push(line);
    else statement.lines.push(read);
  }
  return statement;
}

const HEADINGS = {
  receipt: /^receipt no\.?$/i,
  time: /^completion time$/i,
  details: /^details$/i,
  status: /^transaction status$/i,
  paidIn: /^paid in$/i,
  withdrawn: /^withdrawn$/i,
  reference: /^a\/c no\.?$/i,
} as const;

function columnsIn(cells: readonly string[]): Record<keyof typeof HEADINGS, number> | null {
  const entries = Object.entries(HEADINGS).map(
    ([name, heading]) => [name, cells.findIndex((cell) => heading.test(cell))] as const,
  );
  const needed = entries.filter(([name]) => name === 'receipt' || name === 'time' || name === 'paidIn' || name === 'withdrawn');
  if (needed.some(([, index]) => index < 0)) return null;
  return Object.fromEntries(entries) as Record<keyof typeof HEADINGS, number>;
}

type Cells = Record<'receipt' | 'time' | 'details' | 'paidIn' | 'withdrawn' | 'reference', string>;

function lineOf({ receipt, time, details, paidIn, withdrawn, reference }: Cells): StatementLine | null {
  const at = timeOf(time);
  const [came, went] = [amountOf(paidIn), amountOf(withdrawn)];
  if (!/^[A-Z0-9]{8,16}$/.test(receipt) || at === null || came === null || went === null) return null;
  if (came > 0n === went > 0n) return null;
  const kind = /\b(charge|fee)s?\b/i.test(details) ? 'charge' : came > 0n ? 'paid_in' : 'withdrawn';
  return { receipt, kind, amount: came > 0n ? came : went, reference: reference === '' ? null : reference.slice(0, 40), at };
}

/** "1,234.50" and "-1234.5" as minor units above 0; empty is 0; null for anything else. */
function amountOf(cell: string): bigint | null {
  const text = cell.replaceAll(',', '').replace(/^-/, '');
  if (text === '') return 0n;
  const found = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text);
  return found ? BigInt(found[1]!) * SHILLING + BigInt((found[2] ?? '').padEnd(2, '0')) : null;
}

/** Kenyan time, the year first or last. */
function timeOf(cell: string): Date | null {
  const found = /^(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)[-/.](\d\d)[-/.](\d{4}))[ T](\d\d:\d\d(?::\d\d)?)/.exec(cell);
  if (!found) return null;
  const [, year, month, day, lastDay, lastMonth, lastYear, clock] = found;
  const at = new Date(`${year ?? lastYear}-${month ?? lastMonth}-${day ?? lastDay}T${clock}+03:00`);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** RFC 4180: quoted cells may hold commas, quotes and line ends. */
function rowsOf(text: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let [line, began] = [1, 1];
  const endRow = () => {
    rows.push({ line: began, cells: [...cells, cell.trim()] });
    [cells, cell, began] = [[], '', line];
  };
  const endCell = () => {
    cells.push(cell.trim());
    cell = '';
  };
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length; at++) {
    const one = text[at]!;
    const doubled = quoted && one === '"' && text[at + 1] === '"';
    if (one === '\n') line++;
    if (one === '"' && !doubled) quoted = !quoted;
    else if (one === ',' && !quoted) endCell();
    else if (one === '\n' && !quoted) endRow();
    else cell += one;
    if (doubled) at++;
  }
  if (cell !== '' || cells.length > 0) endRow();
  return rows;
}
