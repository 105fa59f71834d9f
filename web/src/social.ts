// Accounts elsewhere: the way there, and what has to be known when somebody comes back. It is kept in this tab alone.
import { ask } from './api.ts';
import { type Opened, playerId } from './session.ts';

export type SocialProvider = 'google' | 'web3auth' | 'discord';

export const SOCIAL_NAMES: Record<SocialProvider, string> = { google: 'Google', web3auth: 'Web3Auth', discord: 'Discord' };

interface Kept {
  provider: SocialProvider;
  state: string;
  /** What the address that comes back must have as its state. */
  sent: string;
  playerId: string | null;
}

const KEY = 'playhouse.social';

/** Leaves the page. Who is signed in links the account, who is not signs in by it. */
export async function goTo(provider: SocialProvider): Promise<void> {
  const here = playerId.value;
  const { url, ...shown } = await ask<{ url: string; state: string; sent: string }>('/api/auth/social/start', {
    body: { provider },
    open: here === null,
  });
  const kept: Kept = { provider, ...shown, playerId: here };
  sessionStorage.setItem(KEY, JSON.stringify(kept));
  location.assign(url);
}

/** Once: whoever comes back a second time begins again. */
export function keptStart(): Kept | null {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  return text === null ? null : (JSON.parse(text) as Kept);
}

export type CameBack = Opened | { linked: { provider: SocialProvider; name: string } };

/** Linked to the player who began it, or signed in. */
export const comeBack = (body: {
  provider: SocialProvider;
  state: string;
  code?: string;
  idToken?: string;
  open: boolean;
}): Promise<CameBack> => {
  const { open, ...proof } = body;
  return ask<CameBack>('/api/auth/social', { body: proof, open });
};
