// Wrong passwords, counted per email whether or not anyone has it, so that a lock tells nothing about who is registered.
import { createHash } from 'node:crypto';
import { refuseUnless } from '../rules/refusal.ts';
import type { Database } from './orm.ts';

const FREE_TRIES = 5;
const LOCK_MINUTES_MAX = 60;

export type Lockout = ReturnType<typeof openLockout>;

export function openLockout(db: Database, { now }: { now: () => Date }) {
  return {
    /**
     * Counts a try before its password is looked at, so that a hundred at once get no more than five. The fifth locks for a
     * minute, each one after it for twice as long, to an hour. Refuses `account_locked`.
     */
    async begin(email: string): Promise<void> {
      const rows = await db.rows(BEGIN, [hashOf(email), now()]);
      refuseUnless(rows.length === 1, 'account_locked');
    },

    async clear(email: string): Promise<void> {
      await db.rows('delete from sign_in_try where who = $1', [hashOf(email)]);
    },

    /** Forgets what was tried over a day ago; for a schedule. */
    async sweep(): Promise<void> {
      await db.rows(`delete from sign_in_try where tried_at < $1::timestamptz - interval '1 day'`, [now()]);
    },
  };
}

const hashOf = (email: string): Buffer => createHash('sha256').update(email).digest();

const BEGIN = `
  insert into sign_in_try as t (who, tries, tried_at) values ($1, 1, $2::timestamptz)
  on conflict (who) do update
     set tries = case when t.tried_at < $2::timestamptz - interval '1 day' then 1 else t.tries + 1 end, tried_at = $2::timestamptz
   where t.tries < ${FREE_TRIES}
      or t.tried_at + interval '1 minute' * least(${LOCK_MINUTES_MAX}, 2 ^ least(t.tries - ${FREE_TRIES}, 20)) <= $2::timestamptz
  returning tries`;
