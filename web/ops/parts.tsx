// The parts every page of the console is made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CURRENCIES, type Currency } from '../../rules/currency.ts';
import type { Fault } from './ask.ts';
import { go, place } from './place.ts';
import type { Pages, Read } from './reading.ts';
import { sentenceOf, spoken } from './words.ts';

/** Its heading takes the focus when one comes here, so that a reader hears where they are. */
export function Page({ title, aside, children }: { title: string; aside?: ComponentChildren; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Playhouse operations`;
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title]);
  return (
    <>
      <header class="page-head">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {aside}
      </header>
      {children}
    </>
  );
}

export function Panel({ title, aside, children }: { title: string; aside?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="panel" aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function Faulty({ fault, onAgain }: { fault: Fault | null; onAgain?: () => void }) {
  if (fault === null) return null;
  return (
    <p class="fault" role="alert" data-code={fault.code}>
      {sentenceOf(fault)}
      {onAgain && (
        <button type="button" class="link" onClick={onAgain}>
          Try again
        </button>
      )}
    </p>
  );
}

/** What was read, or why it is not there (yet). */
export function Reading<T>({ read, children }: { read: Read<T>; children: (value: T) => ComponentChildren }) {
  return (
    <>
      <Faulty fault={read.fault} onAgain={read.reload} />
      {read.value === null ? read.fault === null && <p class="loading">Reading …</p> : children(read.value)}
    </>
  );
}

export interface Column<Row> {
  head: string;
  cell: (row: Row) => ComponentChildren;
  /** Right-aligned, its digits under one another. */
  figure?: boolean;
}

interface TableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** What is said where there is nothing. */
  empty: string;
}

/** Up and down go from a row's link or button to the same one of the next row. */
export function Table<Row>({ caption, columns, rows, keyOf, empty }: TableProps<Row>) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={caption}>
      <table onKeyDown={walkRows}>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ head, figure = false }) => (
              <th key={head} scope="col" class={figure ? 'figure' : ''}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} data-key={keyOf(row)}>
              {columns.map(({ head, cell, figure = false }) => (
                <td key={head} class={figure ? 'figure' : ''}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A table of what is read a page at a time. */
export function PagedTable<Row>({ pages, ...table }: { pages: Pages<Row> } & Omit<TableProps<Row>, 'rows'>) {
  return (
    <Reading read={pages}>
      {({ items }) => (
        <>
          <Table {...table} rows={items} />
          {(pages.older !== null || pages.newer !== null) && (
            <nav class="pager" aria-label={`Pages of ${table.caption}`}>
              <button type="button" disabled={pages.newer === null} onClick={() => pages.newer?.()}>
                ← Back
              </button>
              <span>Page {pages.number}</span>
              <button type="button" disabled={pages.older === null} onClick={() => pages.older?.()}>
                Next →
              </button>
            </nav>
          )}
        </>
      )}
    </Reading>
  );
}

function walkRows(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const from = event.target as HTMLElement;
  const row = from.closest('tbody tr');
  if (!row || from.matches('input, select, textarea')) return;
  const next = event.key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling;
  const here = [...row.querySelectorAll<HTMLElement>(FOCUSABLE)].indexOf(from);
  const there = [...(next?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])];
  const target = there[here] ?? there.at(-1);
  if (!target) return;
  event.preventDefault();
  target.focus();
}

const FOCUSABLE = 'a[href], button:not(:disabled), summary';

/** What a list is narrowed to, kept in the address under `of`; nothing chosen: all. */
export function Narrowed({ page, of, name, among }: { page: string; of: string; name: string; among: readonly string[] }) {
  const choose = (value: string) => go(page, null, value === '' ? {} : { [of]: value });
  return (
    <label class="inline">
      {name}
      <select value={place.value.search.get(of) ?? ''} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">all</option>
        {among.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}

export function Facts({ of }: { of: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

/** An id, shortened; a click takes the whole of it along. */
export function Id({ id, href = null }: { id: string; href?: string | null }) {
  const [copied, setCopied] = useState(false);
  const short = id.length > 18 ? `${id.slice(0, 8)}…${id.slice(-6)}` : id;
  if (href !== null)
    return (
      <a class="id" href={href} title={id}>
        {short}
      </a>
    );
  const copy = () => {
    void navigator.clipboard?.writeText(id).then(() => setCopied(true));
  };
  return (
    <button type="button" class="id" title={copied ? 'Copied' : `Copy ${id}`} onClick={copy} onBlur={() => setCopied(false)}>
      {copied ? 'copied' : short}
    </button>
  );
}

const SAME_DAY = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const OTHER_DAY = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** In this machine's time; UTC when pointed at. */
export function Time({ at }: { at: string | null }) {
  if (at === null) return <>–</>;
  const when = new Date(at);
  const today = when.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={at}>
      {(today ? SAME_DAY : OTHER_DAY).format(when)}
    </time>
  );
}

/** Minor units as people write them. */
export function Money({ amount, currency }: { amount: string; currency: string }) {
  return (
    <span class="money">
      {worded(amount, currency)} <small>{currency}</small>
    </span>
  );
}

export function worded(amount: string, currency: string): string {
  const value = BigInt(amount);
  const exponent = CURRENCIES[currency as Currency]?.exponent ?? 0;
  const scale = 10n ** BigInt(exponent);
  const size = value < 0n ? -value : value;
  const rest = exponent === 0 ? '' : `.${(size % scale).toString().padStart(exponent, '0')}`;
  return `${value < 0n ? '−' : ''}${grouped(size / scale)}${rest}`;
}

export const grouped = (value: bigint | number | string): string => BigInt(value).toLocaleString('en');

type Tone = 'good' | 'bad' | 'warn' | 'calm';

/** A state in a word, with a mark that does not depend on colour alone. */
export function State({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`state state-${tone}`}>
      <span aria-hidden="true">{MARKS[tone]}</span> {spoken(children)}
    </span>
  );
}

const MARKS: Record<Tone, string> = { good: '●', bad: '✕', warn: '▲', calm: '○' };
