import { Migration } from '@mikro-orm/migrations';

/** What operators need: who they are for sure, what they wrote and moved, programs they let in; and the audit log, chained. */
export class CreateAdmin extends Migration {
  override up() {
    for (const statement of [...PLAYER, ...NOTE, ...FACTOR, ...CORRECTION, ...TOKEN, ...CHAIN, ...CHAINED, ...INDEXES, ERASED])
      this.addSql(statement);
  }

  override down() {
    this.addSql(STILL_FROZEN);
    this.addSql('drop trigger audit_log_chained on audit_log');
    for (const name of ['player_name', 'audit_log_action', 'payment_state']) this.addSql(`drop index ${name}`);
    for (const table of ['audit_link', 'api_token', 'correction', 'step_up', 'totp_recovery', 'totp', 'player_note'])
      this.addSql(`drop table ${table}`);
    this.addSql('drop function player_note_kept()');
    this.addSql('drop function audit_link_immutable()');
    this.addSql('drop function audit_chain()');
    this.addSql('drop function audit_chain_row(audit_log)');
    this.addSql('drop function audit_text(audit_log)');
    this.addSql('alter table player drop column vouched_at');
  }
}

/** An operator knows who this is; that the address is theirs is `verified_at`. */
const PLAYER = ['alter table player add column vouched_at timestamptz'];

/** What operators say about a player, and why they banned one. Goes with the player, and in no other way. */
const NOTE = [
  `create table player_note (
    id     uuid primary key,
    player uuid not null references player (id),
    author uuid,                               -- null: whoever has the terminal
    kind   text not null check (kind in ('note', 'ban', 'unban', 'verify')),
    text   text not null,
    at     timestamptz not null
  )`,
  'create index player_note_player on player_note (player, id desc)',
  `create function player_note_kept() returns trigger language plpgsql as $$
  begin
    if tg_op = 'DELETE' and exists (select from player where id = old.player and deleted_at is not null) then return old; end if;
    raise exception 'player_note is append-only' using errcode = '42501';
  end $$`,
  'create trigger player_note_kept before update or delete on player_note for each row execute function player_note_kept()',
];

/** `last_step`: the 30 s step of the newest code taken, so that none is taken twice. */
const FACTOR = [
  `create table totp (
    player       uuid primary key references player (id),
    sealed       bytea not null,
    made_at      timestamptz not null,
    confirmed_at timestamptz,
    last_step    bigint not null default 0
  )`,
  `create table totp_recovery (
    player  uuid not null references player (id),
    hash    bytea not null,
    used_at timestamptz,
    primary key (player, hash)
  )`,
  `create table step_up (
    session uuid primary key references session (id) on delete cascade,
    ends_at timestamptz not null
  )`,
];

/** Between the corrections account and a player. `alone`: within what its proposer may move without another. */
const CORRECTION = [
  `create table correction (
    id          uuid primary key,
    player      uuid not null,
    currency    text not null,
    direction   text not null check (direction in ('to_player', 'from_player')),
    amount      bigint not null check (amount > 0),
    reason      text not null,
    state       text not null check (state in ('proposed', 'posted', 'declined', 'expired')),
    proposer    uuid not null,
    alone       boolean not null,
    proposed_at timestamptz not null,
    expires_at  timestamptz not null,
    decider     uuid,
    decided_at  timestamptz,
    check (state <> 'posted' or alone or decider is not null),
    check (decider is null or decider <> proposer or state <> 'posted')
  )`,
  `create index correction_open on correction (expires_at) where state = 'proposed'`,
  'create index correction_player on correction (player, id desc)',
  'create index correction_proposer on correction (proposer, currency, proposed_at) where alone',
];

const TOKEN = [
  `create table api_token (
    id           uuid primary key,
    player       uuid not null references player (id),
    purpose      text not null,
    scopes       text[] not null,
    state        text not null check (state in ('asked', 'granted', 'active', 'declined', 'revoked')),
    reason       text,
    hash         bytea unique,
    hint         text,
    asked_at     timestamptz not null,
    decided_at   timestamptz,
    decided_by   uuid,
    collected_at timestamptz,
    expires_at   timestamptz,
    used_at      timestamptz,
    ended_at     timestamptz,
    check ((state = 'active') <= (hash is not null and expires_at is not null))
  )`,
  'create index api_token_player on api_token (player, id desc)',
  `create index api_token_state on api_token (state, id)`,
];

/**
 * Each act is linked to the one before at the very end of its transaction, in the order of the commits: the lock is held for
 * that moment alone, and nothing is waited for behind it.
 */
const CHAIN = [
  `create table audit_link (
    place bigint primary key,
    no    bigint not null unique,
    hash  bytea not null
  )`,
  `create function audit_text(a audit_log) returns text language sql immutable as $$
    select json_build_array(a.no, (extract(epoch from a.at) * 1000000)::bigint, a.actor, a.action, a.target, a.before::text, a.after::text)::text
  $$`,
  `create function audit_chain_row(a audit_log) returns void language plpgsql as $$
  declare v_place bigint; v_hash bytea;
  begin
    select place, hash into v_place, v_hash from audit_link order by place desc limit 1;
    insert into audit_link (place, no, hash)
      values (coalesce(v_place, 0) + 1, a.no, sha256(coalesce(v_hash, ''::bytea) || convert_to(audit_text(a), 'UTF8')));
  end $$`,
  `create function audit_chain() returns trigger language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(7061995);
    if not exists (select from audit_link where no = new.no) then perform audit_chain_row(new); end if; -- a restored one has its link
    return null;
  end $$`,
  `create function audit_link_immutable() returns trigger language plpgsql as $$
  begin raise exception 'audit_link is append-only' using errcode = '42501'; end $$`,
  `create trigger audit_link_immutable before update or delete or truncate on audit_link
    for each statement execute function audit_link_immutable()`,
  `create constraint trigger audit_log_chained after insert on audit_log deferrable initially deferred
    for each row execute function audit_chain()`,
];

const CHAINED = [
  `do $$ declare a audit_log; begin
    for a in select * from audit_log order by no loop perform audit_chain_row(a); end loop;
  end $$`,
];

const INDEXES = [
  'create index player_name on player ((lower(display_name) collate "C"), id) where deleted_at is null',
  'create index audit_log_action on audit_log (action, no desc)',
  'create index payment_state on payment (state, id)',
];

const FROZEN = (unless: string) => `
create or replace function season_frozen() returns trigger language plpgsql as $$
begin
  ${unless}if exists (select from season where id = old.season and state = 'ended') then
    raise exception 'an ended season is frozen' using errcode = '42501';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$`;

/** Where a player has gone, what they linked to and were told of it goes too, from an ended season as well: nothing else changes. */
const ERASED = FROZEN(`if tg_op = 'UPDATE' and tg_table_name = 'season_submission' then
    if (to_jsonb(new) - 'evidence' - 'reason') = (to_jsonb(old) - 'evidence' - 'reason')
       and new.evidence = '' and new.reason is null
       and exists (select from player where id = old.player and deleted_at is not null) then
      return new;
    end if;
  end if;
  `);

const STILL_FROZEN = FROZEN('');
