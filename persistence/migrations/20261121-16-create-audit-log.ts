import { Migration } from '@mikro-orm/migrations';

/** What operators did, one row an act, never changed. */
export class CreateAuditLog extends Migration {
  override up() {
    for (const statement of [LOG, IMMUTABLE, GUARD, ...INDEXES]) this.addSql(statement);
  }

  override down() {
    this.addSql('drop table audit_log');
    this.addSql('drop function audit_log_immutable()');
  }
}

const LOG = `
create table audit_log (
  no     bigint generated always as identity primary key,
  at     timestamptz not null default now(),
  actor  uuid,                        -- null: whoever has the terminal, or the clock
  action text not null,
  target text not null,
  before jsonb,
  after  jsonb
)`;

const IMMUTABLE = `
create function audit_log_immutable() returns trigger language plpgsql as $$
begin raise exception 'audit_log is append-only' using errcode = '42501'; end $$`;

const GUARD = `
create trigger audit_log_immutable before update or delete or truncate on audit_log
  for each statement execute function audit_log_immutable()`;

const INDEXES = [
  'create index audit_log_actor on audit_log (actor, no desc)',
  'create index audit_log_target on audit_log (target, no desc)',
];
