import { Migration } from '@mikro-orm/migrations';

/** Whose chat a player does not hear; and potions out of a player's own stack, noted with the round they were drunk in. */
export class CreateBlocks extends Migration {
  override up() {
    for (const statement of [BLOCK, BLOCKED, 'alter table round_charge add column player uuid, add column item text'])
      this.addSql(statement);
  }

  override down() {
    this.addSql('alter table round_charge drop column player, drop column item');
    this.addSql('drop table player_block');
  }
}

const BLOCK = `
create table player_block (
  player  uuid not null,
  blocked uuid not null,
  at      timestamptz not null default now(),
  primary key (player, blocked),
  check (player <> blocked)
)`;

/** Who among those here has blocked the one who speaks. */
const BLOCKED = 'create index player_block_blocked on player_block (blocked, player)';
