// All that is kept about a player and belongs to no other reading: read table by table, for their own export.
import type { Database, Row } from './orm.ts';

/** The newest of each, at most. */
const EXPORTED_MAX = 10_000;

/** Which tables a section tells of, and how. `$1` is the player. No secret, no hash, no name of an operator. */
const SECTIONS = {
  gear: `select id, item, rarity, level, attack, defence, hp, stamina, slot, made_at as "madeAt" from gear where player = $1 order by id desc`,
  items: 'select item, quantity from item_stack where player = $1 order by item',
  effects: 'select kind, percent, ends_at as "endsAt" from effect where player = $1 order by kind',
  pets: `select id, species, level, xp, set_name as "set", place, hatched_at as "hatchedAt" from pet where player = $1 order by id desc`,
  eggs: 'select id, kind, laid_at as "laidAt", ready_at as "readyAt", hatched_at as "hatchedAt" from egg where player = $1 order by id desc',
  hatchLuck: 'select misses from hatch_luck where player = $1',
  offersBought: 'select offer, ever, day::text as day, today from offer_bought where player = $1 order by offer',
  counters: 'select counter, total, deeds, best from player_counter where player = $1 order by counter',
  counterDays:
    'select counter, day::text as day, total, deeds, best from counter_day where player = $1 order by day desc, counter',
  achievements: `select achievement, terms, unlocked_at as "unlockedAt", paid_at as "paidAt" from player_achievement where player = $1 order by unlocked_at desc`,
  quests: `select id, period, first::text as first, quest, terms, done_at as "doneAt", claimed_at as "claimedAt" from quest where player = $1 order by id desc`,
  days: 'select kind, day::text as day, zone, at, streak, best from day_taken where player = $1 order by kind',
  xpDays: 'select day::text as day, source, xp from xp_day where player = $1 order by day desc, source',
  blocks: 'select blocked, at from player_block where player = $1 order by at desc',
  scores:
    'select board, period, score, reached_at as "reachedAt" from leaderboard_score where player = $1 order by reached_at desc',
  boardPlaces: `select board, period, rank, score, coins, gems, paid_at as "paidAt" from leaderboard_final where player = $1 order by reached_at desc`,
  roundRewards: `select round, coins, xp, items, share_bp as "shareBp", claimed_at as "claimedAt" from round_reward where player = $1 order by round desc`,
  roundCharges: 'select id, round, item, at from round_charge where player = $1 order by at desc',
  seeds: `select commitment, client_seed as "clientSeed", nonce, status, made_at as "madeAt" from fairness_seed where player = $1 order by id desc`,
  limits: `select l.kind, l.period, a.currency, l.cap, l.next_cap as "nextCap", l.next_at as "nextAt", l.used
             from ledger_limit l join ledger_account a on a.id = l.account where a.owner = $1 order by a.id, l.kind, l.period`,
  miningEvents: 'select address, payouts, units, rate, ap, debt, at from mining_credit where player = $1 order by id desc',
  miningDebt: 'select ap from mining_debt where player = $1',
  miningDonations: `select address, amount, state, reason, txid, made_at as "madeAt", expires_at as "expiresAt" from mining_donation where player = $1 order by id desc`,
  submissions: `select id, season, item, quantity, evidence, points, state, reason, made_at as "madeAt", reviewed_at as "reviewedAt"
                  from season_submission where player = $1 order by id desc`,
  seasonPoints: 'select season, points, reached_at as "reachedAt" from season_score where player = $1 order by reached_at desc',
  seasonPrizes: 'select season, rank, prizes, at from season_prize where player = $1 order by at desc',
  discordRoles: `select season, rank, role_name as "name", state, made_at as "madeAt" from discord_role_job where player = $1 order by id desc`,
  apiTokens: `select id, purpose, scopes, state, reason, hint, asked_at as "askedAt", decided_at as "decidedAt", collected_at as "collectedAt",
                     expires_at as "expiresAt", used_at as "usedAt", ended_at as "endedAt" from api_token where player = $1 order by id desc`,
  corrections: `select id, currency, direction, amount, reason, state, proposed_at as "proposedAt", decided_at as "decidedAt"
                  from correction where player = $1 order by id desc`,
  notes: 'select kind, text, at from player_note where player = $1 order by id desc',
} as const satisfies Record<string, string>;

export type ExportSection = keyof typeof SECTIONS;
export type Exported = Record<ExportSection, Row[]>;

/** Tables that name players and are told of elsewhere in an export, or not at all, and why. */
export const TOLD_ELSEWHERE: Readonly<Record<string, string>> = {
  player: 'profile',
  session: 'sessions',
  ledger_account: 'balances and transactions',
  round_stake: 'bets',
  payment: 'payments',
  player_standing: 'realMoney',
  wallet: 'wallets',
  identity: 'identities',
  notification: 'notifications',
  notification_head: 'the number of the newest notification',
  player_login: 'a password’s hash helps nobody but a thief',
  totp: 'a secret of signing in',
  totp_recovery: 'hashes of secrets',
  wallet_challenge: 'a question that waits minutes for its answer',
  sign_in_state: 'a sign-in that is under way for minutes',
  discord_code: 'a hash of a secret, good for minutes',
  email_token: 'a hash of a secret',
  request: 'answers said already; what they did is told',
  score_event: 'on its way to scores within a second',
};

export type Exports = ReturnType<typeof openExports>;

export function openExports(db: Database) {
  return {
    /** Each section newest first, its first 10,000. */
    async of(playerId: string): Promise<Exported> {
      const told: Partial<Exported> = {};
      for (const [section, text] of Object.entries(SECTIONS) as [ExportSection, string][])
        told[section] = await db.rows(`${text} limit ${EXPORTED_MAX}`, [playerId]);
      return told as Exported;
    },
  };
}

/** The text of each section; for the test that looks for tables that were forgotten. */
export const EXPORT_TEXTS: readonly string[] = Object.values(SECTIONS);
