import { Migration } from '@mikro-orm/migrations';

/** Seals over the ledger: each covers the transfers since the one before, and holds that one's hash. */
export class CreateSeals extends Migration {
  override up() {
    for (const statement of [SEAL, ...STORAGE, IMMUTABLE, GUARD, TURN]) this.addSql(statement);
  }

  override down() {
    this.addSql("alter table ledger_transfer alter seq set default nextval('ledger_transfer_seq')");
    this.addSql('drop table ledger_seal');
    this.addSql('drop function ledger_seal_immutable()');
  }
}

const SEAL = `
create table ledger_seal (
  no       bigint primary key check (no > 0),
  from_seq bigint not null,                    -- transfers with seq above this …
  to_seq   bigint not null,                    -- … up to this
  entries  integer not null check (entries > 0),
  horizon  xid8 not null,                      -- every transaction below it had ended
  sums     json not null,                      -- balances of the house's own accounts at to_seq, since the first transfer
  leaves   bytea not null,                     -- 32 bytes a transfer, by seq: its id and half a SHA-256 of its row
  columns  bytea not null,                     -- 20 bytes a transfer: a trace of each column, to name what was changed
  previous bytea not null,                     -- hash of the seal before; empty for the first
  hash     bytea not null unique,
  at       timestamptz not null,
  check (to_seq > from_seq)
)`;

/** Hashes cannot be made smaller; trying costs time. */
const STORAGE = [
  'alter table ledger_seal alter leaves set storage external',
  'alter table ledger_seal alter columns set storage external',
];

const IMMUTABLE = `
create function ledger_seal_immutable() returns trigger language plpgsql as $$
begin raise exception 'ledger_seal is append-only' using errcode = '42501'; end $$`;

const GUARD = `
create trigger ledger_seal_immutable before update or delete or truncate on ledger_seal
  for each statement execute function ledger_seal_immutable()`;

/** A transaction has its number before any of its transfers has its place: seals rely on it. */
const TURN = `
alter table ledger_transfer alter seq set default
  case when pg_current_xact_id() is not null then nextval('ledger_transfer_seq') end`;
