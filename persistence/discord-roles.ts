// Roles that ranks brought: asked for in the change that reached the rank, given by one process at a time, each once. Discord is
// asked again after a crash only where its answer was not written down, and giving a role twice is giving it once there.
import { faultPauseMs, ROLE_FAULTS, type RoleFault, type RoleState, silentPauseMs } from '../rules/discord-roles.ts';
import type { Prize } from '../rules/season.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { auditIn } from './audit-log.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';

/** A role that is due, of a player whose Discord account is known. */
export interface DueRole {
  id: bigint;
  seasonId: string;
  playerId: string;
  rankId: string;
  roleId: string;
  userId: string;
  /** This one counted. */
  tries: number;
}

export interface RoleJob {
  id: bigint;
  seasonId: string;
  playerId: string;
  displayName: string;
  rankId: string;
  roleId: string;
  roleName: string;
  state: RoleState;
  fault: RoleFault | null;
  /** Whether the player has a Discord account here: until then nobody can be asked. */
  linked: boolean;
  tries: number;
  madeAt: Date;
  dueAt: Date;
  givenAt: Date | null;
}

/** What came of asking Discord. */
export type RoleOutcome =
  | { kind: 'given' }
  | { kind: 'later'; ms: number }
  | { kind: 'silent' }
  | { kind: 'fault'; fault: RoleFault };

/** Asks for the roles among these prizes, inside the change that earned them. */
export async function rolesIn(
  em: EntityManager,
  {
    seasonId,
    playerId,
    rankId,
    prizes,
    at,
  }: { seasonId: string; playerId: string; rankId: string; prizes: readonly Prize[]; at: Date },
): Promise<void> {
  for (const prize of prizes)
    if (prize.kind === 'discord_role')
      await rowsIn(em, MAKE, [seasonId, playerId, rankId, prize.roleId, prize.name, at.toISOString(), at.toISOString()]);
}

/** A process that died with a role in hand is waited for this long. */
const IN_HAND_MS = 60_000;

export function openDiscordRoles(db: Database, { now }: { now(): Date }) {
  return {
    /** The next one that is due; it is put off, so that nobody else takes it. null: none is. */
    async take(): Promise<DueRole | null> {
      const at = now();
      const [taken] = await db.rows<DueRole>(TAKE, [at, new Date(at.getTime() + IN_HAND_MS)]);
      return taken ?? null;
    },

    /** Writes down what came of it. A fault of the house or of a role puts off all that it stops; a role given lets the others follow. */
    async settle({ id, roleId, tries }: DueRole, outcome: RoleOutcome): Promise<void> {
      const at = now();
      const after = (ms: number) => new Date(at.getTime() + ms);
      switch (outcome.kind) {
        case 'given':
          await db.rows(GIVEN, [id, at]);
          await db.rows(FREE, [roleId, at, scoped('role'), scoped('house')]);
          return;
        case 'later':
          await db.rows('update discord_role_job set due_at = $2, tries = tries - 1 where id = $1', [id, after(outcome.ms)]);
          return;
        case 'silent':
          await db.rows('update discord_role_job set due_at = $2 where id = $1', [id, after(silentPauseMs(tries))]);
          return;
        case 'fault': {
          const { fault } = outcome;
          const { scope } = ROLE_FAULTS[fault];
          await db.rows(BLOCK, [id, fault, after(faultPauseMs(fault, tries)), tries, scope === 'role' ? roleId : null, scope]);
        }
      }
    },

    /** Newest first; `before` is the id of the last one seen. */
    async list({ limit, before, state }: { limit: number; before: bigint | null; state: RoleState | null }): Promise<RoleJob[]> {
      return db.rows<RoleJob>(LIST, [before, state, limit]);
    },

    /** How many there are of each kind; `unlinked` are among those that wait. */
    async figures(): Promise<{ waiting: number; blocked: number; given: number; unlinked: number; faults: RoleFault[] }> {
      const [row] = await db.rows<Record<'waiting' | 'blocked' | 'given' | 'unlinked', unknown> & { faults: RoleFault[] }>(
        FIGURES,
      );
      const { waiting, blocked, given, unlinked, faults } = row!;
      return { waiting: Number(waiting), blocked: Number(blocked), given: Number(given), unlinked: Number(unlinked), faults };
    },

    /** All that is blocked is due at once: somebody has changed a setting. Returns how many. */
    retry: (actorId: string | null): Promise<number> =>
      db.transaction(async (em) => {
        const woken = await rowsIn(em, RETRY_ALL, [now().toISOString()]);
        const after = { woken: woken.length };
        await auditIn(em, { actorId, action: 'discord.retry', target: 'discord:roles', before: null, after });
        return woken.length;
      }),

    /** The same for one. Refuses `not_found` for one that is not there or was given. */
    retryOne: (id: bigint, actorId: string): Promise<void> =>
      db.transaction(async (em) => {
        const woken = await rowsIn(em, RETRY_ONE, [now().toISOString(), String(id)]);
        refuseUnless(woken.length === 1, 'not_found');
        await auditIn(em, { actorId, action: 'discord.retry', target: `discord_role_job:${id}`, before: null, after: null });
      }),

    /** What a wrong token stopped is asked for once more: this process may have another. */
    async wakeStopped(): Promise<void> {
      await db.rows(`update discord_role_job set due_at = $1 where state = 'blocked' and fault = 'token_refused'`, [now()]);
    },
  };
}

const scoped = (scope: 'house' | 'role'): string[] =>
  Object.entries(ROLE_FAULTS).flatMap(([fault, { scope: of }]) => (of === scope ? [fault] : []));

const MAKE = `
  insert into discord_role_job (season, player, rank, role, role_name, state, made_at, due_at)
  values (?, ?, ?, ?, ?, 'waiting', ?, ?) on conflict (season, player, rank, role) do nothing`;

const TAKE = `
  update discord_role_job j set due_at = $2, tries = j.tries + 1
    from identity i
   where i.player = j.player and i.provider = 'discord' and j.state <> 'given'
     and j.id = (select d.id from discord_role_job d join identity k on k.player = d.player and k.provider = 'discord'
                  where d.state <> 'given' and d.due_at <= $1 order by d.due_at, d.id limit 1 for update of d skip locked)
  returning j.id, j.season as "seasonId", j.player as "playerId", j.rank as "rankId", j.role as "roleId", i.subject as "userId", j.tries`;

const GIVEN = `
  update discord_role_job set state = 'given', fault = null, given_at = $2 where id = $1 and state <> 'given'`;

/** What the house was stopped by is over for all, what stopped the role for those of it. */
const FREE = `
  update discord_role_job set state = 'waiting', fault = null, due_at = $2, tries = 0
   where state = 'blocked' and ((role = $1 and fault = any($3::text[])) or fault = any($4::text[]))`;

/** One of them asks for all; the others wait as long as it does. */
const BLOCK = `
  update discord_role_job
     set state = 'blocked', fault = $2, due_at = $3, tries = case when id = $1 then tries else greatest(tries, $4::int - 1) end
   where state <> 'given' and (id = $1 or $6 = 'house' or ($5::text is not null and role = $5 and fault is distinct from 'member_unknown'))`;

const FIELDS = `
  j.id, j.season as "seasonId", j.player as "playerId", p.display_name as "displayName", j.rank as "rankId", j.role as "roleId",
  j.role_name as "roleName", j.state, j.fault, j.tries, j.made_at as "madeAt", j.due_at as "dueAt", j.given_at as "givenAt",
  exists (select from identity i where i.player = j.player and i.provider = 'discord') as linked`;

const LIST = `
  select ${FIELDS} from discord_role_job j join player p on p.id = j.player
   where ($1::bigint is null or j.id < $1) and ($2::text is null or j.state = $2) order by j.id desc limit $3`;

const FIGURES = `
  select count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'blocked') as blocked,
         count(*) filter (where state = 'given') as given,
         count(*) filter (where state <> 'given' and not exists (
           select from identity i where i.player = j.player and i.provider = 'discord')) as unlinked,
         coalesce(array_agg(distinct fault) filter (where fault is not null), '{}') as faults
    from discord_role_job j`;

const RETRY = `update discord_role_job set state = 'waiting', fault = null, tries = 0, due_at = ?`;
const RETRY_ALL = `${RETRY} where state = 'blocked' returning id`;
const RETRY_ONE = `${RETRY} where id = ? and state <> 'given' returning id`;
