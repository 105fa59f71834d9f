// The whole database as lines of text, and back: of one moment, and the same for the embedded database and a server. Every value
// is in the database's own words, so it comes back as it was; memory does not grow with the tables.
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import { inSnapshot, type Read } from './snapshot.ts';

/** How far, in steps of no meaning of their own. */
export type Step = (done: number, total: number) => void;

export interface Counted {
  tables: number;
  rows: number;
}

const FORMAT = 1;
const BLOCK_BYTES = 8_192;
/** What one read of a table brings, roughly. */
const READ_BYTES = 2_000_000;
const INSERT_BYTES = 1_000_000;

/**
 * Writes everything, line by line; `write` settles when it can take more. A server goes on meanwhile; the embedded database
 * waits until it is done.
 */
export async function dump(db: Database, write: (line: string) => Promise<void>, onStep?: Step): Promise<Counted> {
  const migrations = (await db.orm.migrator.getExecuted()).map(({ name }) => name);
  await write(JSON.stringify({ playhouse: FORMAT, at: new Date().toISOString(), migrations }));
  return inSnapshot(db, (read) => dumpTables(read, write, onStep), { whole: true });
}

async function dumpTables(read: Read, write: (line: string) => Promise<void>, onStep: Step = () => undefined): Promise<Counted> {
  const tables = await tablesOf(read);
  const total = tables.reduce((sum, { blocks }) => sum + blocks, 0);
  const counts: Record<string, number> = {};
  let done = 0;
  for (const table of tables) {
    await write(JSON.stringify({ table: table.name, columns: table.columns.map(({ name }) => name) }));
    counts[table.name] = await dumpTable(read, table, write, (blocks) => onStep(done + blocks, total));
    done += table.blocks;
  }
  // Read last: a sequence is never behind the rows of an earlier moment.
  for (const sequence of await read<SequenceRow>(SEQUENCES)) await write(JSON.stringify({ sequence }));
  await write(JSON.stringify({ end: counts }));
  return { tables: tables.length, rows: Object.values(counts).reduce((sum, count) => sum + count, 0) };
}

async function dumpTable(
  read: Read,
  table: Table,
  write: (line: string) => Promise<void>,
  onBlocks: (blocks: number) => void,
): Promise<number> {
  const values = table.columns.map(({ name }) => `${quoted(name)}::text`).join(', ');
  const text = `select count(*)::int as count, string_agg(json_build_array(${values})::text, E'\\n') as lines
                  from ${quoted(table.name)} where ctid >= ?::tid and ctid < ?::tid`;
  let count = 0;
  for (let from = 0; from < table.blocks; from += table.stride) {
    const to = Math.min(from + table.stride, table.blocks);
    const [page] = await read<{ count: number; lines: string | null }>(text, [`(${from},0)`, `(${to},0)`]);
    count += page!.count;
    if (page!.lines !== null) await write(page!.lines);
    onBlocks(to);
  }
  return count;
}

/** Why a backup can't be restored, in words for an operator. */
export class Unrestorable extends Error {}

/**
 * Puts everything into an empty database: all of it, or nothing. Throws `Unrestorable`: the database has something in it, or the
 * lines are not a whole backup of this version or an older one.
 */
export async function restore(db: Database, lines: AsyncIterable<string>): Promise<Counted> {
  await refuseUnlessEmpty(db);
  const reader = lines[Symbol.asyncIterator]();
  const { migrations } = headOf(await next(reader));
  const known =
    db.orm.config.get('migrations').migrationsList?.map((migration) => ('name' in migration ? migration.name : '')) ?? [];
  if (migrations.some((name, index) => name !== known[index]))
    throw new Unrestorable('The backup was made by a newer version, or by another program.');
  await db.orm.migrator.up({ to: migrations.at(-1)! });
  const counted = await (db.orm.em.fork() as EntityManager).transactional(async (em) => {
    await rowsIn(em as EntityManager, 'set local statement_timeout = 0');
    await rowsIn(em as EntityManager, 'set local idle_in_transaction_session_timeout = 0');
    return loadAll(em as EntityManager, reader);
  });
  await db.migrate();
  return counted;
}

async function refuseUnlessEmpty(db: Database): Promise<void> {
  const tables = await db.rows<{ name: string }>(`select relname as name from pg_class where ${OURS}`);
  for (const { name } of tables) {
    const rows = await db.rows(`select 1 from ${quoted(name)} limit 1`);
    if (rows.length > 0)
      throw new Unrestorable(`The database is not empty: ${name} has rows. A backup is restored into an empty one.`);
  }
}

async function loadAll(em: EntityManager, reader: AsyncIterator<string>): Promise<Counted> {
  const read: Read = (text, params) => rowsIn(em, text, params);
  const tables = new Map((await tablesOf(read)).map((table) => [table.name, table]));
  const counts: Record<string, number> = {};
  for (let line = await next(reader); ;) {
    const said = JSON.parse(line) as { table?: string; columns?: string[]; sequence?: SequenceRow; end?: Record<string, number> };
    if (said.table !== undefined) {
      const table = tables.get(said.table);
      if (!table) throw new Unrestorable(`The backup has a table that is not ours: ${said.table}.`);
      const loaded = await loadTable(em, { name: table.name, columns: columnsOf(table, said.columns ?? []) }, reader);
      counts[table.name] = loaded.count;
      line = loaded.line;
      continue;
    }
    if (said.end) return wholeOrThrow(counts, said.end);
    if (said.sequence)
      await rowsIn(em, 'select setval(?::regclass, ?::bigint, ?)', [
        said.sequence.name,
        said.sequence.last,
        said.sequence.called,
      ]);
    line = await next(reader);
  }
}

function wholeOrThrow(counts: Record<string, number>, end: Record<string, number>): Counted {
  for (const [name, count] of Object.entries(end))
    if (counts[name] !== count)
      throw new Unrestorable(`The backup is damaged: ${name} has ${counts[name] ?? 0} rows of ${count}.`);
  return { tables: Object.keys(end).length, rows: Object.values(counts).reduce((sum, count) => sum + count, 0) };
}

/** Rows up to the next line that is none; that line comes back. */
async function loadTable(
  em: EntityManager,
  { name, columns }: { name: string; columns: readonly Column[] },
  reader: AsyncIterator<string>,
): Promise<{ count: number; line: string }> {
  const values = columns.map(({ type }, index) => `(e ->> ${index})::${type}`).join(', ');
  const text = `insert into ${quoted(name)} (${columns.map((column) => quoted(column.name)).join(', ')}) overriding system value
                  select ${values} from json_array_elements(?::json) e`;
  let count = 0;
  let [batch, bytes]: [string[], number] = [[], 0];
  const flush = async () => {
    if (batch.length > 0) await rowsIn(em, text, [`[${batch.join(',')}]`]);
    [batch, bytes] = [[], 0];
  };
  for (;;) {
    const line = await next(reader);
    if (!line.startsWith('[')) {
      await flush();
      return { count, line };
    }
    batch.push(line);
    bytes += line.length;
    count++;
    if (bytes >= INSERT_BYTES) await flush();
  }
}

async function next(reader: AsyncIterator<string>): Promise<string> {
  const { value, done } = await reader.next();
  if (done) throw new Unrestorable('The backup is not whole: its end is missing.');
  return value;
}

function headOf(line: string): { migrations: string[] } {
  try {
    const head = JSON.parse(line) as { playhouse?: number; migrations?: string[] };
    if (head.playhouse === FORMAT && Array.isArray(head.migrations) && head.migrations.length > 0)
      return { migrations: head.migrations };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Unrestorable('The file is not a backup of Playhouse.');
}

interface Column {
  name: string;
  /** As SQL has it. */
  type: string;
}

interface Table {
  name: string;
  columns: Column[];
  blocks: number;
  /** How many blocks are read at once. */
  stride: number;
}

function columnsOf(table: Table, names: readonly string[]): Column[] {
  return names.map((name) => {
    const column = table.columns.find((one) => one.name === name);
    if (!column) throw new Unrestorable(`The backup has a column that is not ours: ${table.name}.${name}.`);
    return column;
  });
}

interface TableRow {
  name: string;
  columns: Column[];
  bytes: unknown;
  blocks: unknown;
  needs: string[];
}

interface SequenceRow {
  name: string;
  last: string;
  called: boolean;
}

/** Ordinary tables; what migrations have run stands in the first line. */
const OURS = `relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'migration'`;

const TABLES = `
  select c.relname as name, pg_table_size(c.oid) as bytes, pg_relation_size(c.oid) / ${BLOCK_BYTES} as blocks,
         (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
         (select coalesce(json_agg(f.relname), '[]') from pg_constraint k join pg_class f on f.oid = k.confrelid
           where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid) as needs
    from pg_class c where ${OURS.replaceAll('rel', 'c.rel')} order by c.relname`;

const SEQUENCES = `
  select s.sequencename as name, coalesce(s.last_value, s.start_value)::text as last, s.last_value is not null as called
    from pg_sequences s where s.schemaname = 'public' and s.sequencename not like 'migration%' order by 1`;

/** Those that others refer to come first. */
async function tablesOf(read: Read): Promise<Table[]> {
  const left = await read<TableRow>(TABLES);
  const ordered: Table[] = [];
  while (left.length > 0) {
    const index = left.findIndex(({ needs }) => needs.every((name) => ordered.some((table) => table.name === name)));
    if (index < 0) throw new Error('tables refer to each other in a circle');
    const [row] = left.splice(index, 1);
    const [blocks, bytes] = [Number(whole(row!.blocks)), Number(whole(row!.bytes))];
    const stride = Math.max(1, Math.floor(READ_BYTES / Math.max(1, bytes / Math.max(1, blocks))));
    ordered.push({ name: row!.name, columns: row!.columns, blocks, stride });
  }
  return ordered;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
