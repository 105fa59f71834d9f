// Who may call a route: the one place where sessions, API tokens, roles and second factors are looked at.
import type { Scope } from '../rules/api-tokens.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { isStaff, mayDo, type Right } from '../rules/roles.ts';
import type { House, Visitor } from '../server/house.ts';

/** Anyone at all, a player (guests too), an operator with the route's right; or `either` a player or anyone who shows no token. */
export type Who = 'anyone' | 'either' | 'player' | 'admin';

/** What of a route says who may call it. */
export interface Admission {
  who: Who;
  /** What an operator needs; null: no operator's affair, or `root` and `admin` alone. */
  right: Right | null;
  /** With what an API token gets in; null: with none. */
  scope: Scope | null;
  /** An act of an operator: the session must have said a code of the second factor lately. */
  stepUp: boolean;
}

/** Any player with a session. */
export const PLAYER: Admission = { who: 'player', right: null, scope: null, stepUp: false };

/**
 * Refuses `unauthenticated`, `token_invalid`, `token_expired`, `account_banned`, `scope_missing`, `forbidden`, `totp_required`,
 * `step_up_required`.
 */
export async function visitorFor(route: Admission, authorization: string | undefined, house: House): Promise<Visitor> {
  refuseUnless(authorization !== undefined && /^bearer /i.test(authorization), 'unauthenticated');
  const token = authorization.slice('bearer '.length).trim();
  if (!isApiToken(token)) return admitted(route, await house.store.sessions.visitor(token), house);
  const visitor = await house.store.apiTokens.visitor(token);
  refuseUnless(route.who !== 'admin', 'forbidden');
  refuseUnless(route.scope !== null && visitor.scopes.includes(route.scope), 'scope_missing');
  return visitor;
}

/** For one whose session has been looked at. Refuses `forbidden`, `totp_required`, `step_up_required`. */
export async function admitted({ who, right, stepUp }: Admission, visitor: Visitor, house: House): Promise<Visitor> {
  if (who !== 'admin') return visitor;
  refuseUnless(right === null ? isFull(visitor.roles) : mayDo(visitor.roles, right), 'forbidden');
  if (stepUp) await house.store.totp.admit(visitor, { required: house.settings.production });
  return visitor;
}

/**
 * Whether this session may open another way in to its player: for an operator that is an act too, or whoever has their token
 * would need no second factor any more. Refuses `totp_required`, `step_up_required`.
 */
export async function admitNewWay(visitor: Visitor, house: House): Promise<void> {
  if (isStaff(visitor.roles)) await house.store.totp.admit(visitor, { required: house.settings.production });
}

/** The id of the API token that a visitor came with; null: they came with a session. */
export const tokenOf = (visitor: Visitor): string | null => ('tokenId' in visitor ? String(visitor.tokenId) : null);

const isFull = (roles: readonly string[]): boolean => roles.includes('admin') || roles.includes('root');

const isApiToken = (token: string): boolean => token.startsWith('pht_');
