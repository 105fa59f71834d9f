import { Migration } from '@mikro-orm/migrations';

/** Seasons: what counts in them, what was handed in and decided, points, and prizes given once. An ended one is frozen. */
export class CreateSeasons extends Migration {
  override up() {
    for (const statement of [SEASON, ITEM, RANK, SUBMISSION, SCORE, PRIZE, FROZEN, ...GUARDS, ...INDEXES]) this.addSql(statement);
  }

  override down() {
    for (const table of ['season_prize', 'season_score', 'season_submission', 'season_rank', 'season_item', 'season'])
      this.addSql(`drop table ${table}`);
    this.addSql('drop function season_frozen()');
  }
}

const SEASON = `
create table season (
  id         uuid primary key,
  name       text not null,
  state      text not null check (state in ('draft', 'scheduled', 'current', 'ended')),
  starts_at  timestamptz not null,
  ends_at    timestamptz not null check (ends_at > starts_at),
  made_at    timestamptz not null,
  started_at timestamptz,
  ended_at   timestamptz,
  check ((state = 'ended') = (ended_at is not null))
)`;

const ITEM = `
create table season_item (
  season       uuid not null references season (id) on delete cascade,
  item         text not null,
  name         text not null,
  points       bigint not null check (points > 0),
  quantity_max int not null check (quantity_max > 0),
  automatic    boolean not null,
  place        int not null,
  primary key (season, item)
)`;

const RANK = `
create table season_rank (
  season    uuid not null references season (id) on delete cascade,
  rank      text not null,
  name      text not null,
  threshold bigint not null check (threshold > 0),
  prizes    jsonb not null,
  primary key (season, rank),
  unique (season, threshold)
)`;

/** `points` as they stood when it was handed in. */
const SUBMISSION = `
create table season_submission (
  id          uuid primary key,
  season      uuid not null references season (id),
  player      uuid not null,
  item        text not null,
  quantity    int not null check (quantity > 0),
  evidence    text not null,
  points      bigint not null check (points > 0),
  state       text not null check (state in ('pending', 'approved', 'rejected', 'lapsed')),
  reviewer    uuid,                          -- null: nobody, or the item counts at once
  reviewed_at timestamptz,
  reason      text,
  made_at     timestamptz not null
)`;

const SCORE = `
create table season_score (
  season     uuid not null references season (id),
  player     uuid not null,
  points     bigint not null check (points > 0),
  reached_at timestamptz not null,
  primary key (season, player)
)`;

/** Once per season, player and rank. Roles are Discord's to give, so they are kept for whoever asks it. */
const PRIZE = `
create table season_prize (
  season uuid not null references season (id),
  player uuid not null,
  rank   text not null,
  prizes jsonb not null,
  at     timestamptz not null,
  primary key (season, player, rank)
)`;

const FROZEN = `
create function season_frozen() returns trigger language plpgsql as $$
begin
  if exists (select from season where id = old.season and state = 'ended') then
    raise exception 'an ended season is frozen' using errcode = '42501';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$`;

const GUARDS = ['season_item', 'season_rank', 'season_submission', 'season_score', 'season_prize'].map(
  (table) => `create trigger ${table}_frozen before update or delete on ${table} for each row execute function season_frozen()`,
);

const INDEXES = [
  `create unique index season_current on season ((state)) where state = 'current'`,
  'create index season_made on season (id desc)',
  'create index season_submission_player on season_submission (season, player, id desc)',
  `create index season_submission_pending on season_submission (season, id) where state = 'pending'`,
  'create index season_submission_list on season_submission (season, id)',
  'create index season_score_order on season_score (season, points desc, reached_at, player)',
  'create index season_prize_list on season_prize (season, at, player, rank)',
];
