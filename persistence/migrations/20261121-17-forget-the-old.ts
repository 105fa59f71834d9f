import { Migration } from '@mikro-orm/migrations';

/** What sweeps look for is found without reading everything; of a payment's old refusal only the key is kept. */
export class ForgetTheOld extends Migration {
  override up() {
    for (const statement of [...INDEXES, ...REFUSAL_KEPT]) this.addSql(statement);
  }

  override down() {
    this.addSql('delete from payment_refusal where fingerprint is null');
    for (const column of ['fingerprint', 'code']) this.addSql(`alter table payment_refusal alter column ${column} set not null`);
    for (const index of ['refresh_token_spent', 'round_unplayed', 'payment_refusal_kept']) this.addSql(`drop index ${index}`);
  }
}

const INDEXES = [
  'create index refresh_token_spent on refresh_token (spent_at) where spent_at is not null',
  "create index round_unplayed on round (ended_at) where state = 'void' and setup = '{}'::jsonb",
  'create index payment_refusal_kept on payment_refusal (at) where fingerprint is not null',
];

/** Null: no longer kept; the key stays taken. */
const REFUSAL_KEPT = ['fingerprint', 'code'].map((column) => `alter table payment_refusal alter column ${column} drop not null`);
