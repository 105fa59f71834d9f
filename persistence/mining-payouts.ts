// Payouts as they are told: by a pool's signed batch, by a pool that was asked, by the chain itself. Each is kept once, and
// another word about the same payout changes nothing but that a person should look.
import { Refusal } from '../rules/refusal.ts';
import { COINBASE_CONFIRMATIONS, LOOKS_MAX, lookAgainMs, type PayoutVerdict, type ToldPayout } from '../rules/mining.ts';
import { takeBackIn } from './mining-credits.ts';
import type { Ledger } from './ledger.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';

export type PayoutSource = 'signed' | 'polled' | 'chain';
export type PayoutState = 'waiting' | 'due' | 'credited' | 'refused';

export interface NewPayout {
  /** The pool's own name for it, or `txid:vout`. */
  key: string;
  address: string;
  /** The coin's smallest units. */
  amount: bigint;
  txid: string | null;
  vout: number | null;
  /** Where the chain has it, if that is who tells; null: not known. */
  height: number | null;
  blockHash: string | null;
  paidAt: Date | null;
}

export interface Told {
  pool: string;
  source: PayoutSource;
  payouts: readonly NewPayout[];
  /** Whether what has a txid waits for the chain to bear it out; without one the pool's word is all there is. */
  confirm: boolean;
  /** Of a signed batch: taken once. */
  signature: Buffer | null;
}

export interface Taken {
  /** New ones. */
  accepted: number;
  /** Those that were there, by the same words. */
  known: number;
  /** Keys of those that were there with another address, amount or place. */
  conflicts: string[];
}

/** A payout the chain should be asked about. */
export interface OpenPayout extends ToldPayout {
  id: bigint;
  txid: string;
  looks: number;
}

export function openPayouts(db: Database, ledger: Ledger, { now }: { now(): Date }) {
  return {
    /** Keeps what was told, all of it or nothing. Refuses `batch_replayed` for a signature that has been taken. */
    take: (told: Told): Promise<Taken> => db.transaction((em) => takeIn(em, told, now())),

    /** Those whose time has come, the longest due first, given to one process; whole transactions, since one may pay hundreds. */
    async due(limit: number): Promise<OpenPayout[]> {
      const rows = await db.rows<OpenPayoutRow>(DUE, [now(), limit]);
      return rows.map((row) => ({ ...row, id: whole(row.id), amount: whole(row.amount) }));
    },

    /** What the chain said of it; applied to the payout as it is now. */
    weighed: (payout: OpenPayout, verdict: PayoutVerdict): Promise<void> =>
      db.transaction((em) => weighedIn(em, ledger, { payout, verdict, at: now() })),

    /**
     * The chain grew from one height to another: what lies deep enough with that, and did not before, is looked at now.
     * `coinbases`: of pools by that name, whose payouts are blocks' own rewards.
     */
    async ripen({ from, to, depth, coinbases }: { from: number; to: number; depth: number; coinbases: string }): Promise<void> {
      await db.rows(RIPEN, [from, to, depth, COINBASE_CONFIRMATIONS, coinbases, now()]);
    },

    /** The chain has another block from this height on: whatever counted there is looked at again, now. Returns how many. */
    async reorganised(height: number): Promise<number> {
      return (await db.rows(AGAIN, [height, now()])).length;
    },

    /** Forgets signatures too old to be taken again. */
    async sweep(): Promise<void> {
      await db.rows('delete from mining_signature where at < $1', [new Date(now().getTime() - SIGNATURES_KEPT_MS)]);
    },
  };
}

/** Both sides of the window, and an hour for clocks. */
const SIGNATURES_KEPT_MS = 2 * 3_600_000;

async function takeIn(em: EntityManager, told: Told, at: Date): Promise<Taken> {
  if (told.signature !== null) await claimSignature(em, told.signature, { pool: told.pool, at });
  if (told.payouts.length === 0) return { accepted: 0, known: 0, conflicts: [] };
  const { lines, others } = linesOf(told);
  const json = JSON.stringify(lines);
  await rowsIn(em, WAKE, [json]);
  const made = await rowsIn<{ key: string }>(em, INSERT, [told.pool, told.source, at.toISOString(), at.toISOString(), json]);
  const fresh = new Set(made.map(({ key }) => key));
  const conflicts = await contradictionsIn(em, told.pool, [...lines.filter(({ key }) => !fresh.has(key)), ...others]);
  return { accepted: made.length, known: told.payouts.length - made.length - conflicts.length, conflicts };
}

async function claimSignature(em: EntityManager, signature: Buffer, { pool, at }: { pool: string; at: Date }): Promise<void> {
  const claim = `insert into mining_signature (signature, pool, at) values (decode(?, 'hex'), ?, ?) on conflict do nothing returning pool`;
  const claimed = await rowsIn(em, claim, [signature.toString('hex'), pool, at.toISOString()]);
  if (claimed.length === 0) throw new Refusal('batch_replayed');
}

interface Line {
  key: string;
  address: string;
  amount: string;
  txid: string | null;
  vout: number | null;
  state: PayoutState;
  height: number | null;
  block_hash: string | null;
  paid_at: string | null;
}

/** In the order of their keys, so that two batches with the same payouts wait for each other one way only; `others` name one again. */
function linesOf({ payouts, confirm }: Told): { lines: Line[]; others: Line[] } {
  const byKey = new Map<string, Line>();
  const others: Line[] = [];
  for (const { key, address, amount, txid, vout, height, blockHash, paidAt } of payouts) {
    const state = confirm && txid !== null ? 'waiting' : 'due';
    const place = { height, block_hash: blockHash, paid_at: paidAt?.toISOString() ?? null };
    const line: Line = { key, address, amount: String(amount), txid, vout, state, ...place };
    if (byKey.has(key)) others.push(line);
    else byKey.set(key, line);
  }
  return { lines: [...byKey.values()].sort((one, other) => (one.key < other.key ? -1 : 1)), others };
}

interface KnownRow {
  id: unknown;
  key: string;
  address: string;
  amount: unknown;
  txid: string | null;
  vout: number | null;
}

/** Of payouts that were there already: those told otherwise now. What counts stays as it was; what does not yet, waits. */
async function contradictionsIn(em: EntityManager, pool: string, lines: readonly Line[]): Promise<string[]> {
  if (lines.length === 0) return [];
  const keys = JSON.stringify(lines.map(({ key }) => key));
  const outputs = JSON.stringify(lines.filter(({ vout }) => vout !== null));
  const known = new Map((await rowsIn<KnownRow>(em, KNOWN, [pool, keys])).map((row) => [row.key, row]));
  const twins = new Map((await rowsIn<KnownRow>(em, TWINS, [outputs])).map((row) => [`${row.txid}:${row.vout}`, row]));
  const conflicts: string[] = [];
  for (const line of lines) {
    const first = known.get(line.key) ?? twins.get(`${line.txid}:${line.vout}`);
    if (!first || agrees(line, first)) continue;
    conflicts.push(line.key);
    const said = JSON.stringify({ pool, address: line.address, amount: line.amount, txid: line.txid, vout: line.vout });
    await rowsIn(em, MARK, [said, String(first.id)]);
  }
  return conflicts;
}

const agrees = (line: Line, first: KnownRow): boolean =>
  line.address === first.address &&
  BigInt(line.amount) === whole(first.amount) &&
  (line.txid === null || first.txid === null || line.txid === first.txid) &&
  (line.vout === null || first.vout === null || line.vout === first.vout);

async function weighedIn(
  em: EntityManager,
  ledger: Ledger,
  { payout, verdict, at }: { payout: OpenPayout; verdict: PayoutVerdict; at: Date },
): Promise<void> {
  const id = String(payout.id);
  const later = (missing: number | null) => new Date(at.getTime() + lookAgainMs({ looks: payout.looks, missing })).toISOString();
  switch (verdict.kind) {
    case 'wait':
      return void (payout.looks + 1 >= LOOKS_MAX ? await rowsIn(em, GIVE_UP, [id]) : await rowsIn(em, LATER, [later(null), id]));
    case 'review':
      return void (await rowsIn(em, REVIEW, [verdict.reason, id]));
    case 'gone':
      await takeBackIn(em, ledger, { payoutId: payout.id, to: 'waiting', at });
      return;
    case 'seen':
    case 'count': {
      const { vout, height, blockHash } = verdict;
      const [twin] = await rowsIn(em, TWIN, [payout.txid, vout, id]);
      if (twin) return void (await rowsIn(em, DROP, [id]));
      if (verdict.kind === 'seen') return void (await rowsIn(em, SEEN, [vout, height, blockHash, later(verdict.missing), id]));
      await rowsIn(em, WAKE, [JSON.stringify([{ address: payout.address, state: 'due' }])]);
      await rowsIn(em, COUNT, [vout, height, blockHash, id]);
    }
  }
}

interface OpenPayoutRow extends Omit<OpenPayout, 'id' | 'amount'> {
  id: unknown;
  amount: unknown;
}

/** The wallet before its payouts, as whoever credits it locks them. */
const WAKE = `
  insert into mining_wallet (address, due)
    select distinct address, true from json_to_recordset(?::json) l(address text, state text) where state = 'due' order by address
  on conflict (address) do update set due = true`;

const INSERT = `
  insert into mining_payout (pool, key, source, address, amount, txid, vout, state, height, block_hash, paid_at, told_at, look_at)
    select ?, key, ?, address, amount, txid, vout, state, height, block_hash, paid_at, ?::timestamptz, case when state = 'waiting' then ?::timestamptz end
      from json_to_recordset(?::json) l(key text, address text, amount bigint, txid text, vout int, state text,
                                        height int, block_hash text, paid_at timestamptz)
     order by key
  on conflict do nothing returning key`;

const KNOWN = `
  select id, key, address, amount, txid, vout from mining_payout
   where pool = ? and key in (select json_array_elements_text(?::json))`;

const TWINS = `
  select p.id, p.key, p.address, p.amount, p.txid, p.vout
    from json_to_recordset(?::json) l(txid text, vout int) join mining_payout p on p.txid = l.txid and p.vout = l.vout and p.state <> 'refused'`;

const MARK = `update mining_payout set review = 'told_otherwise', said = ?::jsonb where id = ?::bigint and review is null`;

/** Whoever takes them has them for a minute; what comes of it says when they are due again. */
const DUE = `
  update mining_payout p set look_at = $1::timestamptz + interval '1 minute'
    from (select id from mining_payout where look_at <= $1 and (review is null or state = 'credited') order by look_at limit $2 for update skip locked) d
   where p.id = d.id
  returning p.id, p.address, p.amount, p.txid, p.vout, p.height, p.block_hash as "blockHash", p.looks,
            p.state in ('due', 'credited') as counted`;

const AGAIN = `
  update mining_payout set look_at = $2, looks = 0
   where height >= $1 and state in ('waiting', 'due', 'credited') and (review is null or state = 'credited') returning id`;

const RIPEN = `
  update mining_payout set look_at = $6
   where state = 'waiting' and review is null and look_at > $6
     and (height between $1::int - $3::int + 2 and $2::int - $3::int + 1 and pool <> $5
          or height between $1::int - greatest($3::int, $4::int) + 2 and $2::int - greatest($3::int, $4::int) + 1 and pool = $5)`;

const LATER = 'update mining_payout set look_at = ?, looks = looks + 1 where id = ?::bigint';

/** What only the chain told of and then had no more was never a payout; a pool's word is for a person. */
const GIVE_UP = `
  update mining_payout
     set look_at = null, state = case when source = 'chain' and state = 'waiting' then 'refused' else state end,
         review = case when source = 'chain' and state = 'waiting' then null else 'not_on_chain' end
   where id = ?::bigint`;

const REVIEW = 'update mining_payout set look_at = null, review = ? where id = ?::bigint';

const TWIN = `select 1 from mining_payout where txid = ? and vout = ? and id <> ?::bigint and state <> 'refused'`;

/** Another pool's word, or the chain's own, has this output already. */
const DROP = `update mining_payout set look_at = null, state = 'refused' where id = ?::bigint and state = 'waiting'`;

const SEEN = `
  update mining_payout set vout = ?, height = ?, block_hash = ?, look_at = ?, looks = 0
   where id = ?::bigint and state = 'waiting'`;

const COUNT = `
  update mining_payout
     set vout = ?, height = ?, block_hash = ?, look_at = null, looks = 0, state = case when state = 'waiting' then 'due' else state end
   where id = ?::bigint and state in ('waiting', 'due', 'credited')`;
