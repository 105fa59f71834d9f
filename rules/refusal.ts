/** Every reason the house may say no. Clients switch on these, so a code is never renamed; PROTOCOL.md lists them. */
export const REFUSALS = [
  // every door
  'malformed',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'too_large',
  'unsupported_media_type',
  'rate_limited',
  'internal',
  'unavailable',
  // requests that move value
  'idempotency_key_required',
  'request_reused',
  'request_running',
  'funds_short',
  'limit_reached',
  'self_excluded',
  'real_money_off',
  'stake_invalid',
  'currency_unknown',
  'amount_invalid',
  'phone_invalid',
  'payment_open',
  // accounts
  'credentials_wrong',
  'email_taken',
  'email_reserved',
  'password_weak',
  'password_too_long',
  'account_locked',
  'account_banned',
  'already_registered',
  'token_invalid',
  'token_expired',
  'csrf',
  'email_unverified',
  'link_invalid',
  'challenge_invalid',
  'proof_invalid',
  'wallet_invalid',
  'wallet_taken',
  'identity_taken',
  'last_way_in',
  // operators and their tools
  'totp_required',
  'totp_enrolled',
  'step_up_required',
  'code_wrong',
  'last_root',
  'own_proposal',
  'proposal_decided',
  'out_of_bounds',
  'scope_missing',
  // rooms and rounds
  'room_unknown',
  'room_full',
  'join_invalid',
  'already_seated',
  'not_seated',
  'not_your_turn',
  'not_ready',
  'bets_open',
  'bets_closed',
  'bet_invalid',
  'exposure_full',
  'pull_stale',
  'round_open',
  'round_over',
  'round_void',
  'bots_unavailable',
  // battle
  'battle_unknown',
  'level_short',
  'not_leader',
  'action_cooling',
  'stamina_short',
  'target_unknown',
  'fallen',
  'not_fallen',
  'item_unknown',
  'loot_claimed',
  'loot_none',
  'muted',
  // things and the shop
  'in_battle',
  'inventory_full',
  'item_equipped',
  'item_unusable',
  'quantity_short',
  'slot_empty',
  'stamina_full',
  'offer_unknown',
  'offer_closed',
  'price_changed',
  'stock_out',
  'purchase_limit',
  // pets and progress
  'egg_not_ready',
  'egg_hatched',
  'pet_grown',
  'points_short',
  'points_unspent',
  // mining and seasons
  'batch_stale',
  'batch_replayed',
  'player_unverified',
  'season_none',
  'season_closed',
  'season_open',
  'season_frozen',
  'submission_decided',
  'interaction_replayed',
  // days and quests
  'already_checked_in',
  'already_claimed',
  'quest_unfinished',
  'quest_claimed',
] as const;
export type RefusalCode = (typeof REFUSALS)[number];

/** An expected no to a player. Anything else thrown is a bug. */
export class Refusal extends Error {
  readonly code: RefusalCode;

  /** Without a stack: a refusal is an answer, often given, and where it was given is no news. */
  constructor(code: RefusalCode) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(code);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Refusal';
    this.code = code;
  }
}

/** Throws `Refusal(code)` unless `allowed`. Rules call it before they change anything. */
export function refuseUnless(allowed: unknown, code: RefusalCode): asserts allowed {
  if (!allowed) throw new Refusal(code);
}
