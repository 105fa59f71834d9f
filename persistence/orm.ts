// Opens the database: PostgreSQL by its URL, or PGlite (the same PostgreSQL, embedded) in a folder or in memory.
// Two doors lead in: `transaction` for a change that spans statements, `rows` for one prepared statement of its own.
import { PGlite } from '@electric-sql/pglite';
import { type EntityManager, MikroORM, type Options } from '@mikro-orm/postgresql';
import { MikroORM as EmbeddedORM } from '@mikro-orm/pglite';
import { Migrator } from '@mikro-orm/migrations';
import pg from 'pg';
import { entities } from './entities.ts';
import { migrations } from './migrations/index.ts';

export type Where = { url: string; connectionsMax?: number } | { folder: string } | { memory: true } | { pglite: PGlite };
export type Row = Record<string, unknown>;
export type { EntityManager };

export interface Database {
  orm: MikroORM;
  embedded: boolean;
  /** One statement, prepared once per connection under its own text. int8 comes as bigint, times as Date, json parsed. */
  rows<R extends object = Row>(text: string, params?: readonly unknown[]): Promise<R[]>;
  /**
   * One transaction, tried again (5 times at most) when PostgreSQL asks for it: 40001, 40P01.
   * Inside it, entities go through `em`, plain SQL through `rowsIn(em, …)`. Never wait in it for another transaction.
   */
  transaction<T>(work: (em: EntityManager) => Promise<T>): Promise<T>;
  /** Tells what transactions of this process have said by `sayIn`, once they are committed. Returns the way to stop. */
  hear(tell: (said: string) => void): () => void;
  migrate(): Promise<string[]>;
  close(): Promise<void>;
}

const STATEMENT_MS_MAX = 15_000;

export async function openDatabase(where: Where): Promise<Database> {
  if ('url' in where) return openServer(where.url, where.connectionsMax ?? 10);
  if ('pglite' in where) return openEmbedded(where.pglite, 'memory://');
  const dataDir = 'folder' in where ? where.folder : 'memory://';
  return openEmbedded(await PGlite.create({ dataDir }), dataDir);
}

/** Plain SQL inside a transaction; `?` marks a value (write `\\?` for a literal one). int8 comes as bigint. */
export async function rowsIn<R extends object = Row>(
  em: EntityManager,
  text: string,
  params: readonly unknown[] = [],
): Promise<R[]> {
  return (await em.execute(text, [...params])) as R[];
}

/** Said to those of this process who `hear`, once the transaction is committed; never if it is not. Saying it twice is saying it once. */
export const sayIn = (em: EntityManager, word: string): void => void saying.get(em)?.add(word);

const saying = new WeakMap<EntityManager, Set<string>>();

/** A whole number from a raw int8 column, which arrives as a string from PostgreSQL and as a number from PGlite. */
export const whole = (value: unknown): bigint => {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' || typeof value === 'string') return BigInt(value);
  throw new TypeError(`not a whole number: ${String(value)}`);
};

/** The options that both kinds of database share. */
const shared = {
  entities,
  extensions: [Migrator],
  migrations: { migrationsList: migrations, snapshot: false, tableName: 'migration', silent: true },
  discovery: { warnWhenNoEntities: false },
} satisfies Options;

async function openServer(url: string, connectionsMax: number): Promise<Database> {
  const driverOptions = {
    application_name: 'playhouse',
    statement_timeout: STATEMENT_MS_MAX,
    idle_in_transaction_session_timeout: STATEMENT_MS_MAX,
    connectionTimeoutMillis: 5_000,
  };
  const ormOptions = { ...driverOptions, onPoolCreated: giveBackTheLost };
  const orm = new MikroORM({ ...shared, clientUrl: url, driverOptions: ormOptions, pool: { min: 0, max: connectionsMax } });
  await orm.connect();
  const pool = new pg.Pool({ connectionString: url, max: connectionsMax, types: { getTypeParser }, ...driverOptions });
  pool.on('error', () => undefined); // an idle connection cut by the server; the next query opens another
  const names = new Map<string, string>();
  const named = (text: string) => names.get(text) ?? names.set(text, `s${names.size}`).get(text)!;
  return {
    orm,
    embedded: false,
    rows: async <R extends object>(text: string, params: readonly unknown[] = []) =>
      (await pool.query<R & pg.QueryResultRow>({ name: named(text), text, values: [...params] })).rows,
    ...transactions(orm),
    migrate: () => migrateUnderLock(orm),
    close: async () => {
      await pool.end();
      await orm.close();
    },
  };
}

/**
 * The ORM gives a connection back after COMMIT or ROLLBACK only: one that is lost in the middle would stay taken for ever,
 * and as many as the pool has would leave the house without a database.
 */
function giveBackTheLost(pool: pg.Pool): void {
  const taken = new WeakSet<pg.PoolClient>();
  pool.on('acquire', (client) => taken.add(client));
  pool.on('release', (_error, client) => taken.delete(client));
  pool.on('connect', (client) => {
    client.on('error', (error) => {
      if (!taken.has(client)) return;
      client.release(error);
      client.release = () => undefined; // for a holder who does give it back
    });
  });
}

/** Closes `pglite` with itself. */
async function openEmbedded(pglite: PGlite, dataDir: string): Promise<Database> {
  const orm = new EmbeddedORM({ ...shared, dbName: dataDir, driverOptions: { pglite } }) as unknown as MikroORM;
  await orm.connect();
  return {
    orm,
    embedded: true,
    rows: async <R extends object>(text: string, params: readonly unknown[] = []) =>
      (await pglite.query<R>(text, [...params], { parsers: { 20: BigInt } })).rows,
    ...transactions(orm),
    migrate: () => migrateUp(orm),
    close: async () => {
      await orm.close();
      await pglite.close();
    },
  };
}

const INT8 = 20;
const getTypeParser = ((oid: number, format?: 'text' | 'binary') =>
  oid === INT8 ? BigInt : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser;

const ASK_AGAIN = new Set(['40001', '40P01']);
const TRIES_MAX = 5;

function transactions(orm: MikroORM): Pick<Database, 'transaction' | 'hear'> {
  const hearers = new Set<(said: string) => void>();
  return {
    async transaction(work) {
      let words = new Set<string>();
      const done = await tried(orm, (em) => {
        saying.set(em, (words = new Set()));
        return work(em);
      });
      for (const word of words) for (const tell of hearers) tell(word);
      return done;
    },
    hear(tell) {
      hearers.add(tell);
      return () => void hearers.delete(tell);
    },
  };
}

async function tried<T>(orm: MikroORM, work: (em: EntityManager) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await orm.em.fork().transactional(work);
    } catch (error) {
      if (tries >= TRIES_MAX || !ASK_AGAIN.has(codeOf(error))) throw error;
    }
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

const MIGRATION_LOCK = 7_061_990;

/** Two processes that start at once must not run one migration twice: the Migrator has no lock of its own. */
async function migrateUnderLock(orm: MikroORM): Promise<string[]> {
  const [url] = [orm.config.get('clientUrl')];
  const keeper = new pg.Client({ connectionString: url! });
  await keeper.connect();
  try {
    await keeper.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await migrateUp(orm);
  } finally {
    await keeper.end();
  }
}

const migrateUp = async (orm: MikroORM): Promise<string[]> => (await orm.migrator.up()).map(({ name }) => name);
