// The peer of the ledger's benchmarks: PostgreSQL's own pgbench, running a plain double entry as most would write it.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Postgres } from '../test/support/postgres.ts';
import type { Side } from './bench-kit.ts';

export const PLAIN_ACCOUNTS = 10_000;
export const PLAIN_CLIENTS = 32;

/** Between two accounts taken at random, the lower first, so that no two transactions deadlock. */
const UNIFORM = `
\\set a random(1, ${PLAIN_ACCOUNTS - 1})
\\set b random(:a + 1, ${PLAIN_ACCOUNTS})`;

/** From an account taken at random into the house's, which every transaction updates. */
const HOT = `
\\set a random(2, ${PLAIN_ACCOUNTS})
\\set b 1`;

const TRANSFER = `
\\set amount random(1, 100)
\\set minus 0 - :amount
\\set id random(1, 9000000000000000000)
begin;
update account set balance = balance - :amount where id = :a;
update account set balance = balance + :amount where id = :b;
insert into transfer (id, debit, credit, amount) values (:id, :a, :b, :amount);
insert into entry (transfer, account, delta) values (:id, :a, :minus);
insert into entry (transfer, account, delta) values (:id, :b, :amount);
commit;
`;

const SCHEMA = `
create table account (id bigint primary key, balance bigint not null);
create table transfer (id bigint primary key, debit bigint not null, credit bigint not null, amount bigint not null, at timestamptz not null default now());
create table entry (id bigint generated always as identity primary key, transfer bigint not null, account bigint not null, delta bigint not null);
create index entry_account on entry (account, id);
insert into account select id, 1000000 from generate_series(1, ${PLAIN_ACCOUNTS}) id;
vacuum analyze account;
`;

/** Null: there is none on this machine. */
export function pgbenchProgram(): string | null {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const places = [
    ...versions.toReversed().map((version) => `/usr/lib/postgresql/${version}/bin/pgbench`),
    '/usr/bin/pgbench',
    '/usr/local/bin/pgbench',
  ];
  return places.find((place) => existsSync(place)) ?? null;
}

/** Transactions a second of both kinds, on a database of its own in the same cluster. */
export async function openPlain(postgres: Postgres, program: string): Promise<{ uniform: Side; hot: Side; close: () => void }> {
  const url = await postgres.database();
  const database = new URL(url).pathname.slice(1);
  for (const statement of SCHEMA.trim().split(';\n')) if (statement) await postgres.sql(statement, database);
  const folder = mkdtempSync(join(tmpdir(), 'playhouse-pgbench-'));
  const side = (name: string, choose: string): Side => {
    const script = join(folder, `${name}.sql`);
    writeFileSync(script, choose + TRANSFER);
    const flags = ['-n', '-M', 'prepared', '-c', String(PLAIN_CLIENTS), '-j', '2', '-f', script];
    const server = ['-h', '127.0.0.1', '-p', String(postgres.port), '-U', 'postgres', database];
    return async (seconds) => {
      const { stdout } = await promisify(execFile)(program, [...flags, '-T', String(Math.ceil(seconds)), ...server]);
      const tps = /tps = ([\d.]+) \(without initial/.exec(stdout)?.[1];
      if (!tps) throw new Error(`pgbench said:\n${stdout}`);
      return Number(tps);
    };
  };
  return {
    uniform: side('uniform', UNIFORM),
    hot: side('hot', HOT),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
