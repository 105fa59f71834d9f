// What a refusal means to an operator. Codes without a sentence of their own are shown with their words.
import { Fault } from './ask.ts';

const SENTENCES: Record<string, string> = {
  offline: 'The house does not answer. Nothing is known of what was asked last.',
  unavailable: 'The house is closing, or a part of it is switched off.',
  internal: 'The house met a bug; its log says more.',
  forbidden: 'Your roles do not allow this, or it is your own case.',
  not_found: 'There is no such thing (any more).',
  malformed: 'The house cannot read that.',
  rate_limited: 'That was too much in a minute. Wait a little.',
  csrf: 'This page is stale. Load it again.',
  request_reused: 'This was asked before in other words.',
  season_open: 'Another season is on, or this one already is.',
  season_closed: 'That season is past its end.',
  season_frozen: 'That season has ended; nothing in it changes any more.',
  submission_decided: 'Somebody has decided that already.',
  totp_required: 'A second factor is needed for this, and you have none. Set one up under Access.',
  step_up_required: 'Nothing was done: it needs a code of your second factor.',
  code_wrong: 'That code is wrong, or was used already.',
  account_locked: 'Too many tries. Wait some minutes.',
  credentials_wrong: 'The password is wrong.',
  own_proposal: 'Another operator has to decide that.',
  proposal_decided: 'Its state does not allow that (any more).',
  player_unverified: 'That player is a guest, or not verified.',
  account_banned: 'That account is banned.',
  last_root: 'That is the last root: there would be nobody to give the role back.',
  wallet_invalid: 'That is no wallet’s address.',
  amount_invalid: 'That amount cannot be moved.',
  out_of_bounds: 'That is outside the bounds of the setting.',
  funds_short: 'The account has too little for that.',
};

export function sentenceOf(fault: Fault): string {
  const words = SENTENCES[fault.code] ?? `Refused: ${fault.code.replaceAll('_', ' ')}.`;
  const where = fault.errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return where === '' ? words : `${words} ${where}`;
}

/** `needs_review` → `needs review`. */
export const spoken = (word: string): string => word.replaceAll(/[_.]/g, ' ');

export const faultOf = (error: unknown): Fault => {
  if (error instanceof Fault) return error;
  throw error;
};
