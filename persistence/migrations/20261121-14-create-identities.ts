import { Migration } from '@mikro-orm/migrations';

/** Ways to sign in beside a password: wallets, social identities, and what is asked and proved on the way; addresses verified, and mail. */
export class CreateIdentities extends Migration {
  override up() {
    for (const statement of [...PLAYER, WALLET, CHALLENGE, IDENTITY, STATE, SPENT, TOKEN, OUTBOX, QUOTA, ...INDEXES])
      this.addSql(statement);
  }

  override down() {
    for (const table of [
      'mail_quota',
      'mail_outbox',
      'email_token',
      'spent_proof',
      'sign_in_state',
      'identity',
      'wallet_challenge',
      'wallet',
    ])
      this.addSql(`drop table ${table}`);
    this.addSql('alter table player drop column coins_on_verifying, drop column verified_at');
    this.addSql('update player set guest = true where email is null and deleted_at is null');
    this.addSql('alter table player add constraint player_check1 check (guest or deleted_at is not null or email is not null)');
  }
}

/** Who signs in by a wallet has no address. */
const PLAYER = [
  'alter table player drop constraint player_check1',
  'alter table player add column verified_at timestamptz',
  'alter table player add column coins_on_verifying bigint not null default 0 check (coins_on_verifying >= 0)',
];

/** `address` in the one form its chain has for it, so that no wallet is here twice. */
const WALLET = `
create table wallet (
  chain     text not null,
  address   text not null,
  player    uuid not null references player (id),
  proof     text not null,
  linked_at timestamptz not null,
  primary key (chain, address)
)`;

/** Gone when it is answered. `player` and `session`: who asked; null for who is not signed in yet. */
const CHALLENGE = `
create table wallet_challenge (
  id         uuid primary key,
  chain      text not null,
  address    text not null,
  purpose    text not null,
  player     uuid,
  session    uuid,
  message    text not null,
  expires_at timestamptz not null
)`;

const IDENTITY = `
create table identity (
  provider  text not null,
  subject   text not null,
  player    uuid not null references player (id),
  name      text not null,
  linked_at timestamptz not null,
  primary key (provider, subject),
  unique (player, provider)
)`;

/** A sign-in that went off to a provider, by the hash of the secret its asker keeps. Gone when it comes back. */
const STATE = `
create table sign_in_state (
  hash       bytea primary key,
  provider   text not null,
  player     uuid,
  session    uuid,
  expires_at timestamptz not null
)`;

/** Proofs that were taken, until they would have run out by themselves. */
const SPENT = `
create table spent_proof (
  hash       bytea primary key,
  expires_at timestamptz not null
)`;

/** One of a purpose a player: a newer one takes the place of an older. */
const TOKEN = `
create table email_token (
  player     uuid not null references player (id),
  purpose    text not null,
  hash       bytea not null unique,
  email      text not null,
  expires_at timestamptz not null,
  primary key (player, purpose)
)`;

/** Mail to be sent. Whether the address has an account is looked up by who sends, not by who was asked. */
const OUTBOX = `
create table mail_outbox (
  id       uuid primary key,
  kind     text not null,
  address  text not null,
  asked_at timestamptz not null,
  due_at   timestamptz not null,
  tries    int not null default 0,
  unique (kind, address)
)`;

/** How often an address, by its hash, was sent a kind of mail since `since`. */
const QUOTA = `
create table mail_quota (
  who   bytea primary key,
  asked int not null,
  since timestamptz not null,
  last  timestamptz not null
)`;

const INDEXES = [
  'create index wallet_player on wallet (player)',
  'create index wallet_address on wallet (address)',
  'create index wallet_challenge_age on wallet_challenge (expires_at)',
  'create index sign_in_state_age on sign_in_state (expires_at)',
  'create index spent_proof_age on spent_proof (expires_at)',
  'create index mail_outbox_due on mail_outbox (due_at)',
  'create index mail_quota_age on mail_quota (last)',
];
