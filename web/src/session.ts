// Who is playing here: two tokens in the browser's storage. Only the house's own word drops them; a lost connection never does.
import { signal } from '@preact/signals';
import { learnTime } from './clock.ts';
import { Refused } from './words.ts';

export interface Player {
  id: string;
  displayName: string;
  email: string | null;
  roles: string[];
  level: number;
  xp: string | number;
}

export interface Opened {
  player: Player;
  accessToken: string;
  refreshToken: string;
  /** Seconds. */
  expiresIn: number;
}

interface Session {
  playerId: string;
  accessToken: string;
  refreshToken: string;
  /** Epoch ms of this device. */
  expiresAt: number;
}

const KEY = 'playhouse.session';
const LOCK = 'playhouse.refresh';
/** Renewed this long before it runs out, so that no request sets out with a token about to. */
const EARLY_MS = 60_000;

export const HOUSE: string = import.meta.env.VITE_HOUSE ?? new URL('.', location.href).origin;

/** `?second` gives this tab a player of its own, so that one person can try a table from two tabs. */
const store: Storage = tabHasOwn() ? sessionStorage : localStorage;
let mine: Session | null = stored();

export const playerId = signal<string | null>(mine?.playerId ?? null);

addEventListener('storage', ({ key, storageArea }) => {
  if (key === KEY && storageArea === store) take(stored());
});

export function open({ player, ...tokens }: Opened): void {
  keep(sessionOf(player.id, tokens));
}

export function close(): void {
  store.removeItem(KEY);
  take(null);
}

/** A token good for the next minute. Throws Refused: `offline` keeps the session, any other ends it. */
export async function accessToken({ renew = false }: { renew?: boolean } = {}): Promise<string> {
  if (mine === null) throw new Refused('unauthenticated');
  if (!renew && fresh(mine)) return mine.accessToken;
  const stale = mine.accessToken;
  return await oneAtATime(() => renewed(stale));
}

async function renewed(stale: string): Promise<string> {
  // Another tab may have done it while this one waited.
  const now = stored();
  if (now === null) {
    take(null);
    throw new Refused('unauthenticated');
  }
  if (now.accessToken !== stale && fresh(now)) {
    take(now);
    return now.accessToken;
  }
  const reply = await asked(now.refreshToken);
  if (reply.ok) {
    const session = sessionOf(now.playerId, (await reply.json()) as Omit<Opened, 'player'>);
    keep(session);
    return session.accessToken;
  }
  if (reply.status === 429 || reply.status >= 500) throw new Refused(reply.status === 429 ? 'rate_limited' : 'unavailable');
  close();
  throw new Refused('token_expired');
}

async function asked(refreshToken: string): Promise<Response> {
  const sentAt = Date.now();
  try {
    const reply = await fetch(`${HOUSE}/api/auth/refresh`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ refreshToken }),
    });
    learnTime(reply.headers.get('Date'), { sentAt, receivedAt: Date.now() });
    return reply;
  } catch {
    throw new Refused('offline');
  }
}

/** Across tabs where the browser can; a page on plain http has no locks, and tabs then rely on reading the storage again. */
let turn: Promise<unknown> = Promise.resolve();
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  if ('locks' in navigator && store === localStorage) return navigator.locks.request(LOCK, work) as Promise<T>;
  const next = turn.then(work, work);
  turn = next.catch(() => null);
  return next;
}

const sessionOf = (id: string, { accessToken: access, refreshToken, expiresIn }: Omit<Opened, 'player'>): Session => ({
  playerId: id,
  accessToken: access,
  refreshToken,
  expiresAt: Date.now() + expiresIn * 1_000,
});

const fresh = ({ expiresAt }: Session): boolean => Date.now() < expiresAt - EARLY_MS;

function keep(session: Session): void {
  store.setItem(KEY, JSON.stringify(session));
  take(session);
}

function take(session: Session | null): void {
  mine = session;
  playerId.value = session?.playerId ?? null;
}

function stored(): Session | null {
  const text = store.getItem(KEY);
  return text === null ? null : (JSON.parse(text) as Session);
}

function tabHasOwn(): boolean {
  if (new URLSearchParams(location.search).has('second')) sessionStorage.setItem('playhouse.second', '1');
  return sessionStorage.getItem('playhouse.second') !== null;
}
