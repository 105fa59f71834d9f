// Roles as prizes: what an answer of Discord's means for them, and when to ask again.

/** `waiting` to be given, `blocked` until somebody changes a setting, `given` once and for ever. */
export const ROLE_STATES = ['waiting', 'blocked', 'given'] as const;
export type RoleState = (typeof ROLE_STATES)[number];

/** Whom a fault stops: every role, this one, or this player's. */
export type RoleScope = 'house' | 'role' | 'player';

/** Why a role is not given, each with what an operator does about it. */
export const ROLE_FAULTS = {
  token_refused: { scope: 'house', cure: 'DISCORD_BOT_TOKEN is not the bot’s token' },
  guild_unknown: { scope: 'house', cure: 'DISCORD_GUILD_ID is no server, or the bot is not in it' },
  access_missing: { scope: 'house', cure: 'Invite the bot to the server' },
  permissions_missing: {
    scope: 'role',
    cure: 'Give the bot “Manage Roles”, and draw its own role above the one it gives',
  },
  role_unknown: { scope: 'role', cure: 'The server has no such role: the season’s prize names another' },
  member_unknown: { scope: 'player', cure: 'The player has to join the server' },
  refused: { scope: 'role', cure: 'Discord refuses it for a reason of its own; the log has it' },
} as const satisfies Record<string, { scope: RoleScope; cure: string }>;
export type RoleFault = keyof typeof ROLE_FAULTS;

/** Discord's refusal, by its status and the code in it. */
export function faultOf({ status, code }: { status: number; code: number }): RoleFault {
  if (status === 401) return 'token_refused';
  const known: Partial<Record<number, RoleFault>> = {
    10004: 'guild_unknown',
    10007: 'member_unknown',
    10011: 'role_unknown',
    10013: 'member_unknown',
    50001: 'access_missing',
    50013: 'permissions_missing',
  };
  return known[code] ?? 'refused';
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DOUBLINGS_MAX = 12;

/** Discord did not answer, or is out of order: half a minute, then twice as long each time, up to an hour. */
export const silentPauseMs = (tries: number): number => growing({ first: 30_000, most: HOUR_MS }, tries);

/**
 * Whoever asks for ever what is forbidden is shut out of Discord, so it is hours: from one hour to a day. A player may join
 * the server any minute, and asking for them costs nothing: from five minutes to six hours.
 */
export const faultPauseMs = (fault: RoleFault, tries: number): number =>
  ROLE_FAULTS[fault].scope === 'player'
    ? growing({ first: 5 * MINUTE_MS, most: 6 * HOUR_MS }, tries)
    : growing({ first: HOUR_MS, most: 24 * HOUR_MS }, tries);

const growing = ({ first, most }: { first: number; most: number }, tries: number): number =>
  Math.min(most, first * 2 ** Math.min(Math.max(0, tries - 1), DOUBLINGS_MAX));
