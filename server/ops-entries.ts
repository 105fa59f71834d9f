// Who is at the operators' desk: a cookie's digest stands for the session that its login opened, which is asked anew each time.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Request } from 'express';
import { Refusal } from '../rules/refusal.ts';
import { isStaff } from '../rules/roles.ts';
import type { House, Visitor } from './house.ts';

export interface Inside {
  visitor: Visitor;
  csrf: string;
}

export interface Entries {
  /** The `Set-Cookie` line of a new entry. */
  open(sessionId: string): string;
  /** Null: nobody, or one whose session is over, who is banned, or who is no operator any more. */
  of(request: Request): Promise<Inside | null>;
  /** The line that takes the cookie away. */
  close(request: Request): string;
}

const COOKIE = 'ops';
const HOURS_8_MS = 8 * 3_600_000;

export function openEntries({ store, now, settings }: Pick<House, 'store' | 'now' | 'settings'>): Entries {
  const entries = new Map<string, { sessionId: string; csrf: string; expiresMs: number }>();
  const line = (value: string, maxAge: number): string =>
    stringifySetCookie({
      name: COOKIE,
      value,
      httpOnly: true,
      secure: settings.production,
      sameSite: 'strict',
      path: '/ops',
      maxAge,
    });

  return {
    open(sessionId) {
      const nowMs = now().getTime();
      for (const [key, { expiresMs }] of entries) if (expiresMs <= nowMs) entries.delete(key);
      const cookie = randomBytes(32).toString('base64url');
      entries.set(digest(cookie), { sessionId, csrf: randomBytes(16).toString('hex'), expiresMs: nowMs + HOURS_8_MS });
      return line(cookie, HOURS_8_MS / 1_000);
    },
    async of(request) {
      const entry = entries.get(keyOf(request));
      if (entry === undefined || entry.expiresMs <= now().getTime()) return null;
      const visitor = await store.sessions.visitorOf(entry.sessionId).catch(refusedAsNull);
      return visitor !== null && isOperator(visitor) ? { visitor, csrf: entry.csrf } : null;
    },
    close(request) {
      entries.delete(keyOf(request));
      return line('', 0);
    },
  };
}

export const isOperator = ({ roles }: Visitor): boolean => isStaff(roles);

/** Whether two secrets are one, in a time that tells nothing. */
export const same = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(digest(a)), Buffer.from(digest(b)));

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Without a cookie: that of none. */
const keyOf = (request: Request): string => digest(parseCookie(request.headers.cookie ?? '')[COOKIE] ?? '');

const refusedAsNull = (error: unknown): null => {
  if (error instanceof Refusal) return null;
  throw error;
};
