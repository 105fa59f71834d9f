import { Migration } from '@mikro-orm/migrations';

/** What progress is made of: XP by day and source, and a player's notifications. */
export class CreateProgress extends Migration {
  override up() {
    for (const statement of [XP_DAY, HEAD, NOTIFICATION]) this.addSql(statement);
  }

  override down() {
    for (const table of ['notification', 'notification_head', 'xp_day']) this.addSql(`drop table ${table}`);
  }
}

/** What each source has brought a player on a day, UTC: its daily cap is kept here. */
const XP_DAY = `
create table xp_day (
  player uuid not null,
  day    date not null,
  source text not null,
  xp     bigint not null check (xp >= 0),
  primary key (player, day, source)
)`;

/** A player's notifications are numbered under the lock of this row, so they are committed in the order of their numbers. */
const HEAD = `
create table notification_head (
  player  uuid primary key,
  last_no bigint not null
)`;

const NOTIFICATION = `
create table notification (
  player  uuid not null,
  no      bigint not null,
  kind    text not null,
  data    jsonb not null,
  at      timestamptz not null default now(),
  read_at timestamptz,
  primary key (player, no)
)`;
