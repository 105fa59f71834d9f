import { useState } from 'preact/hooks';
import { ask, type Fault } from '../ask.ts';
import { Faulty, grouped, Id, Page, PagedTable, Panel, State, Time } from '../parts.tsx';
import { go, hrefOf, place } from '../place.ts';
import { usePages } from '../reading.ts';
import { faultOf } from '../words.ts';

interface Act {
  no: string;
  at: string;
  actorId: string | null;
  actorName: string | null;
  action: string;
  target: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  hash: string;
}

const FILTERS = ['action', 'target', 'actor'] as const;

export function AuditPage() {
  const { search } = place.value;
  const asked = Object.fromEntries(FILTERS.map((name) => [name, search.get(name)]));
  const pages = usePages<Act>('/api/admin/audit', asked);
  const filtered = FILTERS.some((name) => search.get(name) !== null);
  return (
    <Page title="Audit log" aside={<Chain />}>
      <Panel title="Newest first" aside={<Filters />}>
        <PagedTable
          pages={pages}
          caption="Acts"
          keyOf={({ no }) => no}
          empty={filtered ? 'No act is like that.' : 'No operator has done anything yet.'}
          columns={[
            { head: 'No.', figure: true, cell: ({ no }) => grouped(no) },
            { head: 'At', cell: ({ at }) => <Time at={at} /> },
            {
              head: 'By',
              cell: ({ actorId, actorName }) =>
                actorId === null ? (
                  <span class="soft">terminal or clock</span>
                ) : (
                  <a href={hrefOf('audit', null, { actor: actorId })}>{actorName ?? actorId}</a>
                ),
            },
            { head: 'Act', cell: ({ action }) => <a href={hrefOf('audit', null, { action })}>{action}</a> },
            { head: 'On', cell: ({ target }) => <Target target={target} /> },
            { head: 'Before → after', cell: ({ before, after }) => <Difference before={before} after={after} /> },
            { head: 'Hash', cell: ({ hash }) => <Id id={hash} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

function Filters() {
  const { search } = place.value;
  const apply = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = [...(event.currentTarget as HTMLFormElement).querySelectorAll('input')];
    const given = fields.map(({ name, value }) => [name, value.trim()] as const).filter(([, value]) => value !== '');
    go('audit', null, Object.fromEntries(given));
  };
  return (
    <form role="search" class="inline" onSubmit={apply} key={search.toString()}>
      <input
        name="action"
        type="search"
        data-search
        aria-label="Act"
        placeholder="Act: player.ban  ( / )"
        defaultValue={search.get('action') ?? ''}
      />
      <input
        name="target"
        type="search"
        aria-label="On"
        placeholder="On: player:<id>"
        size={28}
        defaultValue={search.get('target') ?? ''}
      />
      <input
        name="actor"
        type="search"
        aria-label="By, an operator’s id"
        placeholder="By: an operator’s id"
        size={28}
        defaultValue={search.get('actor') ?? ''}
      />
      <button type="submit">Filter</button>
    </form>
  );
}

const PAGES: Record<string, string> = { player: 'players', season: 'seasons', payment: 'payments', round: 'rounds' };

function Target({ target }: { target: string }) {
  const mark = target.indexOf(':');
  const [kind, id] = mark < 0 ? [target, null] : [target.slice(0, mark), target.slice(mark + 1)];
  const page = PAGES[kind];
  if (id === null) return <>{kind}</>;
  return (
    <>
      {kind} <Id id={id} href={page === undefined ? null : hrefOf(page, id)} />
    </>
  );
}

/** Field by field; what stayed as it was is left out. */
function Difference({ before, after }: Pick<Act, 'before' | 'after'>) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const changed = names.filter((name) => JSON.stringify(before?.[name] ?? null) !== JSON.stringify(after?.[name] ?? null));
  if (changed.length === 0) return <span class="soft">–</span>;
  return (
    <ul class="difference">
      {changed.map((name) => (
        <li key={name}>
          <span class="soft">{name}</span> {before !== null && name in before && <del>{shown(before[name])}</del>}{' '}
          {after !== null && name in after && <ins>{shown(after[name])}</ins>}
        </li>
      ))}
    </ul>
  );
}

const SHOWN_MAX = 160;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

interface ChainVerdict {
  ok: boolean;
  acts: string;
  faults: string[];
}

/** The chain of hashes over all acts, computed again by the house when asked. */
function Chain() {
  const [verdict, setVerdict] = useState<ChainVerdict | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const check = () => {
    ask<ChainVerdict>('/api/admin/audit/verify').then(setVerdict, (error: unknown) => setFault(faultOf(error)));
  };
  return (
    <span class="inline" aria-live="polite">
      <Faulty fault={fault} />
      {verdict && (
        <State tone={verdict.ok ? 'good' : 'bad'}>
          {verdict.ok ? `${grouped(verdict.acts)} acts, unbroken` : `broken at ${verdict.faults.join(', ')}`}
        </State>
      )}
      <button type="button" onClick={check}>
        Check the chain
      </button>
    </span>
  );
}
