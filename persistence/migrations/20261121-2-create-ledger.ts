import { Migration } from '@mikro-orm/migrations';

/**
 * The ledger: one row is one double entry. `amount` goes debit → credit, `back` returns credit → debit, `cut` of what the
 * credit side keeps goes on to `cut_to`; the sum is zero by construction. Rows are never changed: a hold is resolved by the
 * existence of a post or void row that refers to it. A refusal is a row too, so its id stays taken.
 */
export class CreateLedger extends Migration {
  override up() {
    const statements = [
      ACCOUNT,
      LIMIT,
      TRANSFER,
      ...INDEXES,
      IMMUTABLE,
      GUARD,
      ENTRY,
      ITEM,
      LIMIT_REFUSAL,
      LIMIT_COUNT,
      POST_ITEMS,
      POST,
    ];
    for (const statement of statements) this.addSql(statement);
  }

  override down() {
    this.addSql('drop function ledger_post(json)');
    this.addSql('drop function ledger_post_items(ledger_item[])');
    this.addSql('drop function ledger_limit_count(bigint, bigint, bigint, timestamptz)');
    this.addSql('drop function ledger_limit_refusal(bigint, bigint)');
    this.addSql('drop type ledger_item');
    this.addSql('drop view ledger_entry');
    this.addSql('drop table ledger_transfer');
    this.addSql('drop function ledger_immutable()');
    this.addSql('drop table ledger_limit');
    this.addSql('drop table ledger_account');
    this.addSql('drop sequence ledger_account_id');
  }
}

const ACCOUNT = `
create table ledger_account (
  id       bigint primary key,
  owner    uuid,
  name     text,
  currency text not null,
  system   boolean not null default false,
  posted   bigint not null default 0,
  held     bigint not null default 0,
  limited  boolean not null default false,             -- has rows in ledger_limit
  excluded_until timestamptz,                          -- no stakes and deposits before; infinity: until lifted by hand
  closed   text,                                       -- the refusal that every stake meets; null: open
  check ((owner is null) <> (name is null)),
  check (held >= 0 and posted >= held),
  check (not system or (posted = 0 and held = 0))
) with (fillfactor = 60)`; // room on the page: a changed balance touches no index

/**
 * A player's own limits, counted only for accounts that have one. `used` is of the period that began at `starts` (UTC); for
 * losses it may be negative, which counts as 0. A looser limit waits in `next_cap` until `next_at`.
 */
const LIMIT = `
create table ledger_limit (
  account  bigint not null references ledger_account (id),
  kind     text not null check (kind in ('deposit', 'loss', 'wager')),
  period   text not null check (period in ('day', 'week', 'month')),
  cap      bigint check (cap >= 0),                    -- null: none
  next_cap bigint check (next_cap >= 0),
  next_at  timestamptz,
  starts   timestamp not null,
  used     bigint not null default 0,
  primary key (account, kind, period)
)`;

const TRANSFER = `
create table ledger_transfer (
  seq         bigint not null,
  id          uuid primary key,
  xid         xid8 not null default pg_current_xact_id(),
  at          timestamptz not null default clock_timestamp(),
  op          text not null check (op in ('move', 'hold', 'post', 'void')),
  debit       bigint,
  credit      bigint,
  amount      bigint not null,
  back        bigint not null default 0,
  cut         bigint not null default 0,
  cut_to      bigint,
  ref         uuid,
  reason      text not null,
  memo        text,
  play        text check (play in ('stake', 'payout')),  -- counts for the player's limits
  refused     text,
  debit_free  bigint,
  debit_held  bigint,
  credit_free bigint,
  check (amount between 0 and 9007199254740991 and back between 0 and 9007199254740991 and cut between 0 and amount),
  check ((op in ('post', 'void')) = (ref is not null)),
  check (op not in ('hold', 'void') or (back = 0 and cut = 0)),
  check (op <> 'void' or amount = 0),
  check (cut = 0 or cut_to is not null),
  check (refused is not null or (debit is not null and credit is not null and debit <> credit))
)`;

const INDEXES = [
  'create sequence ledger_account_id start 1000',
  'create sequence ledger_transfer_seq owned by ledger_transfer.seq',
  "alter table ledger_transfer alter seq set default nextval('ledger_transfer_seq')",
  'create unique index ledger_transfer_order on ledger_transfer (seq)',
  'create unique index ledger_account_owner on ledger_account (owner, currency) where owner is not null',
  'create unique index ledger_account_name on ledger_account (name, currency) where name is not null',
  'create unique index ledger_transfer_resolves on ledger_transfer (ref) where ref is not null and refused is null',
  'create index ledger_transfer_debit on ledger_transfer (debit, seq)',
  'create index ledger_transfer_credit on ledger_transfer (credit, seq)',
];

const IMMUTABLE = `
create function ledger_immutable() returns trigger language plpgsql as $$
begin raise exception 'ledger_transfer is append-only' using errcode = '42501'; end $$`;

const GUARD = `
create trigger ledger_transfer_immutable before update or delete or truncate on ledger_transfer
  for each statement execute function ledger_immutable()`;

const ENTRY = `
create view ledger_entry as
  select t.seq, t.id, t.xid, t.at, e.account, e.delta
  from ledger_transfer t,
       lateral (values (t.debit, t.back - t.amount), (t.credit, t.amount - t.back - t.cut), (t.cut_to, t.cut)) e(account, delta)
  where t.refused is null and t.op in ('move', 'post') and e.account is not null`;

const ITEM = `
create type ledger_item as (
  id uuid, op text, debit bigint, credit bigint, amount bigint, back bigint, cut bigint, cut_to bigint, ref uuid, reason text, memo text, play text
)`;

/** Why an account may not stake `p_stake` now, or null. The account's row is locked by the caller. */
const LIMIT_REFUSAL = `
create function ledger_limit_refusal(p_account bigint, p_stake bigint) returns text language sql as $$
  select coalesce(
    (select case when a.excluded_until > now() then 'self_excluded' else a.closed end from ledger_account a where a.id = p_account),
    case when exists (
      select from ledger_limit l
       where l.account = p_account and l.kind in ('loss', 'wager')
         and (case when l.starts = date_trunc(l.period, now() at time zone 'utc') then greatest(l.used, 0) else 0 end) + p_stake
             > (case when l.next_at <= now() then l.next_cap else l.cap end)) then 'limit_reached' end) $$`;

/** Counts a stake or a return; what happened at `p_at` only in the periods that it lies in. */
const LIMIT_COUNT = `
create function ledger_limit_count(p_account bigint, p_wager bigint, p_loss bigint, p_at timestamptz) returns void language sql as $$
  update ledger_limit l
     set used = (case when l.starts = date_trunc(l.period, now() at time zone 'utc') then l.used else 0 end)
                + (case l.kind when 'wager' then p_wager else p_loss end),
         starts = date_trunc(l.period, now() at time zone 'utc')
   where l.account = p_account and l.kind in ('loss', 'wager')
     and p_at at time zone 'utc' >= date_trunc(l.period, now() at time zone 'utc') $$`;

/**
 * ledger_post_items(items) → refused, debit_free, credit_free, debit_held of each item, in the order given. Locks the players'
 * accounts in id order, re-reads, decides in memory, then one INSERT and one UPDATE. Raises 40001 where a concurrent
 * caller got in between: say it again, the same. See house rules "Chance, replay, money".
 */
const POST_ITEMS = `
create function ledger_post_items(v_items ledger_item[], out v_no text[], out v_df bigint[], out v_cf bigint[], out v_dh bigint[])
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  v_acc    bigint[];                                   -- sorted; every other account array runs parallel to it
  v_sys    boolean[]; v_cur text[]; v_posted bigint[]; v_held bigint[]; v_dirty boolean[]; v_limited boolean[];
  v_fresh  boolean[] := '{}'; v_deb bigint[] := '{}'; v_cre bigint[] := '{}';     -- parallel to the items
  r record; d int; c int; k int; no text; a bigint; b bigint; df bigint; dh bigint; cf bigint;
  n bigint; m bigint; v_new int := 0;
begin
  v_no := '{}'; v_df := '{}'; v_cf := '{}'; v_dh := '{}';
  -- 1. one call may not carry the same id (or hold) twice
  select count(s.k), count(distinct s.k) into n, m
    from (select i.id as k from unnest(v_items) i union all select i.ref from unnest(v_items) i where i.ref is not null) s;
  if n <> m then raise exception 'ledger_post: an id or ref occurs twice in one call' using errcode = '22023'; end if;

  -- 2. lock every stored account concerned, in id order; system accounts are never locked
  select array_agg(distinct s.acc order by s.acc) into v_acc
    from (select i.debit as acc from unnest(v_items) i
          union all select i.credit from unnest(v_items) i
          union all select i.cut_to from unnest(v_items) i
          union all select e.acc from unnest(v_items) i,
                    lateral (select t.debit, t.credit from ledger_transfer t where t.id = i.ref limit 1) h,
                    lateral (values (h.debit), (h.credit)) e(acc)
                    where i.ref is not null) s
    where s.acc is not null;
  perform 1 from ledger_account where id = any(v_acc) and not system order by id for no key update;

  -- 3. read what the locks now protect (READ COMMITTED: a new statement, a new snapshot)
  select array_agg(q.system order by x.n), array_agg(q.currency order by x.n), array_agg(q.posted order by x.n),
         array_agg(q.held order by x.n), array_agg(false order by x.n),
         array_agg(q.limited or q.excluded_until > now() or q.closed is not null order by x.n)
    into v_sys, v_cur, v_posted, v_held, v_dirty, v_limited
    from unnest(v_acc) with ordinality x(id, n)
    left join lateral (select * from ledger_account a where a.id = x.id limit 1) q on true;

  -- 4. decide, item by item, in the order given
  for r in
    select i.id, i.op, i.debit, i.credit, i.amount, i.back, i.cut, i.cut_to, i.ref, i.play,
           t.id is not null as known, t.refused, t.debit_free, t.credit_free, t.debit_held,
           (t.op, t.amount, t.back, t.cut, t.cut_to, t.ref, t.reason, t.memo, t.play) is not distinct from
             (i.op, i.amount, i.back, i.cut, i.cut_to, i.ref, i.reason, i.memo, i.play)
             and (i.ref is not null or (t.debit, t.credit) is not distinct from (i.debit, i.credit)) as same,
           h.op as h_op, h.refused as h_refused, h.debit as h_debit, h.credit as h_credit, h.amount as h_amount, h.play as h_play, h.at as h_at,
           x.id is not null as h_done
      from unnest(v_items) with ordinality i(id, op, debit, credit, amount, back, cut, cut_to, ref, reason, memo, play, n)
      left join lateral (select * from ledger_transfer q where q.id = i.id limit 1) t on true
      left join lateral (select * from ledger_transfer q where q.id = i.ref limit 1) h on i.ref is not null
      left join lateral (select q.id from ledger_transfer q where q.ref = i.ref and q.refused is null limit 1) x on i.ref is not null
     order by i.n
  loop
    a := r.amount; b := r.back; no := null; df := null; dh := null; cf := null; k := null;
    if r.known then                                                   -- said before: the same answer, or a refusal
      v_fresh := v_fresh || false; v_deb := v_deb || null::bigint; v_cre := v_cre || null::bigint;
      if r.same then
        v_no := v_no || r.refused; v_df := v_df || r.debit_free; v_dh := v_dh || r.debit_held; v_cf := v_cf || r.credit_free;
      else
        v_no := v_no || 'request_reused'::text; v_df := v_df || null::bigint; v_dh := v_dh || null::bigint; v_cf := v_cf || null::bigint;
      end if;
      continue;
    end if;
    if r.ref is not null then
      if r.h_op is distinct from 'hold' or r.h_refused is not null then no := 'hold_unknown';
      elsif r.h_done then no := 'hold_resolved';
      elsif a > r.h_amount then no := 'hold_exceeded'; end if;
      r.debit := r.h_debit; r.credit := r.h_credit;
    end if;
    d := width_bucket(r.debit, v_acc); c := width_bucket(r.credit, v_acc);   -- binary search
    if no is null then
      if v_acc[d] is distinct from r.debit or v_acc[c] is distinct from r.credit then
        -- the hold was committed between step 2 and step 4: its accounts are not among the locked ones
        raise exception 'ledger_post: hold appeared meanwhile, retry' using errcode = '40001';
      end if;
      if v_sys[d] is null or v_sys[c] is null or d = c then no := 'account_unknown';
      elsif v_cur[d] <> v_cur[c] then no := 'currency_mixed';
      elsif r.ref is null and not v_sys[d] and v_posted[d] - v_held[d] < a then no := 'funds_short';
      elsif r.play = 'stake' and v_limited[d] then no := ledger_limit_refusal(r.debit, a); end if;
    end if;
    if no is null and r.cut_to is not null then
      k := width_bucket(r.cut_to, v_acc);
      if v_sys[k] is null or k = c or k = d then no := 'account_unknown';
      elsif v_cur[k] <> v_cur[d] then no := 'currency_mixed'; end if;
    end if;
    if no is null and r.op <> 'hold' and not v_sys[c] and v_posted[c] - v_held[c] + a < b + r.cut then no := 'funds_short'; end if;
    if no is null then
      if not v_sys[d] then
        v_dirty[d] := true;
        if r.op = 'hold' then v_held[d] := v_held[d] + a;
        else v_posted[d] := v_posted[d] - a + b; end if;
        if r.ref is not null then v_held[d] := v_held[d] - r.h_amount; end if;
        df := v_posted[d] - v_held[d]; dh := v_held[d];
        if v_limited[d] then
          if r.play = 'stake' then perform ledger_limit_count(r.debit, a, a - b, now());
          elsif r.h_play = 'stake' then perform ledger_limit_count(r.debit, a - r.h_amount, a - b - r.h_amount, r.h_at); end if;
        end if;
      end if;
      if not v_sys[c] and r.op in ('move', 'post') then
        v_dirty[c] := true;
        v_posted[c] := v_posted[c] + a - b - r.cut;
        cf := v_posted[c] - v_held[c];
        if v_limited[c] and r.play = 'payout' then perform ledger_limit_count(r.credit, 0, -a, now()); end if;
      end if;
      if k is not null and not v_sys[k] then
        v_dirty[k] := true;
        v_posted[k] := v_posted[k] + r.cut;
      end if;
    end if;
    v_new := v_new + 1;
    v_fresh := v_fresh || true; v_no := v_no || no; v_deb := v_deb || r.debit; v_cre := v_cre || r.credit;
    v_df := v_df || df; v_dh := v_dh || dh; v_cf := v_cf || cf;
  end loop;

  -- 5. write: one insert, one update
  if v_new > 0 then
    insert into ledger_transfer (id, op, debit, credit, amount, back, cut, cut_to, ref, reason, memo, play, refused, debit_free, debit_held, credit_free)
      select i.id, i.op, i.v_deb, i.v_cre, i.amount, i.back, i.cut, i.cut_to, i.ref, i.reason, i.memo, i.play, i.v_no, i.v_df, i.v_dh, i.v_cf
        from rows from (unnest(v_items), unnest(v_fresh), unnest(v_no), unnest(v_deb), unnest(v_cre), unnest(v_df), unnest(v_dh), unnest(v_cf))
             with ordinality i(id, op, debit, credit, amount, back, cut, cut_to, ref, reason, memo, play,
                               v_fresh, v_no, v_deb, v_cre, v_df, v_dh, v_cf, n)
       where i.v_fresh order by i.n        -- seq follows the order of decision
      on conflict do nothing;
    get diagnostics n = row_count;
    if n <> v_new then   -- another session took one of the ids between step 4 and here: nothing is kept, ask again
      raise exception 'ledger_post: id taken meanwhile, retry' using errcode = '40001';
    end if;
    update ledger_account q set posted = x.posted, held = x.held
      from unnest(v_acc, v_posted, v_held, v_dirty) x(id, posted, held, dirty)
     where q.id = x.id and x.dirty;
  end if;
end $$`;

/** ledger_post(items) → one [refused, debit_free, credit_free, debit_held] per item, in the order given. */
const POST = `
create function ledger_post(p_items json) returns json language plpgsql as $$
declare v_items ledger_item[]; v_answer json;
begin
  select array_agg(row(i.id, i.op, i.debit, i.credit, coalesce(i.amount, 0), coalesce(i.back, 0), coalesce(i.cut, 0), i.cut_to,
                       i.ref, i.reason, i.memo, i.play)::ledger_item)
    into v_items
    from json_populate_recordset(null::ledger_item, p_items) i;
  if v_items is null then return '[]'; end if;
  select json_agg(json_build_array(x.no, x.df, x.cf, x.dh) order by x.n) into v_answer
    from ledger_post_items(v_items) p, rows from (unnest(p.v_no), unnest(p.v_df), unnest(p.v_cf), unnest(p.v_dh)) with ordinality x(no, df, cf, dh, n);
  return v_answer;
end $$`;
