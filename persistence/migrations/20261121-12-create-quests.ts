import { Migration } from '@mikro-orm/migrations';
import { PLAY } from './20261121-3-create-rounds.ts';

/** What players did, in all and by day; what it unlocked; quests done; days taken. Every settled round is counted from here on. */
export class CreateQuests extends Migration {
  override up() {
    for (const statement of [...TALLIES, ...ACHIEVEMENTS, ...QUESTS, DAYS, ...KNOWN, replaced(COUNTING)]) this.addSql(statement);
  }

  override down() {
    this.addSql(replaced(PLAY));
    for (const table of ['day_taken', 'quest', 'achievement_state', 'player_achievement', 'counter_day', 'player_counter'])
      this.addSql(`drop table ${table}`);
  }
}

const TALLIES = [
  `create table player_counter (
    player  uuid not null,
    counter text not null,
    total   bigint not null,
    deeds   bigint not null,                     -- how many there were
    best    bigint not null,                     -- the most at once
    primary key (player, counter)
  )`,
  // For who has passed an achievement that was added later.
  'create index player_counter_counter on player_counter (counter, player)',
  `create table counter_day (
    player  uuid not null,
    counter text not null,
    day     date not null,                       -- by the player's own clock
    total   bigint not null,
    deeds   bigint not null,
    best    bigint not null,
    primary key (player, counter, day)
  )`,
  'create index counter_day_day on counter_day (day)',
];

const ACHIEVEMENTS = [
  `create table player_achievement (
    player      uuid not null,
    achievement text not null,
    terms       jsonb not null,                  -- as they were when it was unlocked
    unlocked_at timestamptz not null default now(),
    paid_at     timestamptz,
    primary key (player, achievement)
  )`,
  'create index player_achievement_unpaid on player_achievement (player) where paid_at is null',
  `create table achievement_state (
    achievement text primary key,
    holders     bigint not null default 0,
    swept       text                             -- the goal for which those who had passed it were looked for
  )`,
];

const QUESTS = [
  `create table quest (
    id         uuid primary key,
    player     uuid not null,
    period     text not null,                    -- daily, weekly
    first      date not null,                    -- its day, or its week's Monday
    quest      text not null,
    terms      jsonb not null,                   -- as they were when it was done
    done_at    timestamptz not null default now(),
    told_at    timestamptz,
    claimed_at timestamptz
  )`,
  'create index quest_player on quest (player, period, first)',
  'create index quest_done on quest (done_at)',
  'create index quest_untold on quest (player) where told_at is null',
];

/** The day, or week, that a player took last of each kind. */
const DAYS = `
create table day_taken (
  player      uuid not null,
  kind        text not null check (kind in ('check_in', 'claim', 'daily_quests', 'weekly_quests')),
  day         date not null,
  zone        text not null,
  at          timestamptz not null,
  paced_until timestamptz not null,
  streak      integer not null default 0,
  best        integer not null default 0,
  primary key (player, kind)
)`;

/** What is known already of players who came before counting did. */
const KNOWN = [
  `insert into player_counter (player, counter, total, deeds, best)
     select id, 'registered', 1, 1, 1 from player where not guest and deleted_at is null`,
  `insert into player_counter (player, counter, total, deeds, best)
     select player, board, score, 0, 0 from leaderboard_score where period = 'all'`,
  // Of rounds in COINS, those that wait to be folded are left to the fold.
  `insert into player_counter (player, counter, total, deeds, best)
     select s.player, 'rounds', greatest(s.rounds - coalesce(e.waiting, 0), 0), 0, 0
       from (select player, count(distinct round) as rounds from round_stake where state = 'settled' and player is not null group by player) s
       left join (select player, count(*) as waiting from score_event where board = 'winnings' group by player) e on e.player = s.player`,
];

const WON = `
  insert into score_event (board, player, amount)
    select 'winnings', i.player, i.back + coalesce(i.prize, 0) - i.amount`;
const WON_WHERE = ` and i.currency = 'COINS' and i.back + coalesce(i.prize, 0) <> i.amount`;

/** One event a round: in COINS its net, 0 too; in other currencies that it was played. */
const COUNTING = swap(
  swap(
    PLAY,
    WON,
    `
  insert into score_event (board, player, amount)
    select case i.currency when 'COINS' then 'winnings' else 'rounds' end, i.player,
           case i.currency when 'COINS' then i.back + coalesce(i.prize, 0) - i.amount else 1 end`,
  ),
  WON_WHERE,
  '',
);

const replaced = (text: string): string => swap(text, 'create function', 'create or replace function');

function swap(text: string, old: string, next: string): string {
  if (text.split(old).length !== 2) throw new Error(`round_play does not have once: ${old}`);
  return text.replace(old, () => next);
}
