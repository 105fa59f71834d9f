// What becomes of a player who goes: who they were is taken away, and what they owned; what the ledger, its rounds and its
// seasons say stays under the bare id. Every table that names players is in one of the two lists here; a test walks them all.
import { refuseUnless } from '../rules/refusal.ts';
import { isStaff } from '../rules/roles.ts';
import { PlayerLogin } from './account.ts';
import { auditIn } from './audit-log.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import { lockedIn } from './roles.ts';
import type { Sessions } from './sessions.ts';

/** Emptied of the player, in this order. */
export const CLEARED = [
  'player_standing',
  'wallet',
  'identity',
  'wallet_challenge',
  'sign_in_state',
  'email_token',
  'day_taken',
  'notification',
  'notification_head',
  'player_block',
  'totp_recovery',
  'totp',
  'player_note',
  'api_token',
  'gear',
  'item_stack',
  'effect',
  'pet',
  'egg',
  'hatch_luck',
  'offer_bought',
  'score_event',
  'player_counter',
  'counter_day',
  'player_achievement',
  'quest',
  'xp_day',
  'mining_donation',
  'discord_code',
  'discord_role_job',
] as const;

/** What stays, and why. */
export const KEPT: Readonly<Record<string, string>> = {
  player: 'the bare id that the ledger refers to, without a name, an address or a role',
  session: 'that its tokens are refused; without the device, and swept after a month',
  ledger_account: 'the ledger: who owned an account, by the bare id',
  ledger_limit: 'limits of that account, counted by the ledger itself',
  fairness_seed: 'without it nobody could check the rounds that were drawn from it',
  round_stake: 'the record of rounds, which others played too',
  round_reward: 'the record of rounds',
  round_charge: 'the record of rounds: what goes back where one is void',
  leaderboard_score: 'others’ ranks rest on it; the name is gone',
  leaderboard_final: 'closed boards stay as they were paid; the name is gone',
  payment: 'the law on money wants it; the phone is forgotten after 90 days',
  request: 'that a key is never taken twice; what was said and answered is forgotten',
  mining_credit:
    'what the ledger’s credits were made of, and whom a reorganisation takes them from; its addresses are the chain’s',
  mining_debt: 'what is owed to the house',
  season_submission: 'an ended season stays as it was; its link and reason are forgotten',
  season_score: 'others’ ranks rest on it; the name is gone',
  season_prize: 'that a prize is given once',
  correction: 'why the ledger was corrected',
};

export type Erasure = ReturnType<typeof openErasure>;

export function openErasure(db: Database, { now, sessions }: { now(): Date; sessions: Sessions }) {
  return {
    /** Takes away who the player was and what they owned. Refuses `not_found`, and `forbidden` for a root. */
    async erase(playerId: string): Promise<void> {
      const ended = await db.transaction((em) => eraseIn(em, sessions, { playerId, at: now() }));
      sessions.forget(ended);
    },
  };
}

const GONE_NAME = 'Deleted player';

async function eraseIn(
  em: EntityManager,
  sessions: Sessions,
  { playerId, at }: { playerId: string; at: Date },
): Promise<string[]> {
  const player = await lockedIn(em, playerId);
  refuseUnless(!player.roles.includes('root'), 'forbidden');
  const { email, roles } = player;
  Object.assign(player, { email: null, displayName: GONE_NAME, roles: [], timeZone: 'UTC', deletedAt: at });
  await em.nativeDelete(PlayerLogin, { playerId });
  await em.flush();
  for (const table of CLEARED) await rowsIn(em, `delete from ${table} where player = ?`, [playerId]);
  await rowsIn(em, 'delete from player_block where blocked = ?', [playerId]);
  if (email !== null) await rowsIn(em, 'delete from mail_outbox where address = ?', [email]);
  await rowsIn(em, "update season_submission set evidence = '', reason = null where player = ?", [playerId]);
  await rowsIn(em, 'update request set fingerprint = null, answer = null, refused = null where player = ?', [playerId]);
  const open = await sessions.endAllIn(em, playerId, null);
  await rowsIn(em, "update session set device = '' where player_id = ?", [playerId]);
  const act = { actorId: playerId, action: 'player.erase', target: `player:${playerId}` };
  if (isStaff(roles)) await auditIn(em, { ...act, before: { roles }, after: { roles: [] } });
  return open;
}
