/**
 * Ways to sign in other than a password: what a newcomer is given, what a wallet signs, and when a way may be given up. An
 * address or a name that somebody else vouches for is never a proof here: only a signature, an id token or a code is.
 */
import { GUEST_COINS, START_COINS } from './levels.ts';

export const CHAINS = ['advc', 'evm', 'starknet'] as const;
export type Chain = (typeof CHAINS)[number];

export const SOCIAL_PROVIDERS = ['google', 'web3auth', 'discord'] as const;
export type SocialProvider = (typeof SOCIAL_PROVIDERS)[number];

/** What a signature is asked for: it serves nothing else. */
export type Purpose = 'sign_in' | 'link';

/** How a wallet was shown to be a player's: by a signature, or by a payment from it. */
export type WalletProof = 'signature' | 'donation';

/** How long a challenge may be answered. */
export const CHALLENGE_MS = 600_000;
/** Wallets that one player may have. */
export const WALLETS_MAX = 20;

/** Coins for whoever registers. Where mail is sent, an address that nobody has verified brings no more than a guest has. */
export function startCoins({ mailed }: { mailed: boolean }): { now: bigint; onVerifying: bigint } {
  return mailed ? { now: GUEST_COINS, onVerifying: START_COINS - GUEST_COINS } : { now: START_COINS, onVerifying: 0n };
}

/** What a player could sign in with, were the way in question gone. */
export interface WaysLeft {
  password: boolean;
  identities: number;
  wallets: number;
}

/** The last way in stays: without it, nobody could ever come back. */
export const mayGiveUp = ({ password, identities, wallets }: WaysLeft): boolean => password || identities + wallets > 0;

export interface ChallengeWords {
  chain: Chain;
  /** As `canonical` writes it. */
  address: string;
  purpose: Purpose;
  /** Whose the wallet will be; null for who signs in. */
  playerId: string | null;
  /** Where people reach the house: https://play.example.com */
  site: string;
  /** A letter first: SNIP-12 would read digits as a number. */
  nonce: string;
  issuedAt: Date;
  expiresAt: Date;
  /** SN_MAIN, or a network for tests. */
  starknetChain: string;
}

/** The text a wallet signs, word for word; for `starknet` the JSON of typed data. */
export function challengeText(words: ChallengeWords): string {
  if (words.chain === 'evm') return siweText({ ...words, statement: statementOf(words), chainId: 1 });
  if (words.chain === 'starknet') return JSON.stringify(starknetChallenge(words));
  const { site, address, nonce, expiresAt } = words;
  return `${hostOf(site)}: ${statementOf(words)} Wallet ${address}. Nonce ${nonce}. Valid until ${expiresAt.toISOString()}.`;
}

const statementOf = ({ purpose, playerId }: ChallengeWords): string =>
  purpose === 'link' ? `Link this wallet to player ${playerId}.` : 'Sign in.';

export interface SiweWords {
  site: string;
  address: string;
  statement: string;
  chainId: number;
  nonce: string;
  issuedAt: Date;
  expiresAt: Date;
  /** The page that asks; the site itself unless it is another. */
  uri?: string;
}

/** EIP-4361. */
export const siweText = ({ site, address, statement, chainId, nonce, issuedAt, expiresAt, uri = site }: SiweWords): string =>
  [
    `${hostOf(site)} wants you to sign in with your Ethereum account:`,
    address,
    '',
    statement,
    '',
    `URI: ${uri}`,
    'Version: 1',
    `Chain ID: ${chainId}`,
    `Nonce: ${nonce}`,
    `Issued At: ${issuedAt.toISOString()}`,
    `Expiration Time: ${expiresAt.toISOString()}`,
  ].join('\n');

const hostOf = (site: string): string => site.replace(/^https?:\/\//, '');

export type TypedField = { name: string; type: 'shortstring' | 'string' | 'timestamp' | 'felt' };

/** SNIP-12, revision 1, of one flat struct. */
export interface TypedChallenge {
  types: { StarknetDomain: readonly TypedField[]; Challenge: readonly TypedField[] };
  primaryType: 'Challenge';
  domain: { name: string; version: string; chainId: string; revision: string };
  message: Record<string, string | number>;
}

export const STARKNET_DOMAIN: readonly TypedField[] = [
  { name: 'name', type: 'shortstring' },
  { name: 'version', type: 'shortstring' },
  { name: 'chainId', type: 'shortstring' },
  { name: 'revision', type: 'shortstring' },
];

const CHALLENGE: readonly TypedField[] = [
  { name: 'site', type: 'string' },
  { name: 'statement', type: 'string' },
  { name: 'nonce', type: 'shortstring' },
  { name: 'issuedAt', type: 'timestamp' },
  { name: 'expiresAt', type: 'timestamp' },
];

function starknetChallenge(words: ChallengeWords): TypedChallenge {
  return {
    types: { StarknetDomain: STARKNET_DOMAIN, Challenge: CHALLENGE },
    primaryType: 'Challenge',
    domain: { name: 'Playhouse', version: '1', chainId: words.starknetChain, revision: '1' },
    message: {
      site: hostOf(words.site),
      statement: statementOf(words),
      nonce: words.nonce,
      issuedAt: seconds(words.issuedAt),
      expiresAt: seconds(words.expiresAt),
    },
  };
}

const seconds = (at: Date): number => Math.floor(at.getTime() / 1_000);
