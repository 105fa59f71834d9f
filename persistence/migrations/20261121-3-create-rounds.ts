import { Migration } from '@mikro-orm/migrations';

/** Rounds of every game, what was staked on them, the seeds behind them; scores; content. */
export class CreateRounds extends Migration {
  override up() {
    for (const statement of [...SEEDS, ...ROUNDS, ...SCORES, ...CONTENT, PLAY_ITEM, PLAY]) this.addSql(statement);
  }

  override down() {
    this.addSql('drop function round_play(json)');
    this.addSql('drop type round_item');
    for (const table of [
      'live_config',
      'item_stack',
      'content',
      'leaderboard_score',
      'score_event',
      'round_charge',
      'round_reward',
      'round_stake',
      'round',
      'holder',
      'fairness_seed',
    ])
      this.addSql(`drop table ${table}`);
  }
}

const SEEDS = [
  `create table fairness_seed (
    id          uuid primary key,
    player      uuid not null,
    sealed      bytea not null,                 -- the server seed, encrypted
    commitment  text not null,
    client_seed text not null,
    nonce       integer not null default 0,
    status      text not null check (status in ('next', 'current', 'shown')),
    made_at     timestamptz not null default now(),
    shown_at    timestamptz
  ) with (fillfactor = 60)`,
  "create unique index fairness_seed_current on fairness_seed (player) where status = 'current'",
  "create unique index fairness_seed_next on fairness_seed (player) where status = 'next'",
];

const ROUNDS = [
  'create table holder (id uuid primary key, seen_at timestamptz not null default now())',
  `create table round (
    id            uuid primary key,
    game          text not null,
    room          text,
    rules_version integer not null,
    holder        uuid,                          -- the process that plays it; null once over
    seed          uuid,                          -- a player's own seed …
    sealed        bytea,                         -- … or one of the round's own
    commitment    text not null,
    client_seeds  jsonb not null default '[]',
    nonce         integer not null default 0,
    state         text not null check (state in ('open', 'started', 'settled', 'void')),
    void_reason   text,
    setup         jsonb not null default '{}',   -- what the rules need besides seed and moves to replay it
    moves         jsonb not null default '[]',
    outcome       jsonb,
    opened_at     timestamptz not null default now(),
    ended_at      timestamptz,
    check ((seed is null) <> (sealed is null))
  )`,
  'create index round_unfinished on round (holder) where holder is not null',
  `create table round_stake (
    id        uuid primary key,                  -- the id of its transfer
    round     uuid not null,
    player    uuid,                              -- null: the house's bot
    seat      text not null,
    kind      text not null,
    currency  text not null,
    amount    bigint not null,
    paid      bigint,                            -- total return; null while open
    state     text not null check (state in ('open', 'settled', 'void')),
    details   jsonb not null default '{}',
    at        timestamptz not null default now(),
    ended_at  timestamptz
  )`,
  'create index round_stake_round on round_stake (round)',
  'create index round_stake_player on round_stake (player, at, id) where player is not null',
  `create table round_reward (
    round      uuid not null,
    player     uuid not null,
    coins      bigint not null,
    xp         bigint not null,
    items      jsonb not null default '[]',
    share_bp   integer not null default 0,
    claimed_at timestamptz,
    primary key (round, player)
  )`,
  'create index round_reward_player on round_reward (player, round)',
  // Paid while a round is on, noted before it is paid: a void gives it back.
  'create table round_charge (id uuid primary key, refund_id uuid not null, round uuid not null, at timestamptz not null default now())',
  'create index round_charge_round on round_charge (round)',
];

const SCORES = [
  // What happened and counts for a board, written in the transaction of what it counts, folded into the boards soon after.
  `create table score_event (
    id     bigint generated always as identity primary key,
    board  text not null,
    player uuid not null,
    amount bigint not null,
    at     timestamptz not null default now()
  )`,
  `create table leaderboard_score (
    board      text not null,
    period     text not null,                    -- all, d2026-11-21, w2026-W47, m2026-11
    player     uuid not null,
    score      bigint not null,
    reached_at timestamptz not null,
    primary key (board, period, player)
  )`,
  'create index leaderboard_score_rank on leaderboard_score (board, period, score desc, reached_at, player)',
];

const CONTENT = [
  `create table content (
    kind text not null,
    id   text not null,
    data jsonb not null,
    primary key (kind, id)
  )`,
  // What a player owns by kind and number; things with a life of their own (pets, rolled equipment) are not stacks.
  `create table item_stack (
    player   uuid not null,
    item     text not null,
    quantity integer not null check (quantity >= 0),
    primary key (player, item)
  )`,
  'create table live_config (key text primary key, value jsonb not null, changed_at timestamptz not null default now())',
];

const ITEM_FIELDS = [
  ...[
    'id uuid',
    'debit bigint',
    'credit bigint',
    'amount bigint',
    'back bigint',
    'cut bigint',
    'cut_to bigint',
    'reason text',
    'memo text',
    'play text',
  ],
  ...[
    'prize_id uuid',
    'hit boolean',
    'stake_max bigint',
    'player uuid',
    'round uuid',
    'game text',
    'room text',
    'rules_version int',
    'currency text',
  ],
  ...['seed uuid', 'commitment text', 'client_seed text', 'nonce int', 'setup jsonb', 'outcome jsonb'],
];
const PLAY_ITEM = `create type round_item as (${ITEM_FIELDS.join(', ')})`;
const COLUMNS = ITEM_FIELDS.map((field) => field.split(' ')[0]).join(', ');
const ITEMS = `rows from (unnest(v_items), unnest(v_what), unnest(v_pot), unnest(v_prize)) with ordinality i(${COLUMNS}, what, pot, prize, n)`;

/**
 * round_play(items) → per item [what, free, held, pot, prize]: whole rounds of instant games, many in one
 * call. `what` is null (played), 'known' (said before), 'nonce_moved' (another draw came first: nothing happened) or a
 * ledger refusal. Locks seeds in id order, then accounts (by ledger_post_items), the jackpot's last. A jackpot hit is paid
 * here, because its prize is known only under the jackpot's lock.
 */
export const PLAY = `
create function round_play(p_items json) returns json
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  v_items round_item[]; v_what text[]; v_ledger ledger_item[]; v_at bigint[]; v_answer json; r record; k int;
  v_free bigint[]; v_held bigint[]; v_pot bigint[]; v_prize bigint[]; v_jackpot bigint; v_no text;
begin
  select array_agg(i) into v_items from json_populate_recordset(null::round_item, p_items) i;
  if v_items is null then return '[]'; end if;
  perform 1 from fairness_seed where id in (select i.seed from unnest(v_items) i) order by id for no key update;

  select array_agg(case when t.id is not null then 'known'
                        when s.id is null or s.status <> 'current' or s.nonce <> i.nonce then 'nonce_moved' end order by i.ordinality)
    into v_what
    from unnest(v_items) with ordinality i
    left join lateral (select q.id from ledger_transfer q where q.id = i.id limit 1) t on true
    left join lateral (select q.id, q.status, q.nonce from fairness_seed q where q.id = i.seed limit 1) s on true;
  v_free := array_fill(null::bigint, array[array_length(v_items, 1)]); v_held := v_free; v_pot := v_free; v_prize := v_free;

  select array_agg(row(i.id, 'move', i.debit, i.credit, i.amount, i.back, i.cut, i.cut_to, null, i.reason, i.memo, i.play)::ledger_item order by i.n),
         array_agg(i.n order by i.n)
    into v_ledger, v_at
    from ${ITEMS} where i.what is null;
  if v_ledger is not null then
    for r in select x.* from ledger_post_items(v_ledger) p,
                    rows from (unnest(p.v_no), unnest(p.v_df), unnest(p.v_dh)) with ordinality x(no, free, held, n) loop
      k := v_at[r.n]; v_what[k] := r.no; v_free[k] := r.free; v_held[k] := r.held;
    end loop;
  end if;

  for r in select i.ordinality as n, i.cut_to, i.debit, i.amount, i.stake_max, i.prize_id
             from unnest(v_items) with ordinality i where i.hit order by i.ordinality loop
    continue when v_what[r.n] is not null;
    select posted into v_jackpot from ledger_account where id = r.cut_to;   -- as the hit before has left it
    v_pot[r.n] := v_jackpot;
    v_prize[r.n] := div(v_jackpot::numeric * r.amount, r.stake_max)::bigint;
    v_ledger := array[row(r.prize_id, 'move', r.cut_to, r.debit, v_prize[r.n], 0, 0, null, null, 'jackpot', null, 'payout')::ledger_item];
    select p.v_no[1], p.v_cf[1] into v_no, v_jackpot from ledger_post_items(v_ledger) p;
    if v_no is not null then raise exception 'round_play: the jackpot was refused: %', v_no; end if;
    v_free[r.n] := v_jackpot;
  end loop;

  update fairness_seed s set nonce = s.nonce + 1, client_seed = i.client_seed from ${ITEMS} where s.id = i.seed and i.what is null;

  insert into round (id, game, room, rules_version, seed, commitment, client_seeds, nonce, state, setup, outcome, opened_at, ended_at)
    select i.round, i.game, i.room, i.rules_version, i.seed, i.commitment, jsonb_build_array(i.client_seed), i.nonce, 'settled', i.setup,
           case when i.pot is null then i.outcome
                else i.outcome || jsonb_build_object('pot', i.pot::text, 'prize', i.prize::text) end, now(), now()
      from ${ITEMS} where i.what is null;

  insert into round_stake (id, round, player, seat, kind, currency, amount, paid, state, ended_at)
    select i.id, i.round, i.player, i.player::text, 'stake', i.currency, i.amount, i.back + coalesce(i.prize, 0), 'settled', now()
      from ${ITEMS} where i.what is null;

  insert into score_event (board, player, amount)
    select 'winnings', i.player, i.back + coalesce(i.prize, 0) - i.amount
      from ${ITEMS} where i.what is null and i.currency = 'COINS' and i.back + coalesce(i.prize, 0) <> i.amount;

  select json_agg(json_build_array(x.what, x.free, x.held, x.pot, x.prize) order by x.n) into v_answer
    from rows from (unnest(v_what), unnest(v_free), unnest(v_held), unnest(v_pot), unnest(v_prize)) with ordinality x(what, free, held, pot, prize, n);
  return v_answer;
end $$`;
