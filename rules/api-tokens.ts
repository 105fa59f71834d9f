import { refuseUnless } from './refusal.ts';

/** What a player's program may do with an API token, and what the player reads when asking for it. */
export const SCOPES = {
  'read:profile': 'Your profile and other players’ public ones',
  'read:wallet': 'Your balances and transactions',
  'read:boards': 'Leaderboards and your ranks',
  'read:games': 'Your bets, statistics and the proofs of rounds',
  'read:seasons': 'Seasons, your standing and what you handed in',
  'read:mining': 'Your mining wallets and events',
  'play:spin': 'Stake on spin and win',
  'submit:season': 'Hand in to the season',
} as const;
export type Scope = keyof typeof SCOPES;
export const SCOPE_WORDS = Object.keys(SCOPES) as Scope[];

/** `granted` waits to be collected, `active` is in use; the others are over. `expired` follows from the time. */
export const TOKEN_STATES = ['asked', 'granted', 'active', 'declined', 'revoked', 'expired'] as const;
export type TokenState = (typeof TOKEN_STATES)[number];

export const TOKEN_DAYS = 30;
/** Of one player at once: asked for, waiting or in use. */
export const TOKENS_MAX = 5;

/** What an admin grants lies within what was asked for. */
export function checkGranted(asked: readonly Scope[], granted: readonly Scope[]): void {
  refuseUnless(granted.length > 0 && granted.every((scope) => asked.includes(scope)), 'malformed');
}
