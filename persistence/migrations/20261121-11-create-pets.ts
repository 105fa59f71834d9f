import { Migration } from '@mikro-orm/migrations';

/** Eggs, the pets that came out of them, and how long a player has hatched nothing rare. */
export class CreatePets extends Migration {
  override up() {
    for (const statement of [EGG, ...EGG_INDEXES, PET, ...PET_INDEXES, LUCK]) this.addSql(statement);
  }

  override down() {
    for (const table of ['hatch_luck', 'pet', 'egg']) this.addSql(`drop table ${table}`);
  }
}

/** `key` names the occasion that brought it, so that it is laid once. */
const EGG = `
create table egg (
  id         uuid primary key,
  player     uuid not null,
  kind       text not null,
  key        text not null,
  laid_at    timestamptz not null default now(),
  ready_at   timestamptz not null,
  hatched_at timestamptz,
  unique (player, key)
)`;

const EGG_INDEXES = ['create index egg_unhatched on egg (player, id) where hatched_at is null'];

/** `xp` is what it has eaten within its level, so that no sum outgrows int8. */
const PET = `
create table pet (
  id         uuid primary key,
  player     uuid not null,
  egg        uuid not null unique,
  round      uuid not null,
  species    text not null,
  level      int not null default 1 check (level between 1 and 97),
  xp         bigint not null default 0 check (xp >= 0),
  set_name   text check (set_name in ('attack', 'defence')),
  place      int check (place between 1 and 3),
  hatched_at timestamptz not null default now(),
  check ((set_name is null) = (place is null))
)`;

const PET_INDEXES = [
  'create index pet_player on pet (player, id)',
  'create unique index pet_place on pet (player, set_name, place) where set_name is not null',
];

/** Hatches since the last rare one; changed under the player's lock. */
const LUCK = `
create table hatch_luck (
  player uuid primary key,
  misses int not null check (misses >= 0)
)`;
