import { Migration } from '@mikro-orm/migrations';

/** What ranks are followed by, and what is left of a period that is over. */
export class CreateRanks extends Migration {
  override up() {
    // To the millisecond, as scores are written: what SQL and the indexes in memory order by is the same to the last digit.
    this.addSql('alter table leaderboard_score alter column reached_at type timestamptz(3)');
    for (const statement of [PERIOD, KNOWN_PERIODS, CHANGE, FINAL, OWED]) this.addSql(statement);
  }

  override down() {
    for (const table of ['leaderboard_final', 'leaderboard_change', 'leaderboard_period']) this.addSql(`drop table ${table}`);
    this.addSql('alter table leaderboard_score alter column reached_at type timestamptz');
  }
}

/** A fold locks the rows of the periods it writes to, so that what it writes is numbered in the order of commits. */
const PERIOD = `
create table leaderboard_period (
  board     text not null,
  period    text not null,                  -- all, d2026-11-21, w2026-W47, m2026-11
  ends_at   timestamptz,                    -- null: never
  last_no   bigint not null,                -- of its changes
  closed_at timestamptz,                    -- from then on nothing of it changes
  swept_at  timestamptz,                    -- from then on it is known by its first hundred only
  emptied   boolean not null default false, -- none of its scores is left
  primary key (board, period)
)`;

const KNOWN_PERIODS = `
insert into leaderboard_period (board, period, ends_at, last_no)
  select board, period,
         case left(period, 1)
           when 'd' then (to_date(substr(period, 2), 'YYYY-MM-DD') + 1)::timestamp
           when 'w' then (to_date(substr(period, 2), 'IYYY-"W"IW') + 7)::timestamp
           when 'm' then to_date(substr(period, 2), 'YYYY-MM') + interval '1 month'
         end at time zone 'utc', 0
    from (select distinct board, period from leaderboard_score) known`;

/** For minutes, what each fold has changed: per player the key before, the key after and half of the player's id, 40 bytes. */
const CHANGE = `
create table leaderboard_change (
  board  text not null,
  period text not null,
  no     bigint not null,
  at     timestamptz not null default now(),
  keys   bytea not null,
  primary key (board, period, no)
)`;

const FINAL = `
create table leaderboard_final (
  board      text not null,
  period     text not null,
  rank       integer not null,
  player     uuid not null,
  score      bigint not null,
  reached_at timestamptz(3) not null,
  coins      bigint not null,
  gems       bigint not null,
  paid_at    timestamptz,
  primary key (board, period, rank),
  unique (board, period, player)
)`;

const OWED = 'create index leaderboard_final_owed on leaderboard_final (board, period, rank) where paid_at is null';
