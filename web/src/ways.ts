// The ways to sign in that are open here.
import { ask } from './api.ts';
import type { SocialProvider } from './social.ts';

export type Chain = 'advc' | 'evm' | 'starknet';

export const CHAIN_NAMES: Record<Chain, string> = { advc: 'AdventureCoin', evm: 'Ethereum', starknet: 'Starknet' };

export interface Ways {
  /** `shown`: at /dev/mail, in development. */
  mail: 'off' | 'shown' | 'sent';
  social: { provider: SocialProvider; start: boolean }[];
  wallets: Chain[];
}

export const readWays = (): Promise<Ways> => ask<Ways>('/api/auth/ways', { open: true });

/** Those with a page of their own to go to. */
export const socialOf = ({ social }: Ways): SocialProvider[] =>
  social.flatMap(({ provider, start }) => (start ? [provider] : []));
