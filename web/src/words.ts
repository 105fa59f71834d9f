// What the house's refusals are called in the page. A new code does not compile without its sentence; one that an older
// page does not know is shown as it is, never hidden.
import type { RefusalCode } from '../../rules/refusal.ts';

type OwnCode =
  | 'offline'
  | 'seat_expired'
  | 'seat_taken_over'
  | 'too_slow'
  | 'wallet_declined'
  | 'wallet_silent'
  | 'sign_in_foreign'
  | 'sign_in_cancelled';

const SENTENCES: Record<RefusalCode | OwnCode, string> = {
  offline: 'No connection to the house. Nothing was lost; try again in a moment.',
  malformed: 'That is not filled in as it should be.',
  unauthenticated: 'You are not logged in any more. Log in to go on.',
  forbidden: 'Your account may not do that.',
  not_found: 'That is not here.',
  too_large: 'That is too much at once.',
  rate_limited: 'That was a lot at once. Wait a moment and try again.',
  internal: 'The house made a mistake. Nothing of yours was taken.',
  unavailable: 'The house is closing for a moment. Try again shortly.',
  request_reused: 'That was already done once, in another way.',
  request_running: 'That is still being done.',
  funds_short: 'You have too little for that.',
  limit_reached: 'That would go over a limit you set.',
  self_excluded: 'You have excluded yourself from play for now.',
  real_money_off: 'Real money is switched off here.',
  stake_invalid: 'That stake is outside what is played here.',
  currency_unknown: 'That currency is not played here.',
  credentials_wrong: 'Email and password do not go together.',
  email_taken: 'Somebody is registered with that email. Is it you? Then log in.',
  email_reserved: 'That email cannot be used here.',
  password_weak: 'Choose a longer password: 8 characters at least, and not one that everybody uses.',
  password_too_long: 'That password is too long: 72 bytes at most.',
  account_locked: 'Too many tries. Log in again in some minutes.',
  account_banned: 'This account is closed.',
  already_registered: 'This account has an email already.',
  token_invalid: 'You were logged out. Log in to go on.',
  token_expired: 'You were away for long. Log in to go on.',
  room_unknown: 'That table is gone.',
  room_full: 'Every seat there is taken.',
  join_invalid: 'There is no such table.',
  already_seated: 'You sit there already.',
  seat_expired: 'That took too long, and the seat was given back. Try again.',
  seat_taken_over: 'You have taken your seat in another tab or on another device.',
  too_slow: 'The connection was too slow to follow.',
  wallet_declined: 'You said no in your wallet. Nothing was done.',
  wallet_silent: 'Your wallet did not answer as it should. Open it, see that it is unlocked, and try again.',
  sign_in_foreign: 'That sign-in did not begin in this tab, so it was not followed. Begin it again here.',
  sign_in_cancelled: 'You turned back. Nothing was done.',
  not_seated: 'You have no seat there any more.',
  not_your_turn: 'It is somebody else’s turn.',
  not_ready: 'The round has not started yet.',
  bets_open: 'Bets are still open. Pull when they close.',
  bets_closed: 'Bets on this pull are closed.',
  bet_invalid: 'That bet cannot be made.',
  exposure_full: 'The house takes no more bets on this pull.',
  pull_stale: 'That pull is over already.',
  round_open: 'A round is still running.',
  round_over: 'That round is over.',
  round_void: 'That round was void. Every stake went back.',
  bots_unavailable: 'House bots cannot sit here.',
  battle_unknown: 'There is no such battle.',
  level_short: 'Your level is too low for that battle.',
  not_leader: 'The leader of the party starts the fight.',
  action_cooling: 'Not ready yet.',
  stamina_short: 'Too little stamina.',
  target_unknown: 'That enemy has fallen already.',
  fallen: 'You have fallen.',
  not_fallen: 'You are still standing.',
  item_unknown: 'You have none of that.',
  loot_claimed: 'Claimed already.',
  loot_none: 'There is nothing to claim.',
  method_not_allowed: 'That cannot be done here.',
  unsupported_media_type: 'The house cannot read that.',
  idempotency_key_required: 'The page forgot to number that. Load it again.',
  csrf: 'That came from somewhere else. Load the page again.',
  amount_invalid: 'That amount cannot be moved.',
  phone_invalid: 'That is no phone number we can pay to.',
  payment_open: 'A payment of yours is still under way.',
  muted: 'You may not write here for now.',
  email_unverified: 'First follow the link in the mail we sent you.',
  link_invalid: 'That link has been used, or is too old.',
  challenge_invalid: 'That took too long. Ask for a new challenge.',
  proof_invalid: 'That does not prove it. Each text, token and code is good for one try: begin again.',
  wallet_invalid: 'That is no address of that chain.',
  wallet_taken: 'That wallet belongs to another player.',
  identity_taken: 'That account belongs to another player, or you have linked another one of theirs.',
  last_way_in: 'That is your only way in. Add another one first.',
  in_battle: 'You are in a battle. That has to wait until it is over.',
  inventory_full: 'Your bag is full. Sell something first.',
  item_equipped: 'You are wearing that. Take it off first.',
  item_unusable: 'That would do nothing for you now.',
  quantity_short: 'You have fewer than that.',
  slot_empty: 'You wear nothing there.',
  stamina_full: 'Your stamina is full already.',
  offer_unknown: 'The shop does not know that.',
  offer_closed: 'The shop does not sell that any more.',
  price_changed: 'The price has changed. Nothing was bought.',
  stock_out: 'Sold out. Somebody was quicker.',
  purchase_limit: 'That is more than one player may buy.',
  egg_not_ready: 'It is not time yet. Nothing stirs in there.',
  egg_hatched: 'That egg has hatched already.',
  pet_grown: 'It is fully grown and wants no more.',
  points_short: 'You have fewer points than that.',
  points_unspent: 'No point of yours is spent.',
  batch_stale: 'That batch is too old.',
  interaction_replayed: 'That was answered once already.',
  batch_replayed: 'That batch was told once already.',
  player_unverified: 'Confirm your email address first; the way to it is in your account.',
  season_none: 'No season runs at the moment.',
  season_closed: 'That season is over.',
  season_open: 'That season still runs.',
  season_frozen: 'That season is closed, and stays as it is.',
  submission_decided: 'That was decided already.',
  already_checked_in: 'You have checked in today.',
  already_claimed: 'You have claimed that today.',
  quest_unfinished: 'That quest is not done yet.',
  quest_claimed: 'You have had the reward of that quest.',
  totp_required: 'That needs a code from your authenticator.',
  totp_enrolled: 'An authenticator is set up already.',
  step_up_required: 'Show that it is you once more, with a code.',
  code_wrong: 'That code is wrong, too old, or was used already.',
  last_root: 'Nobody would be left who gives roles.',
  own_proposal: 'That is yours, or about you: another operator decides.',
  proposal_decided: 'That was decided already.',
  out_of_bounds: 'That is outside what may be set.',
  scope_missing: 'This token may not do that.',
};

export const sentenceFor = (code: string): string =>
  (SENTENCES as Record<string, string>)[code] ?? `The house refused: ${code.replaceAll('_', ' ')}.`;

/** A no from either door. `code` is the house's, or `offline` where no answer came. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(sentenceFor(code));
    this.name = 'Refused';
    this.code = code;
  }
}

/** For whatever was caught: the code to show. A mistake of the page's own goes to the console as well. */
export function codeOf(error: unknown): string {
  if (error instanceof Refused) return error.code;
  console.error(error);
  return 'internal';
}
