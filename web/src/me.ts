import { signal } from '@preact/signals';
import { xpWithinLevel } from '../../rules/levels.ts';
import { ask } from './api.ts';
import { loadBalances } from './money.ts';
import { close, open, type Opened } from './session.ts';
import { codeOf } from './words.ts';

export interface Profile {
  id: string;
  displayName: string;
  email: string | null;
  level: number;
  xp: string | number;
  guest?: boolean;
  /** From here on: absent until the profile itself is read. */
  statPoints?: number;
  attack?: number;
  defence?: number;
  health?: number;
  /** As it stood at `since`; a tenth of `max` is added each 10 s. */
  stamina?: { points: number; max: number; since: string };
  timeZone?: string;
  createdAt?: string;
  /** When the address was confirmed. */
  verifiedAt?: string | null;
}

export const me = signal<Profile | null>(null);

/** Who came by a wallet or by an account elsewhere has no address, and is no guest. */
export const isGuest = (): boolean => me.value !== null && (me.value.guest ?? me.value.email === null);

/** Profile and balances, each shown as it comes. */
export async function loadMe(): Promise<void> {
  const [profile] = await Promise.all([ask<Profile>('/api/player/me'), loadBalances()]);
  me.value = profile;
}

/** After something that may have changed them; what cannot be read now is read the next time. */
export function refreshMe(): void {
  loadMe().catch((error: unknown) => void codeOf(error));
}

export async function playAsGuest(): Promise<void> {
  welcome(await ask<Opened>('/api/auth/guest', { body: {}, open: true }), 'guest');
}

export async function register(form: { email: string; password: string; displayName: string }): Promise<void> {
  welcome(await ask<Opened>('/api/auth/register', { body: form, open: true }));
}

export async function logIn(form: { email: string; password: string }): Promise<void> {
  welcome(await ask<Opened>('/api/auth/login', { body: form, open: true }));
}

export async function upgrade(form: { email: string; password: string; displayName: string }): Promise<void> {
  await ask('/api/auth/upgrade', { body: form });
  await loadMe();
}

/** The device forgets at once; the house is told if it can be reached. */
export async function logOut(): Promise<void> {
  try {
    await ask('/api/auth/logout', { body: {} });
  } catch (error) {
    codeOf(error);
  } finally {
    me.value = null;
    close();
  }
}

/** `by`: how they came in. */
export function welcome(opened: Opened, by: 'guest' | 'account' = 'account'): void {
  open(opened);
  me.value = { ...opened.player, guest: by === 'guest' };
}

/** How far into the level, 0 … 1, and what is still to gain; at the last level there is nothing more. */
export function levelProgress(xp: string | number): { part: number; gained: bigint; needed: bigint | null } {
  const { gained, needed } = xpWithinLevel(BigInt(xp));
  return { part: needed === null ? 1 : Number(gained) / Number(needed), gained, needed };
}
