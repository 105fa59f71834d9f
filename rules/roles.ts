/** What an operator may do, one word an act; a route says which one it needs. */
export const RIGHTS = [
  'desk', // to be at the desk at all: who am I, my second factor
  'players.read',
  'players.note',
  'players.ban',
  'players.verify',
  'payments.read',
  'payments.review',
  'corrections.read',
  'corrections.write',
  'ledger.read',
  'seasons.read',
  'seasons.edit',
  'seasons.review',
  'mining.read',
  'mining.review',
  'tokens.read',
  'tokens.decide',
  'discord.read',
  'discord.write',
  'config.read',
  'config.write',
  'audit.read',
  'rooms.read',
  'roles.read',
  'roles.write',
] as const;
export type Right = (typeof RIGHTS)[number];

/** The roles of operators, the widest first. Beside them everyone who is registered has `player`. */
export const STAFF_ROLES = ['root', 'admin', 'treasurer', 'support', 'reviewer', 'viewer'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** What anyone at the desk may look at: nothing of money in or out, nothing that names a phone. */
const READS: readonly Right[] = [
  'desk',
  'players.read',
  'seasons.read',
  'mining.read',
  'config.read',
  'rooms.read',
  'discord.read',
];

/** Least rights: a role has what its work needs. Roles themselves are root's alone to give. */
export const ROLE_RIGHTS: Readonly<Record<StaffRole, readonly Right[]>> = {
  root: RIGHTS,
  admin: RIGHTS.filter((right) => right !== 'roles.write'),
  treasurer: [
    ...READS,
    'payments.read',
    'payments.review',
    'corrections.read',
    'corrections.write',
    'ledger.read',
    'players.note',
  ],
  support: [...READS, 'players.note', 'players.ban', 'tokens.read'],
  reviewer: [...READS, 'seasons.review', 'mining.review', 'players.note'],
  viewer: [...READS, 'payments.read', 'corrections.read', 'ledger.read', 'tokens.read', 'audit.read', 'roles.read'],
};

export const isStaffRole = (role: string): role is StaffRole => Object.hasOwn(ROLE_RIGHTS, role);

export const isStaff = (roles: readonly string[]): boolean => roles.some(isStaffRole);

/** Whether any of these roles has the right. */
export const mayDo = (roles: readonly string[], right: Right): boolean =>
  roles.some((role) => isStaffRole(role) && ROLE_RIGHTS[role].includes(right));

/** All that these roles may do together, in the order of `RIGHTS`. */
export const rightsOf = (roles: readonly string[]): Right[] => RIGHTS.filter((right) => mayDo(roles, right));
