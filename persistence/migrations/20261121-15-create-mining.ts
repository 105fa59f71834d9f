import { Migration } from '@mikro-orm/migrations';

/** Payouts as pools and the chain told of them, what wallets were credited for them, and how far the house has read. */
export class CreateMining extends Migration {
  override up() {
    for (const statement of [PAYOUT, WALLET, CREDIT, DEBT, SIGNATURE, CURSOR, POLL, DONATION, ...INDEXES]) this.addSql(statement);
  }

  override down() {
    for (const table of TABLES) this.addSql(`drop table ${table}`);
  }
}

const TABLES = [
  'mining_donation',
  'mining_poll',
  'mining_cursor',
  'mining_signature',
  'mining_debt',
  'mining_credit',
  'mining_wallet',
  'mining_payout',
];

/**
 * Once by (pool, key) and once by (txid, vout). `waiting`: the chain has yet to bear it out; `due`: it counts and its wallet
 * has not had it; `credited`; `refused`: it will not count. `review` says why a person should look: until then it stays as it is.
 */
const PAYOUT = `
create table mining_payout (
  id         bigint generated always as identity primary key,
  pool       text not null,
  key        text not null,
  address    text not null,
  amount     bigint not null check (amount > 0),
  txid       text,
  vout       int,
  source     text not null check (source in ('signed', 'polled', 'chain')),
  state      text not null check (state in ('waiting', 'due', 'credited', 'refused')),
  review     text,
  said       jsonb,                        -- the other word, where two do not agree
  height     int,
  block_hash text,
  credit     uuid,
  paid_at    timestamptz,
  told_at    timestamptz not null,
  look_at    timestamptz,                  -- when the chain is asked about it next
  looks      int not null default 0,
  check ((state = 'credited') = (credit is not null)),
  check (vout is null or txid is not null),
  unique (pool, key)
)`;

/** `carry`: hundred-millionths of an AP that have not made a whole one. `due`: it may have payouts to be credited. */
const WALLET = `
create table mining_wallet (
  address text primary key,
  carry   bigint not null default 0 check (carry >= 0 and carry < 100000000),
  units   numeric not null default 0,
  ap      bigint not null default 0,
  payouts bigint not null default 0,
  due     boolean not null default false
)`;

/** What a wallet's payouts, some thousands at most, brought its player in one go; negative: what was taken back. */
const CREDIT = `
create table mining_credit (
  id      uuid primary key,
  address text not null,
  player  uuid not null,
  payouts int not null,
  units   numeric not null,
  rate    bigint not null check (rate > 0),
  ap      bigint not null,
  debt    bigint not null default 0,       -- of the AP: what paid a debt; taken back: what became one
  at      timestamptz not null
)`;

/** AP taken back that was spent already: the next payouts pay it. */
const DEBT = `
create table mining_debt (
  player uuid primary key,
  ap     bigint not null check (ap >= 0)
)`;

/** Signatures of batches that were taken, until they would be too old anyway. */
const SIGNATURE = `
create table mining_signature (
  signature bytea primary key,
  pool      text not null,
  at        timestamptz not null
)`;

const CURSOR = `
create table mining_cursor (
  name text primary key,
  data jsonb not null,
  at   timestamptz not null
)`;

/** When a pool was asked about a wallet, and up to which page of its past. */
const POLL = `
create table mining_poll (
  pool      text not null,
  address   text not null,
  polled_at timestamptz,
  page      int not null default 0,        -- pages of its past that a backfill has read
  past_read boolean not null default false,
  primary key (pool, address)
)`;

/** A payment of an amount of its own, from the wallet it is to prove. */
const DONATION = `
create table mining_donation (
  id         uuid primary key,
  player     uuid not null,
  address    text not null,
  amount     bigint not null check (amount > 0),
  state      text not null check (state in ('open', 'seen', 'linked', 'expired', 'refused')),
  reason     text,
  txid       text,
  vout       int,
  height     int,
  block_hash text,
  made_at    timestamptz not null,
  expires_at timestamptz not null,
  unique (txid, vout)
)`;

const INDEXES = [
  `create unique index mining_payout_output on mining_payout (txid, vout) where vout is not null and state <> 'refused'`,
  'create index mining_payout_address on mining_payout (address, id desc)',
  `create index mining_payout_due on mining_payout (address, id) where state = 'due' and review is null`,
  'create index mining_payout_look on mining_payout (look_at) where look_at is not null',
  'create index mining_payout_txid on mining_payout (txid) where txid is not null',
  'create index mining_payout_height on mining_payout (height) where height is not null',
  'create index mining_payout_review on mining_payout (id) where review is not null',
  'create index mining_wallet_due on mining_wallet (address) where due',
  'create index mining_credit_player on mining_credit (player, id desc)',
  'create index mining_signature_age on mining_signature (at)',
  'create index mining_poll_next on mining_poll (pool, polled_at)',
  `create unique index mining_donation_amount on mining_donation (amount) where state in ('open', 'seen')`,
  `create unique index mining_donation_open on mining_donation (player, address) where state in ('open', 'seen')`,
  `create index mining_donation_due on mining_donation (state, expires_at) where state in ('open', 'seen')`,
];
