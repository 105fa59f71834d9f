// A wallet is shown to be somebody's: the house says what to sign, and takes the signature once. Who is signed in links it, who
// is not signs in by it.
import { ask } from './api.ts';
import { type Opened, playerId } from './session.ts';
import type { Chain } from './ways.ts';

export interface Challenge {
  challengeId: string;
  /** In its one form. */
  address: string;
  message: string;
  expiresAt: string;
  /** Starknet's; null for the other chains. */
  typedData?: Record<string, unknown> | null;
}

export interface Signature {
  signature: string | string[];
  publicKey?: string | null;
}

export type Proved = Opened | { linked: { chain: Chain; address: string } };

export const challengeFor = (chain: Chain, address: string): Promise<Challenge> =>
  ask<Challenge>('/api/auth/wallet/challenge', { body: { chain, address }, open: playerId.value === null });

export const answerTo = ({ challengeId }: Challenge, signed: Signature): Promise<Proved> =>
  ask<Proved>('/api/auth/wallet/verify', { body: { challengeId, ...signed }, open: playerId.value === null });
