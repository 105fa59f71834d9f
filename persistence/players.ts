// Players: who they are and what they sign in with. What they own is the ledger's; that they are signed in, the sessions'.
import { LockMode } from '@mikro-orm/core';
import { refuseUnless } from '../rules/refusal.ts';
import { Player, PlayerLogin } from './account.ts';
import { openLockout } from './lockout.ts';
import type { Mails } from './mails.ts';
import { type Grants, openNewcomers } from './newcomers.ts';
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
import type { Sessions, Tokens } from './sessions.ts';

export interface PlayerDeps {
  now: () => Date;
  passwords: Passwords;
  sessions: Sessions;
  /** Registering this address is refused: its account is made at start. */
  rootAdminEmail: string | null;
  /** Null: no address is asked to verify itself. */
  mails?: Pick<Mails, 'askIn'> | null;
  /** Whether mail leaves the house: then most start coins wait for the verified address. */
  mailed?: boolean;
}

export interface SignedIn extends Tokens {
  player: PlayerSummary;
}

export interface Credentials {
  email: string;
  password: string;
}

export type Players = ReturnType<typeof openPlayers>;

export function openPlayers(db: Database, ledger: Grants, deps: PlayerDeps) {
  const { now, passwords, sessions, rootAdminEmail, mails = null, mailed = false } = deps;
  const lockout = openLockout(db, { now });

  const signIn = async (em: EntityManager, player: Player, device: string): Promise<SignedIn> => ({
    player: summaryOf(player),
    ...(await sessions.openIn(em, { playerId: player.id, device })),
  });

  const { join, welcome } = openNewcomers(ledger, { now, mails, mailed });

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
      const player = await lockedPlayer(em, playerId);
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
        const player = await lockedPlayer(em, playerId);
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
        await lockedPlayer(em, playerId);
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
        const player = await lockedPlayer(em, playerId);
        player.displayName = displayName ?? player.displayName;
        player.timeZone = timeZone ?? player.timeZone;
      });
      sessions.forgetPlayer(playerId);
      return this.profile(playerId);
    },

    /** Takes name, address, password, wallets and other ways in, sessions and what was said of birth and country away; what the ledger says stays, under the id alone. Refuses `forbidden` for the root admin. */
    async erase(playerId: string): Promise<void> {
      const ended = await db.transaction(async (em) => {
        const player = await lockedPlayer(em, playerId);
        refuseUnless(!player.roles.includes('root'), 'forbidden');
        Object.assign(player, { email: null, displayName: GONE_NAME, roles: [], timeZone: 'UTC', deletedAt: now() });
        await em.nativeDelete(PlayerLogin, { playerId });
        await em.flush();
        for (const table of [
          'player_standing',
          'wallet',
          'identity',
          'wallet_challenge',
          'sign_in_state',
          'email_token',
          'day_taken',
          'notification',
        ])
          await em.execute(`delete from ${table} where player = ?`, [playerId]);
        const open = await sessions.endAllIn(em, playerId, null);
        await em.execute(`update session set device = '' where player_id = ?`, [playerId]);
        return open;
      });
      sessions.forget(ended);
    },

    /** Ends the player's sessions; whoever holds their sockets must dismiss them. Refuses `not_found`, and `forbidden` for the root admin. */
    async ban(playerId: string): Promise<void> {
      const ended = await db.transaction(async (em) => {
        const player = await lockedPlayer(em, playerId);
        refuseUnless(!player.roles.includes('root'), 'forbidden');
        player.bannedAt ??= now();
        return sessions.endAllIn(em, playerId, null);
      });
      sessions.forget(ended);
    },

    async unban(playerId: string): Promise<void> {
      await db.transaction(async (em) => {
        const player = await lockedPlayer(em, playerId);
        player.bannedAt = null;
      });
    },

    /** Refuses `not_found`, and `email_unverified` where mail is sent: whoever registered with an address need not have it. */
    async grantAdmin(email: string): Promise<PlayerSummary> {
      const summary = await db.transaction(async (em) => {
        const player = await em.findOne(Player, { email: email.toLowerCase() }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        refuseUnless(player, 'not_found');
        refuseUnless(!mailed || player.verifiedAt !== null, 'email_unverified');
        player.roles = [...new Set([...player.roles, 'admin'])];
        return summaryOf(player);
      });
      sessions.forgetPlayer(summary.id);
      return summary;
    },

    /** Forgets wrong passwords of over a day ago; for a schedule. */
    sweep: () => lockout.sweep(),

    /** The root admin of the settings, made or brought in line with them: a changed password there ends the sessions opened with the old one. */
    async ensureRootAdmin({ email, password }: Credentials): Promise<void> {
      const address = email.toLowerCase();
      const [login] = await db.rows<{ id: string; hash: string }>(LOGIN, [address]);
      const unchanged = login !== undefined && (await passwords.matches(password, login.hash));
      const hash = unchanged ? login.hash : await passwords.hash(password);
      const ended = await db
        .transaction(async (em) => {
          const known = await em.findOne(Player, { email: address }, { lockMode: LockMode.PESSIMISTIC_WRITE });
          const player = known ?? (await join(em, { email: address, displayName: 'root', hash }));
          player.roles = ROOT_ROLES;
          player.verifiedAt ??= now();
          await em.flush();
          if (unchanged || !known) return [];
          await em.upsert(PlayerLogin, { playerId: player.id, passwordHash: hash, changedAt: now() });
          return sessions.endAllIn(em, player.id, null);
        })
        .catch((error: unknown) => (isTaken(error) ? null : Promise.reject(error)));
      // Another process that starts at the same moment has made it first: that one is brought in line.
      if (ended === null) return this.ensureRootAdmin({ email, password });
      sessions.forget(ended);
    },
  };
}

const GONE_NAME = 'Deleted player';
const ROOT_ROLES = ['player', 'admin', 'root'];

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

async function lockedPlayer(em: EntityManager, playerId: string): Promise<Player> {
  const player = await em.findOne(Player, { id: playerId, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  refuseUnless(player, 'not_found');
  return player;
}

function refuseTaken(error: unknown): never {
  refuseUnless(!isTaken(error), 'email_taken');
  throw error;
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505' && error.message.includes('player_email');
