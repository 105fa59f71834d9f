import { Migration } from '@mikro-orm/migrations';

/** Discord: what was said there, answers that come later, codes that link an account, and roles to be given. */
export class CreateDiscord extends Migration {
  override up() {
    for (const statement of [SAID, ANSWER, CODE, JOB, WORKER, ...INDEXES, EARLIER]) this.addSql(statement);
  }

  override down() {
    for (const table of ['discord_said', 'discord_answer', 'discord_code', 'discord_role_job', 'discord_worker'])
      this.addSql(`drop table ${table}`);
  }
}

/** Interactions of the last hour: none is answered twice. */
const SAID = `
create table discord_said (
  id           text primary key,
  discord_user text not null,
  at           timestamptz not null
)`;

/** Answers that were promised. `content` null: it is being worked out. */
const ANSWER = `
create table discord_answer (
  interaction text primary key,
  token       bytea not null,               -- sealed
  content     text,
  tries       int not null default 0,
  due_at      timestamptz not null,
  expires_at  timestamptz not null
)`;

const CODE = `
create table discord_code (
  player     uuid primary key references player (id),
  hash       bytea not null unique,
  expires_at timestamptz not null
)`;

/** Roles that ranks brought, each once. */
const JOB = `
create table discord_role_job (
  id        bigint generated always as identity primary key,
  season    uuid not null,
  player    uuid not null,
  rank      text not null,
  role      text not null,
  role_name text not null,
  state     text not null check (state in ('waiting', 'blocked', 'given')),
  fault     text,
  tries     int not null default 0,
  made_at   timestamptz not null,
  due_at    timestamptz not null,
  given_at  timestamptz,
  unique (season, player, rank, role),
  check ((state = 'given') = (given_at is not null)),
  check ((state = 'blocked') = (fault is not null))
)`;

/** Who gives roles: one process at a time. */
const WORKER = `
create table discord_worker (
  name   text primary key,
  holder uuid not null,
  until  timestamptz not null
)`;

const INDEXES = [
  'create index discord_said_user on discord_said (discord_user, at)',
  'create index discord_said_at on discord_said (at)',
  'create index discord_answer_due on discord_answer (due_at)',
  `create index discord_role_job_due on discord_role_job (due_at, id) where state <> 'given'`,
  `create index discord_role_job_role on discord_role_job (role) where state <> 'given'`,
];

/** Ranks that were reached before. */
const EARLIER = `
insert into discord_role_job (season, player, rank, role, role_name, state, made_at, due_at)
  select p.season, p.player, p.rank, v ->> 'roleId', v ->> 'name', 'waiting', p.at, p.at
    from season_prize p, jsonb_array_elements(p.prizes) v where v ->> 'kind' = 'discord_role'
on conflict do nothing`;
