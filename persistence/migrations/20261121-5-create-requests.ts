import { Migration } from '@mikro-orm/migrations';

/** What was asked under a player's key, and the first answer to it. */
export class CreateRequests extends Migration {
  override up() {
    this.addSql(REQUEST);
    this.addSql('create index request_kept on request (at) where fingerprint is not null');
  }

  override down() {
    this.addSql('drop table request');
  }
}

/** `id` is derived from player, operation and key, and stays for ever; the rest is kept 90 days. */
const REQUEST = `
create table request (
  id          uuid primary key,
  player      uuid not null,
  fingerprint uuid,                     -- of what was asked; null: no longer kept
  answer      json,                     -- word for word, so that it is told again as it was
  refused     text,
  at          timestamptz not null,
  check (answer is null or refused is null)
)`;
