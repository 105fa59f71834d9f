import { Migration } from '@mikro-orm/migrations';

/** Players, what they sign in with, their sessions, and the wrong passwords tried. */
export class CreateAccounts extends Migration {
  override up() {
    for (const statement of [PLAYER, LOGIN, SESSION, TOKEN, TRY, ...INDEXES]) this.addSql(statement);
  }

  override down() {
    for (const table of ['sign_in_try', 'refresh_token', 'session', 'player_login', 'player']) this.addSql(`drop table ${table}`);
  }
}

/** Stamina in tenths of a point: it grows by a tenth of its maximum. A deleted player's row stays, for the ledger, without a name. */
const PLAYER = `
create table player (
  id             uuid primary key,
  email          text,
  display_name   text not null,
  roles          text[] not null default '{}',
  guest          boolean not null,
  level          int not null default 1 check (level between 1 and 100),
  xp             bigint not null default 0 check (xp >= 0),
  stat_points    int not null default 0 check (stat_points >= 0),
  attack         int not null check (attack > 0),
  defence        int not null check (defence >= 0),
  health         int not null check (health > 0),
  stamina_max    int not null check (stamina_max > 0),
  stamina_tenths int not null,
  stamina_at     timestamptz not null,
  time_zone      text not null default 'UTC',
  created_at     timestamptz not null,
  banned_at      timestamptz,
  deleted_at     timestamptz,
  version        int not null default 1,
  check (stamina_tenths between 0 and stamina_max * 10),
  check (email = lower(email)),
  check (guest or deleted_at is not null or email is not null)
)`;

const LOGIN = `
create table player_login (
  player_id     uuid primary key references player (id),
  password_hash text not null,
  changed_at    timestamptz not null
)`;

const SESSION = `
create table session (
  id         uuid primary key,
  player_id  uuid not null references player (id),
  device     text not null,
  created_at timestamptz not null,
  used_at    timestamptz not null,
  expires_at timestamptz not null,
  ended_at   timestamptz
)`;

const TOKEN = `
create table refresh_token (
  hash       bytea primary key,
  session_id uuid not null references session (id) on delete cascade,
  made_at    timestamptz not null,
  spent_at   timestamptz
)`;

const TRY = `
create table sign_in_try (
  who      bytea primary key,
  tries    int not null,
  tried_at timestamptz not null
)`;

const INDEXES = [
  'create unique index player_email on player (email) where email is not null',
  'create index session_player on session (player_id)',
  'create index session_gone on session ((coalesce(ended_at, expires_at)))',
  'create index refresh_token_session on refresh_token (session_id)',
  'create index sign_in_try_age on sign_in_try (tried_at)',
];
