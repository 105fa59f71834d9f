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
