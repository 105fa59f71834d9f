import { Migration } from '@mikro-orm/migrations';

/** What players have said of themselves for real money. Whether it is enough is kept in `ledger_account.closed`. */
export class CreateRealMoney extends Migration {
  override up() {
    this.addSql(STANDING);
  }

  override down() {
    this.addSql('drop table player_standing');
  }
}

const STANDING = `
create table player_standing (
  player             uuid primary key references player (id),
  birth_date         date,
  country            text check (country ~ '^[A-Z]{2}$'),
  limits_declined_at timestamptz,
  changed_at         timestamptz not null
)`;
