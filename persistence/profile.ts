import { staminaGrown, staminaPoints } from '../rules/levels.ts';
import { whole } from './orm.ts';

/** What a client is told of the player it signed in. */
export interface PlayerSummary {
  id: string;
  displayName: string;
  email: string | null;
  roles: string[];
  level: number;
  xp: bigint;
}

export interface Profile extends PlayerSummary {
  guest: boolean;
  statPoints: number;
  attack: number;
  defence: number;
  health: number;
  /** Whole points as they stand now; `since` is where the running period of growth began. */
  stamina: { points: number; max: number; since: Date };
  timeZone: string;
  createdAt: Date;
  /** When the address was verified. */
  verifiedAt: Date | null;
}

export interface PublicProfile {
  id: string;
  displayName: string;
  guest: boolean;
  level: number;
  createdAt: Date;
}

export interface ProfileRow extends Omit<Profile, 'stamina' | 'xp'> {
  xp: unknown;
  staminaMax: number;
  staminaTenths: number;
  staminaAt: Date;
}

export const PROFILE = `
  select id, display_name as "displayName", email, guest, roles, level, xp, stat_points as "statPoints", attack, defence, health,
         stamina_max as "staminaMax", stamina_tenths as "staminaTenths", stamina_at as "staminaAt", time_zone as "timeZone",
         created_at as "createdAt", verified_at as "verifiedAt"
    from player where id = $1 and deleted_at is null`;

export const PUBLIC = `
  select id, display_name as "displayName", guest, level, created_at as "createdAt" from player where id = $1 and deleted_at is null`;

export function profileFrom({ staminaMax, staminaTenths, staminaAt, xp, ...row }: ProfileRow, now: Date): Profile {
  const stamina = staminaGrown({ tenths: staminaTenths, max: staminaMax, atMs: staminaAt.getTime() }, now.getTime());
  return { ...row, xp: whole(xp), stamina: { points: staminaPoints(stamina), max: staminaMax, since: new Date(stamina.atMs) } };
}

export const summaryOf = ({ id, displayName, email, roles, level, xp }: PlayerSummary): PlayerSummary => ({
  id,
  displayName,
  email,
  roles,
  level,
  xp,
});
