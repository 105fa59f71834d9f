import { Migration } from '@mikro-orm/migrations';

/** Rounds of every game, what was staked on them, the seeds behind them; scores; content. */
export class CreateRounds extends Migration {
  override up() {
    for (const statement of [...SEEDS, ...ROUNDS, ...SCORES, ...CONTENT, PLAY]) this.addSql(statement);
  }

  override down() {
    this.addSql('drop function round_play(json)');
    for (const table of ['live_config', 'item_stack', 'content', 'leaderboard_score', 'score_event', 'round_reward', 'round_stake', 'round', 'holder', 'fairness_seed'])
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
  )`,
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

/**
 * round_play(items) → per item [what, free, held, pot, prize]: whole rounds of instant games, many in one
 * call. `what` is null (played), 'known' (said before), 'nonce_moved' (another draw came first: nothing happened) or a
 * ledger refusal. Locks seeds in id order, then accounts (by ledger_post), the jackpot's last. A jackpot hit is paid here,
 * because its prize is known only under the jackpot's lock.
 */
const PLAY = `
create function round_play(p_items json) returns json
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  v_answers json[]; v_what text[]; v_posts json; v_post json; v_n int; r record;
  v_pot bigint[]; v_prize bigint[]; v_free bigint[]; v_held bigint[]; v_jackpot bigint; j int := 0;
begin
  v_n := json_array_length(p_items);
  perform 1 from fairness_seed where id in (select (e ->> 'seed')::uuid from json_array_elements(p_items) e) order by id for no key update;

  select array_agg(case when t.id is not null then 'known'
                        when s.id is null or s.status <> 'current' or s.nonce <> (i.e ->> 'nonce')::int then 'nonce_moved' end order by i.n),
         array_agg(null::bigint order by i.n)
    into v_what, v_pot
    from json_array_elements(p_items) with ordinality i(e, n)
    left join lateral (select q.id from ledger_transfer q where q.id = (i.e ->> 'id')::uuid limit 1) t on true
    left join lateral (select q.id, q.status, q.nonce from fairness_seed q where q.id = (i.e ->> 'seed')::uuid limit 1) s on true;
  v_prize := v_pot; v_free := v_pot; v_held := v_pot;

  select ledger_post(json_agg(i.e order by i.n)) into v_posts
    from json_array_elements(p_items) with ordinality i(e, n) where v_what[i.n] is null;

  for r in select i.n, i.e from json_array_elements(p_items) with ordinality i(e, n) where v_what[i.n] is null order by i.n loop
    v_post := v_posts -> j; j := j + 1;
    v_what[r.n] := v_post ->> 0; v_free[r.n] := (v_post ->> 1)::bigint; v_held[r.n] := (v_post ->> 3)::bigint;
    if v_what[r.n] is null and (r.e ->> 'hit')::boolean then
      select posted into v_jackpot from ledger_account where id = (r.e ->> 'cut_to')::bigint;
      v_pot[r.n] := v_jackpot;
      v_prize[r.n] := div(v_pot[r.n]::numeric * (r.e ->> 'amount')::numeric, (r.e ->> 'stake_max')::numeric)::bigint;
      v_post := ledger_post(json_build_array(json_build_object('id', r.e ->> 'prize_id', 'op', 'move', 'debit', (r.e ->> 'cut_to')::bigint,
        'credit', (r.e ->> 'debit')::bigint, 'amount', v_prize[r.n], 'reason', 'jackpot', 'play', 'payout'))) -> 0;
      if v_post ->> 0 is not null then raise exception 'round_play: the jackpot was refused: %', v_post ->> 0; end if;
      v_free[r.n] := (v_post ->> 2)::bigint;
    end if;
  end loop;

  update fairness_seed s set nonce = s.nonce + 1, client_seed = i.e ->> 'client_seed'
    from json_array_elements(p_items) with ordinality i(e, n)
   where s.id = (i.e ->> 'seed')::uuid and v_what[i.n] is null;

  insert into round (id, game, room, rules_version, seed, commitment, client_seeds, nonce, state, setup, outcome, opened_at, ended_at)
    select (i.e ->> 'round')::uuid, i.e ->> 'game', i.e ->> 'room', (i.e ->> 'rules_version')::int, (i.e ->> 'seed')::uuid, i.e ->> 'commitment',
           json_build_array(i.e ->> 'client_seed'), (i.e ->> 'nonce')::int, 'settled', (i.e -> 'setup')::jsonb,
           case when v_pot[i.n] is null then (i.e -> 'outcome')::jsonb
                else (i.e -> 'outcome')::jsonb || jsonb_build_object('pot', v_pot[i.n]::text, 'prize', v_prize[i.n]::text) end, now(), now()
      from json_array_elements(p_items) with ordinality i(e, n) where v_what[i.n] is null;

  insert into round_stake (id, round, player, seat, kind, currency, amount, paid, state, ended_at)
    select (i.e ->> 'id')::uuid, (i.e ->> 'round')::uuid, (i.e ->> 'player')::uuid, i.e ->> 'player', 'stake', i.e ->> 'currency',
           (i.e ->> 'amount')::bigint, (i.e ->> 'back')::bigint + coalesce(v_prize[i.n], 0), 'settled', now()
      from json_array_elements(p_items) with ordinality i(e, n) where v_what[i.n] is null;

  insert into score_event (board, player, amount)
    select 'winnings', (i.e ->> 'player')::uuid, (i.e ->> 'back')::bigint + coalesce(v_prize[i.n], 0) - (i.e ->> 'amount')::bigint
      from json_array_elements(p_items) with ordinality i(e, n) where v_what[i.n] is null and i.e ->> 'currency' = 'COINS';

  select array_agg(json_build_array(v_what[g], v_free[g], v_held[g], v_pot[g], v_prize[g]) order by g) into v_answers from generate_series(1, v_n) g;
  return array_to_json(v_answers);
end $$`;
