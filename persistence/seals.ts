// Seals: each covers the transfers since the one before and chains its hash, so that whoever has noted one hash can tell
// whether anything under it was changed, taken away or put in, and which transfer it was.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { type Finding, LEAF_BYTES, nameFaults } from './seal-faults.ts';
import { COLUMNS, HASH, LEAF } from './seal-text.ts';
import type { Read } from './snapshot.ts';

export interface Sealed {
  no: bigint;
  /** Transfers under it. */
  entries: number;
  toSeq: bigint;
  /** Hex; worth noting outside this database. */
  hash: string;
  at: Date;
}

export type Seals = ReturnType<typeof openSeals>;

const ENTRIES_MAX = 10_000;
/** The embedded database shares its thread with the game. */
const ENTRIES_MAX_EMBEDDED = 200;
const PATIENCE_MS = 5_000;
const SEALING_MS = 30_000;
const LOOK_MS = 20;
const SEALING_LOCK = 7_061_991;

export function openSeals(db: Database) {
  const entriesMax = db.embedded ? ENTRIES_MAX_EMBEDDED : ENTRIES_MAX;
  return {
    /**
     * Seals all that is settled and not sealed yet. Waits up to `patienceMs` for transactions that may still bring a transfer
     * into the range; if one does not end, another process is sealing, or `forMs` are over, the rest is left to the next time.
     */
    async seal({ patienceMs = PATIENCE_MS, forMs = SEALING_MS }: { patienceMs?: number; forMs?: number } = {}): Promise<
      Sealed[]
    > {
      const until = performance.now() + forMs;
      const made: Sealed[] = [];
      const settled = await settledPart(db, patienceMs);
      for (let full = settled !== null; full && settled;) {
        const sealed = await db.transaction((em) => sealIn(em, settled, entriesMax));
        if (sealed) made.push(sealed);
        full = sealed?.entries === entriesMax && performance.now() < until;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return made;
    },

    /** Whether there is a seal with this hash, hex: everything up to it is then as it was when it was noted. */
    async known(hash: string): Promise<Sealed | null> {
      const [row] = await db.rows<SealedRow>(`select ${SEALED} from ledger_seal where hash = decode($1, 'hex')`, [hash]);
      return row ? toSealed(row) : null;
    },

    async last(): Promise<Sealed | null> {
      const [row] = await db.rows<SealedRow>(`select ${SEALED} from ledger_seal order by no desc limit 1`);
      return row ? toSealed(row) : null;
    },
  };
}

interface Settled {
  seq: string;
  horizon: string;
}

/**
 * How far the order of transfers is settled. A transaction has its number before any of its transfers has its `seq`, so one
 * that has taken a `seq` up to the one read here is numbered below the horizon drawn after it: once no transaction below the
 * horizon runs any more, nothing can come into that range. Null: nothing new, or one has not ended in time.
 */
async function settledPart(db: Database, patienceMs: number): Promise<Settled | null> {
  const [reached] = await db.rows<{ seq: string; fresh: boolean }>(REACHED);
  if (!reached!.fresh) return null;
  const [drawn] = await db.rows<{ horizon: string }>('select pg_current_xact_id()::text as horizon');
  const { horizon } = drawn!;
  const until = performance.now() + patienceMs;
  for (;;) {
    const [row] = await db.rows<{ ended: boolean }>('select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as ended', [
      horizon,
    ]);
    if (row!.ended) return { seq: reached!.seq, horizon };
    if (performance.now() >= until) return null;
    await sleep(LOOK_MS);
  }
}

const REACHED = `
  select s.last_value::text as seq, s.is_called and s.last_value > coalesce((select max(to_seq) from ledger_seal), 0) as fresh
    from ledger_transfer_seq s`;

async function sealIn(em: EntityManager, { seq, horizon }: Settled, entriesMax: number): Promise<Sealed | null> {
  const [lock] = await rowsIn<{ mine: boolean }>(em, 'select pg_try_advisory_xact_lock(?) as mine', [SEALING_LOCK]);
  if (!lock!.mine) return null;
  const [last] = await rowsIn<{ to: string }>(em, 'select coalesce(max(to_seq), 0)::text as to from ledger_seal');
  const [row] = await rowsIn<SealedRow>(em, SEAL, [last!.to, seq, entriesMax, last!.to, horizon]);
  return row ? toSealed(row) : null;
}

const SEALED = `no, entries, to_seq as "toSeq", encode(hash, 'hex') as hash, at`;

/** Numbers in the text, not names, so that the plan follows the index. */
const SEAL = `
  with chunk as materialized (
    select * from ledger_transfer where seq > ?::bigint and seq <= ?::bigint order by seq limit ?),
  digest as (
    select count(*)::int as entries, max(seq) as to_seq, string_agg(${LEAF}, ''::bytea order by seq) as leaves,
           string_agg(${COLUMNS}, ''::bytea order by seq) as columns from chunk t),
  flow as (
    select f.account, f.delta from chunk t,
           lateral (values (t.debit, t.back - t.amount), (t.credit, t.amount - t.back - t.cut), (t.cut_to, t.cut)) f(account, delta)
     where t.refused is null and t.op in ('move', 'post')),
  last as (select no, sums, hash from ledger_seal order by no desc limit 1),
  balance as (
    select account, sum(delta) as total from (
      select account, delta from flow join ledger_account a on a.id = flow.account and a.system
      union all select key::bigint, value::numeric from last, json_each_text(last.sums)) s group by account),
  seal as (
    select coalesce((select no from last), 0) + 1 as no, ?::bigint as from_seq, d.to_seq, d.entries, ?::xid8 as horizon,
           coalesce((select jsonb_object_agg(account, total::text) from balance), '{}')::text as sums,
           d.leaves, d.columns, coalesce((select hash from last), ''::bytea) as previous, clock_timestamp() as at
      from digest d where d.entries > 0)
  insert into ledger_seal (no, from_seq, to_seq, entries, horizon, sums, leaves, columns, previous, hash, at)
    select s.no, s.from_seq, s.to_seq, s.entries, s.horizon, s.sums::json, s.leaves, s.columns, s.previous, ${HASH}, s.at from seal s
  returning ${SEALED}`;

interface SealedRow {
  no: unknown;
  entries: number;
  toSeq: unknown;
  hash: string;
  at: Date | string;
}

const toSealed = ({ no, entries, toSeq, hash, at }: SealedRow): Sealed => ({
  no: whole(no),
  entries,
  toSeq: whole(toSeq),
  hash,
  at: new Date(at),
});

export interface SealsVerdict {
  seals: bigint;
  last: Sealed | null;
  findings: Finding[];
}

/** What one page of the check covers, in transfers. */
const PAGE_ENTRIES = 10_000;
const PAGE_ENTRIES_EMBEDDED = 2_000;

/**
 * Recomputes every seal from the transfers under it. `onProgress` gets the `seq` reached. A seal that does not hold has its
 * transfers compared one by one, and those that differ are named.
 */
export async function checkSeals(read: Read, embedded: boolean, onProgress?: (seq: bigint) => void): Promise<SealsVerdict> {
  const page = embedded ? PAGE_ENTRIES_EMBEDDED : PAGE_ENTRIES;
  const findings: Finding[] = [];
  const before = await read<{ id: string }>('select id from ledger_transfer where seq <= 0');
  for (const { id } of before) findings.push({ of: 'transfer', id, what: 'added', seal: 1n });
  let reached = { no: 0n, toSeq: 0n, hash: '' };
  for (;;) {
    const rows = await read<CheckRow>(CHECK, [String(reached.no), page, String(reached.no)]);
    for (const row of rows) {
      const no = whole(row.no);
      if (no !== reached.no + 1n)
        findings.push({ of: 'seal', id: String(reached.no + 1n), what: 'removed', seal: reached.no + 1n });
      const linked = row.previous === reached.hash && whole(row.fromSeq) === reached.toSeq;
      if (!row.hashed) findings.push({ of: 'seal', id: String(no), what: 'changed', seal: no });
      else if (!linked) findings.push({ of: 'seal', id: String(no), what: 'does not follow the seal before it', seal: no });
      if (!row.same) findings.push(...(await nameFaults(read, { no, trusted: row.hashed })));
      reached = { no, toSeq: whole(row.toSeq), hash: row.hash };
    }
    if (rows.length === 0) break;
    onProgress?.(reached.toSeq);
  }
  const [last] = await read<SealedRow>(`select ${SEALED} from ledger_seal order by no desc limit 1`);
  return { seals: reached.no, last: last ? toSealed(last) : null, findings };
}

interface CheckRow {
  no: unknown;
  fromSeq: unknown;
  toSeq: unknown;
  previous: string;
  hash: string;
  /** The seal gives its own hash. */
  hashed: boolean;
  /** Its transfers are those it was made over. */
  same: boolean;
}

/** As many seals as have a page of transfers together, one at least. */
const CHECK = `
  with ahead as (
    select no, sum(entries) over (order by no) - entries as entries_before
      from (select no, entries from ledger_seal where no > ? order by no limit 1000) n),
  page as (select no from ahead where entries_before < ?)
  select s.no, s.from_seq as "fromSeq", s.to_seq as "toSeq", encode(s.previous, 'hex') as previous, encode(s.hash, 'hex') as hash,
         s.hash = ${HASH} as hashed, octet_length(s.leaves) = s.entries * ${LEAF_BYTES} and s.leaves is not distinct from t.leaves as same
    from ledger_seal s,
         lateral (select string_agg(${LEAF}, ''::bytea order by t.seq) as leaves
                    from ledger_transfer t where t.seq > s.from_seq and t.seq <= s.to_seq) t
   where s.no > ? and s.no in (select no from page)
   order by s.no`;
