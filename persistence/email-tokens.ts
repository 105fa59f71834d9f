// What stands in a mailed link: 32 random bytes, kept as a hash, good once, until they are too old or newer ones were made. Who
// has them reads that address's mail, and so may verify it or set a new password.
import { createHash, randomBytes } from 'node:crypto';
import { refuseUnless } from '../rules/refusal.ts';
import { openLockout } from './lockout.ts';
import type { Grants } from './newcomers.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions } from './sessions.ts';
import { verifiedIn } from './verified.ts';

export type TokenPurpose = 'verify' | 'reset';

export interface EmailTokenDeps {
  now(): Date;
  passwords: Passwords;
  sessions: Sessions;
}

export type EmailTokens = ReturnType<typeof openEmailTokens>;

const HOUR_MS = 3_600_000;
const LASTS_MS: Record<TokenPurpose, number> = { verify: 72 * HOUR_MS, reset: HOUR_MS };

export function openEmailTokens(db: Database, ledger: Pick<Grants, 'grantIn'>, { now, passwords, sessions }: EmailTokenDeps) {
  const lockout = openLockout(db, { now });

  const takeIn = async (em: EntityManager, token: string, purpose: TokenPurpose): Promise<Taken> => {
    const [taken] = await rowsIn<Taken & { live: boolean }>(em, TAKE, [
      hashOf(token),
      purpose,
      hashOf(token),
      now().toISOString(),
    ]);
    refuseUnless(taken?.live, 'link_invalid');
    return taken;
  };

  return {
    /** A new token in place of an older one; null: there is nobody it could be for. */
    issue: ({
      purpose,
      email,
    }: {
      purpose: TokenPurpose;
      email: string;
    }): Promise<{ token: string; displayName: string } | null> =>
      db.transaction(async (em) => {
        const [player] = await rowsIn<{ id: string; displayName: string }>(em, FOR[purpose], [email]);
        if (!player) return null;
        const token = randomBytes(32).toString('base64url');
        const expiresAt = new Date(now().getTime() + LASTS_MS[purpose]).toISOString();
        await rowsIn(em, ISSUE, [player.id, purpose, hashOf(token), email, expiresAt]);
        return { token, displayName: player.displayName };
      }),

    /** The address is verified, and what waited for it is paid. Refuses `link_invalid`. */
    verify: (token: string): Promise<{ playerId: string; email: string }> =>
      db.transaction(async (em) => {
        const { player, email } = await takeIn(em, token, 'verify');
        await verifiedIn(em, ledger, { playerId: player, at: now() });
        return { playerId: player, email };
      }),

    /**
     * Sets a password, ends every session and says which; the address is verified by it. Whoever linked a wallet or another
     * way in while nobody had verified the address may have been a stranger, so those go. Refuses `link_invalid`, `password_weak`,
     * `password_too_long`.
     */
    async reset(token: string, password: string): Promise<{ playerId: string; ended: string[] }> {
      const known = await db.rows('select 1 from email_token where hash = $1 and purpose = $2', [hashOf(token), 'reset']);
      refuseUnless(known.length === 1, 'link_invalid');
      const passwordHash = await passwords.hash(password);
      const done = await db.transaction(async (em) => {
        const { player: playerId, email, verified } = await takeIn(em, token, 'reset');
        const at = now();
        await rowsIn(em, SET_PASSWORD, [playerId, passwordHash, at.toISOString()]);
        if (!verified)
          for (const way of ['wallet', 'identity']) await rowsIn(em, `delete from ${way} where player = ?`, [playerId]);
        const ended = await sessions.endAllIn(em, playerId, null);
        await verifiedIn(em, ledger, { playerId, at });
        return { playerId, email, ended };
      });
      sessions.forget(done.ended);
      await lockout.clear(done.email);
      return { playerId: done.playerId, ended: done.ended };
    },

    /** For a schedule. */
    async sweep(): Promise<void> {
      await db.rows('delete from email_token where expires_at < $1', [now()]);
    },
  };
}

interface Taken {
  player: string;
  email: string;
  /** Before this. */
  verified: boolean;
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The root admin's password is a setting: no mail changes it. */
const FOR: Record<TokenPurpose, string> = {
  verify: `select id, display_name as "displayName" from player where email = ? and verified_at is null for key share`,
  reset: `select id, display_name as "displayName" from player where email = ? and not ('root' = any(roles)) for key share`,
};

const ISSUE = `
  insert into email_token (player, purpose, hash, email, expires_at) values (?, ?, ?, ?, ?)
  on conflict (player, purpose) do update set hash = excluded.hash, email = excluded.email, expires_at = excluded.expires_at`;

/** Locks the player first. The address must be the one the token was sent to. */
const TAKE = `
  with owner as (
    select p.id, p.email, p.verified_at from player p join email_token t on t.player = p.id and t.email = p.email
     where t.hash = ? and p.deleted_at is null for update of p
  )
  delete from email_token t using owner o where t.player = o.id and t.purpose = ? and t.hash = ?
  returning t.player, t.email, o.verified_at is not null as verified, t.expires_at > ?::timestamptz as live`;

const SET_PASSWORD = `
  insert into player_login (player_id, password_hash, changed_at) values (?, ?, ?)
  on conflict (player_id) do update set password_hash = excluded.password_hash, changed_at = excluded.changed_at`;
