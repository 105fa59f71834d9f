import { Migration } from '@mikro-orm/migrations';

/** Payments over M-Pesa, every word the provider says about them as it came, its statement, and its token. */
export class CreatePayments extends Migration {
  override up() {
    for (const statement of [PAYMENT, REFUSAL, CALLBACK, STATEMENT, TOKEN, ...INDEXES, DEPOSITED]) this.addSql(statement);
  }

  override down() {
    this.addSql('drop function payment_deposited(uuid, timestamptz)');
    for (const table of ['provider_token', 'payment_statement', 'payment_callback', 'payment_refusal', 'payment'])
      this.addSql(`drop table ${table}`);
  }
}

/**
 * `request` is derived from (player, direction, key), so the same request is one payment; it is also the id of a withdrawal's
 * hold. Of the tokens in callback addresses only hashes are kept; they can be derived again from the payment's id.
 */
const PAYMENT = `
create table payment (
  id                uuid primary key,
  request           uuid not null unique,
  fingerprint       uuid not null,
  player            uuid not null,
  direction         text not null check (direction in ('deposit', 'withdrawal')),
  state             text not null check (state in ('created', 'submitted', 'paid', 'failed', 'timed_out', 'needs_review')),
  reason            text,
  currency          text not null default 'KES' check (currency = 'KES'),
  amount            bigint not null check (amount > 0 and amount % 100 = 0),
  phone             text not null,
  reference         text not null unique,      -- what the customer's phone and the provider's statement show
  token_hash        bytea not null unique,
  status_token_hash bytea not null unique,
  merchant_id       text,
  checkout_id       text unique,
  originator_id     text unique,
  conversation_id   text unique,
  receipt           text unique,
  answer_lost       boolean not null default false,
  released          boolean not null default false,
  said_code         text,
  said_times        int not null default 0,
  asks              int not null default 0,
  attempts          int not null default 0,
  decided_by        text check (decided_by in ('answer', 'callback', 'query', 'operator')),
  created_at        timestamptz not null,
  sent_at           timestamptz,
  changed_at        timestamptz not null,
  follow_at         timestamptz,
  check ((direction = 'withdrawal') = (originator_id is not null)),
  check (not released or direction = 'withdrawal'),
  check (state <> 'paid' or not released)
)`;

/** A no for funds or limits stays a no under its key. */
const REFUSAL = `
create table payment_refusal (
  request     uuid primary key,
  fingerprint uuid not null,
  code        text not null,
  at          timestamptz not null
)`;

/** As it came, before anyone understood it. `worked_at` is null until it has been weighed. */
const CALLBACK = `
create table payment_callback (
  id          uuid primary key,
  payment     uuid not null references payment (id),
  kind        text not null check (kind in ('stk', 'b2c_result', 'b2c_timeout', 'status', 'status_timeout')),
  body        text not null,
  digest      bytea not null,
  address     text not null,
  times       int not null default 1,          -- how often the very same came
  received_at timestamptz not null,
  worked_at   timestamptz,
  next_at     timestamptz,
  tries       int not null default 0,
  verdict     text,
  unique (payment, kind, digest)
)`;

const STATEMENT = `
create table payment_statement (
  receipt     text not null,
  kind        text not null check (kind in ('paid_in', 'withdrawn', 'charge')),
  amount      bigint not null,
  reference   text,
  at          timestamptz not null,
  imported_at timestamptz not null,
  primary key (receipt, kind)
)`;

/** One token for all processes: a new one ends the one before. Whoever has the lease makes the next. */
const TOKEN = `
create table provider_token (
  name        text primary key,
  sealed      bytea,
  expires_at  timestamptz,
  lease       uuid,
  lease_until timestamptz
)`;

const INDEXES = [
  'create index payment_player on payment (player, id desc)',
  'create index payment_phone on payment (phone, created_at)',
  'create index payment_follow on payment (follow_at) where follow_at is not null',
  'create index payment_sent on payment (sent_at) where sent_at is not null',
  'create index payment_callback_unworked on payment_callback (next_at) where worked_at is null',
];

/** What a player has paid in since, and what is under way: deposit limits count both. */
const DEPOSITED = `
create function payment_deposited(p_player uuid, p_since timestamptz) returns bigint language sql stable as $$
  select coalesce(sum(amount), 0)::bigint from payment
   where player = p_player and direction = 'deposit' and created_at >= p_since
     and state in ('created', 'submitted', 'paid', 'needs_review') $$`;
