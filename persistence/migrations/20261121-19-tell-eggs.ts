import { Migration } from '@mikro-orm/migrations';

/** When a player was told that an egg is ready; of those that are by now nobody is told any more. */
export class TellEggs extends Migration {
  override up() {
    this.addSql('alter table egg add column told_at timestamptz');
    this.addSql('update egg set told_at = now() where ready_at <= now()');
    this.addSql('create index egg_untold on egg (ready_at) where told_at is null and hatched_at is null');
  }

  override down() {
    this.addSql('drop index egg_untold');
    this.addSql('alter table egg drop column told_at');
  }
}
