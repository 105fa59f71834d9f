// Players: who they are and what they sign in with. What they own is the ledger's; that they are signed in, the sessions'.
import { LockMode } from '@mikro-orm/core';
import { refuseUnless } from '../rules/refusal.ts';
import { Player, PlayerLogin } from './account.ts';
import { openLockout } from './lockout.ts';
import type { Mails } from './mails.ts';
import type { Newcomers } from './newcomers.ts';
import type { Database, EntityManager } from './orm.ts';
import type { Passwords } from './passwords.ts';
import {
  type PlayerSummary,
  type Profile,
  PROFILE,
  type ProfileRow,
  profileFrom,
  PUBLIC,
  type PublicProfile,
  summaryOf,
} from './profile.ts';
import { isTaken, lockedIn } from './roles.ts';
import type { Sessions, Tokens } from './sessions.ts';

export interface PlayerDeps {
  now: () => Date;
  passwords: Passwords;
  sessions: Sessions;
  /** Registering this address is refused: its account is made at start. */
  rootAdminEmail: string | null;
  /** Null: no address is asked to verify itself. */
  mails?: Pick<Mails, 'askIn'> | null;
  newcomers: Newcomers;
}

export interface SignedIn extends Tokens {
  player: PlayerSummary;
}

export interface Credentials {
  email: string;
  password: string;
}

export type Players = ReturnType<typeof openPlayers>;

export function openPlayers(db: Database, deps: PlayerDeps) {
  const { now, passwords, sessions, rootAdminEmail, mails = null } = deps;
  const { join, welcome } = deps.newcomers;
  const lockout = openLockout(db, { now });

  const signIn = async (em: EntityManager, player: Player, device: string): Promise<SignedIn> => ({
    player: summaryOf(player),
    ...(await sessions.openIn(em, { playerId: player.id, device })),
  });

  return {
    /** A registered player without an address, inside a wider change that gives them another way in. */
    joinIn: async (em: EntityManager, displayName: string): Promise<string> =>
      (await join(em, { email: null, displayName, hash: null })).id,

    /** Opens a session inside a wider change that has proved who it is. Refuses `not_found`, `account_banned`. */
    async signInIn(em: EntityManager, { playerId, device }: { playerId: string; device: string }): Promise<SignedIn> {
      const player = await em.findOne(Player, { id: playerId, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_READ });
      refuseUnless(player, 'not_found');
      refuseUnless(player.bannedAt === null, 'account_banned');
      return signIn(em, player, device);
    },

    /** A guest who has proved another way in is registered by it; `sessions.forgetPlayer` after the commit. */
    async welcomeIn(em: EntityManager, playerId: string): Promise<void> {
      const player = await lockedIn(em, playerId);
      if (player.guest) await welcome(em, player);
    },

    /** Refuses `email_taken`, `email_reserved`, `password_weak`, `password_too_long`. */
    async register({ email, password, displayName, device }: Registration): Promise<SignedIn> {
      const address = addressOf(email, rootAdminEmail);
      const hash = await passwords.hash(password);
      return db
        .transaction(async (em) => signIn(em, await join(em, { email: address, displayName, hash }), device))
        .catch(refuseTaken);
    },

    /** A player without an address, who may `upgrade` later. */
    guest: ({ displayName, device }: { displayName: string; device: string }): Promise<SignedIn> =>
      db.transaction(async (em) => signIn(em, await join(em, { email: null, displayName, hash: null, guest: true }), device)),

    /** Refuses `credentials_wrong` (unknown address and wrong password alike), `account_locked`, `account_banned`. */
    async login({ email, password, device }: Credentials & { device: string }): Promise<SignedIn> {
      const address = email.toLowerCase();
      await lockout.begin(address);
      const [login] = await db.rows<{ id: string; hash: string }>(LOGIN, [address]);
      refuseUnless(await passwords.matches(password, login?.hash ?? null), 'credentials_wrong');
      await lockout.clear(address);
      return db.transaction(async (em) => {
        const player = await em.findOne(Player, { id: login!.id, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_READ });
        refuseUnless(player, 'credentials_wrong');
        refuseUnless(player.bannedAt === null, 'account_banned');
        return signIn(em, player, device);
      });
    },

    /** Gives a guest, or whoever signs in by another way only, an address and a password; they keep everything. Refuses as `register` does, and `already_registered`. */
    async upgrade({ playerId, email, password, displayName }: Upgrade): Promise<PlayerSummary> {
      const address = addressOf(email, rootAdminEmail);
      const hash = await passwords.hash(password);
      const upgrading = db.transaction(async (em) => {
        const player = await lockedIn(em, playerId);
        refuseUnless(player.email === null, 'already_registered');
        Object.assign(player, { email: address, displayName: displayName ?? player.displayName });
        em.create(PlayerLogin, { playerId, passwordHash: hash, changedAt: now() });
        await mails?.askIn(em, { kind: 'verify', address });
        if (player.guest) await welcome(em, player);
        await em.flush();
        return summaryOf(player);
      });
      const summary = await upgrading.catch(refuseTaken);
      sessions.forgetPlayer(playerId);
      return summary;
    },

    /** Ends the player's other sessions and says which. Refuses `credentials_wrong`, `account_locked` and what `register` does. */
    async changePassword({ playerId, sessionId, current, next }: PasswordChange): Promise<{ ended: string[] }> {
      const [login] = await db.rows<{ email: string; hash: string }>(LOGIN_OF, [playerId]);
      refuseUnless(login, 'credentials_wrong');
      await lockout.begin(login.email);
      refuseUnless(await passwords.matches(current, login.hash), 'credentials_wrong');
      await lockout.clear(login.email);
      const hash = await passwords.hash(next);
      const ended = await db.transaction(async (em) => {
        await lockedIn(em, playerId);
        const changed = await em.nativeUpdate(
          PlayerLogin,
          { playerId, passwordHash: login.hash },
          { passwordHash: hash, changedAt: now() },
        );
        refuseUnless(changed === 1, 'credentials_wrong');
        await em.execute("delete from email_token where player = ? and purpose = 'reset'", [playerId]);
        return sessions.endAllIn(em, playerId, sessionId);
      });
      sessions.forget(ended);
      return { ended };
    },

    /** Refuses `not_found`, for a player who has gone too. */
    async profile(playerId: string): Promise<Profile> {
      const [row] = await db.rows<ProfileRow>(PROFILE, [playerId]);
      refuseUnless(row, 'not_found');
      return profileFrom(row, now());
    },

    /** What anyone may know of a player. Refuses `not_found`. */
    async publicProfile(playerId: string): Promise<PublicProfile> {
      const [row] = await db.rows<PublicProfile>(PUBLIC, [playerId]);
      refuseUnless(row, 'not_found');
      return row;
    },

    /** null leaves a field as it is. */
    async edit(
      playerId: string,
      { displayName, timeZone }: { displayName: string | null; timeZone: string | null },
    ): Promise<Profile> {
      await db.transaction(async (em) => {
        const player = await lockedIn(em, playerId);
        player.displayName = displayName ?? player.displayName;
        player.timeZone = timeZone ?? player.timeZone;
      });
      sessions.forgetPlayer(playerId);
      return this.profile(playerId);
    },

    /** Whether it is them at the keyboard: nothing is asked of who has no password. Refuses `credentials_wrong`, `account_locked`. */
    async prove(playerId: string, password: string | null): Promise<void> {
      const [login] = await db.rows<{ email: string; hash: string }>(LOGIN_OF, [playerId]);
      if (!login) return;
      refuseUnless(password !== null, 'credentials_wrong');
      await lockout.begin(login.email);
      refuseUnless(await passwords.matches(password, login.hash), 'credentials_wrong');
      await lockout.clear(login.email);
    },

    /** Forgets wrong passwords of over a day ago; for a schedule. */
    sweep: () => lockout.sweep(),
  };
}

interface Registration extends Credentials {
  displayName: string;
  device: string;
}

interface Upgrade extends Credentials {
  playerId: string;
  /** null: as it is. */
  displayName: string | null;
}

interface PasswordChange {
  playerId: string;
  sessionId: string;
  current: string;
  next: string;
}

const LOGIN = `
  select p.id, l.password_hash as hash from player p join player_login l on l.player_id = p.id where p.email = $1`;

const LOGIN_OF = `
  select p.email, l.password_hash as hash from player p join player_login l on l.player_id = p.id where p.id = $1`;

function addressOf(email: string, reserved: string | null): string {
  const address = email.toLowerCase();
  refuseUnless(address !== reserved, 'email_reserved');
  return address;
}

function refuseTaken(error: unknown): never {
  refuseUnless(!isTaken(error), 'email_taken');
  throw error;
}
