// Who operates the house: roles given and taken, each in the audit log. There is always someone left who gives them.
import { LockMode } from '@mikro-orm/core';
import { refuseUnless } from '../rules/refusal.ts';
import { isStaff, type StaffRole, STAFF_ROLES } from '../rules/roles.ts';
import { Player, PlayerLogin } from './account.ts';
import { auditIn } from './audit-log.ts';
import type { Newcomer } from './newcomers.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import type { Passwords } from './passwords.ts';
import { type PlayerSummary, summaryOf } from './profile.ts';
import type { Sessions } from './sessions.ts';

export interface RoleDeps {
  now(): Date;
  passwords: Passwords;
  sessions: Sessions;
  /** Whether mail leaves the house: then an address is worth no role until it is verified. */
  mailed: boolean;
  join(em: EntityManager, newcomer: Newcomer): Promise<Player>;
}

export interface RoleChange {
  playerId: string;
  role: StaffRole;
  actorId: string | null;
}

export interface StaffMember {
  playerId: string;
  displayName: string;
  email: string | null;
  roles: string[];
  totp: boolean;
}

/** Whoever gives or takes `root` takes turns: of two roots who remove each other at once, one stays. */
const TURN = 7_061_996;

export function openRoles(db: Database, { now, passwords, sessions, mailed, join }: RoleDeps) {
  const change = async (
    { playerId, role, actorId }: RoleChange,
    { action, next }: { action: string; next(roles: readonly string[]): string[] },
    check: (em: EntityManager, player: Player) => Promise<void>,
  ): Promise<string[]> => {
    const roles = await db.transaction(async (em) => {
      await rowsIn(em, 'select pg_advisory_xact_lock(?)', [TURN]);
      if (actorId !== null) await refuseUnlessRoot(em, actorId);
      const player = await lockedIn(em, playerId);
      const before = [...player.roles];
      const after = next(before);
      if (before.length === after.length) return before;
      await check(em, player);
      player.roles = after;
      await em.flush();
      await auditIn(em, {
        actorId,
        action,
        target: `player:${playerId}`,
        before: { roles: before },
        after: { roles: after, role },
      });
      return after;
    });
    sessions.forgetPlayer(playerId);
    return roles;
  };

  return {
    /** Refuses `forbidden` where the actor is no root, `not_found`, `player_unverified` for a guest or one whom nobody has verified, `account_banned`. */
    grantRole: (wanted: RoleChange): Promise<string[]> =>
      change(
        wanted,
        { action: 'role.grant', next: (roles) => [...new Set([...roles, wanted.role])] },
        async (em, { id, guest, bannedAt }) => {
          const [found] = await rowsIn<{ known: boolean }>(em, KNOWN, [id]);
          refuseUnless(!guest && found?.known, 'player_unverified');
          refuseUnless(bannedAt === null, 'account_banned');
        },
      ),

    /** Refuses `forbidden` where the actor is no root, `not_found`, `last_root`. */
    withdrawRole: (wanted: RoleChange): Promise<string[]> =>
      change(
        wanted,
        { action: 'role.withdraw', next: (roles) => roles.filter((role) => role !== wanted.role) },
        async (em, { id }) => {
          if (wanted.role !== 'root') return;
          const [other] = await rowsIn(em, OTHER_ROOT, [id]);
          refuseUnless(other, 'last_root');
        },
      ),

    /** All operators, by name. */
    staff: ({ limit, after }: { limit: number; after: string | null }): Promise<StaffMember[]> =>
      db.rows<StaffMember>(STAFF, [[...STAFF_ROLES], after, limit]),

    /** Refuses `not_found`, and `email_unverified` where mail is sent: whoever registered with an address need not have it. */
    async grantAdmin(email: string): Promise<PlayerSummary> {
      const summary = await db.transaction(async (em) => {
        const player = await em.findOne(Player, { email: email.toLowerCase() }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        refuseUnless(player, 'not_found');
        refuseUnless(!mailed || player.verifiedAt !== null, 'email_unverified');
        await setRolesIn(em, player, { roles: [...new Set([...player.roles, 'admin'])], role: 'admin' });
        return summaryOf(player);
      });
      sessions.forgetPlayer(summary.id);
      return summary;
    },

    /** The root admin of the settings, made or brought in line with them: a changed password there ends the sessions opened with the old one. */
    async ensureRootAdmin({ email, password }: { email: string; password: string }): Promise<void> {
      const address = email.toLowerCase();
      const [login] = await db.rows<{ id: string; hash: string }>(LOGIN, [address]);
      const unchanged = login !== undefined && (await passwords.matches(password, login.hash));
      const hash = unchanged ? login.hash : await passwords.hash(password);
      const ended = await db
        .transaction(async (em) => {
          const known = await em.findOne(Player, { email: address }, { lockMode: LockMode.PESSIMISTIC_WRITE });
          if (known && !unchanged && !known.roles.includes('root')) await strangersWaysIn(em, known.id);
          const player = known ?? (await join(em, { email: address, displayName: 'root', hash }));
          player.verifiedAt ??= now();
          await em.flush();
          await setRolesIn(em, player, { roles: ROOT_ROLES, role: 'root' });
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

/** Whoever had the address before the settings named it need not be root: what they linked to it lets nobody in any more. */
async function strangersWaysIn(em: EntityManager, playerId: string): Promise<void> {
  for (const way of ['identity', 'wallet', 'api_token', 'discord_code'])
    await rowsIn(em, `delete from ${way} where player = ?`, [playerId]);
}

const ROOT_ROLES = ['player', 'admin', 'root'];

/** By the settings or the terminal. Roles that it has already are no act. */
async function setRolesIn(
  em: EntityManager,
  player: Player,
  { roles, role }: { roles: string[]; role: StaffRole },
): Promise<void> {
  const before = [...player.roles];
  if (roles.length === before.length && roles.every((each) => before.includes(each))) return;
  player.roles = roles;
  await em.flush();
  const target = `player:${player.id}`;
  await auditIn(em, { actorId: null, action: 'role.grant', target, before: { roles: before }, after: { roles, role } });
}

/** As it stands now: a process may take someone for a root for 5 s longer than they are one. */
async function refuseUnlessRoot(em: EntityManager, actorId: string): Promise<void> {
  const [root] = await rowsIn(em, `select 1 from player where id = ? and 'root' = any(roles) and banned_at is null`, [actorId]);
  refuseUnless(root, 'forbidden');
}

/** Refuses to go on for an operator who is a root; for acts that no root may meet. */
export function refuseRoot({ roles }: Pick<Player, 'roles'>): void {
  refuseUnless(!roles.includes('root'), 'forbidden');
}

/** Only who gives roles may act on those who have one. */
export function refuseStaff({ roles }: Pick<Player, 'roles'>, actorRoles: readonly string[] | null): void {
  refuseRoot({ roles });
  refuseUnless(actorRoles === null || actorRoles.includes('root') || !isStaff(roles), 'forbidden');
}

export async function lockedIn(em: EntityManager, playerId: string): Promise<Player> {
  const player = await em.findOne(Player, { id: playerId, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  refuseUnless(player, 'not_found');
  return player;
}

export const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505' && error.message.includes('player_email');

const LOGIN = `
  select p.id, l.password_hash as hash from player p join player_login l on l.player_id = p.id where p.email = $1`;

const KNOWN = 'select coalesce(verified_at, vouched_at) is not null as known from player where id = ?';

const OTHER_ROOT = `
  select 1 from player where 'root' = any(roles) and id <> ? and deleted_at is null and banned_at is null limit 1`;

const STAFF = `
  select p.id as "playerId", p.display_name as "displayName", p.email, p.roles,
         exists (select from totp t where t.player = p.id and t.confirmed_at is not null) as totp
    from player p where p.roles && $1::text[] and ($2::uuid is null or p.id > $2) order by p.id limit $3`;
