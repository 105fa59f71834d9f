import { Migration } from '@mikro-orm/migrations';

/** Gear, effects that run, and what the shop has sold. */
export class CreateItems extends Migration {
  override up() {
    for (const statement of [...GEAR, EFFECT, SOLD, BOUGHT, IN_BATTLE]) this.addSql(statement);
  }

  override down() {
    this.addSql('drop index round_party');
    for (const table of ['offer_bought', 'offer_sold', 'effect', 'gear']) this.addSql(`drop table ${table}`);
  }
}

const GEAR = [
  `create table gear (
    id      uuid primary key,
    player  uuid not null,
    item    text not null,
    rarity  text not null,
    level   integer not null,
    attack  integer not null,
    defence integer not null,
    hp      integer not null,
    stamina integer not null,
    slot    text,                                -- where it is worn; null: in the bag
    round   uuid,                                -- whose stream rolled it: its proof
    made_at timestamptz not null default now()
  )`,
  'create index gear_player on gear (player, id)',
  'create unique index gear_worn on gear (player, slot) where slot is not null',
];

/** Read when a strength is computed; one that has ended counts for nothing and waits to be written over. */
const EFFECT = `
create table effect (
  player  uuid not null,
  kind    text not null,
  percent integer not null,
  ends_at timestamptz not null,
  primary key (player, kind)
)`;

/** Of offers with a stock: the row that their buyers take turns at. */
const SOLD = `
create table offer_sold (
  offer text primary key,
  sold  bigint not null check (sold >= 0)
)`;

/** Of offers with a limit for each player: all they ever bought, and what of it on the last day (UTC) they did. */
const BOUGHT = `
create table offer_bought (
  player uuid not null,
  offer  text not null,
  ever   bigint not null check (ever >= 0),
  day    date not null,
  today  bigint not null check (today between 0 and ever),
  primary key (player, offer)
)`;

/** Who is in a battle that runs. */
const IN_BATTLE = `
create index round_party on round using gin ((setup -> 'party') jsonb_path_ops) where game = 'battle' and state = 'started'`;
