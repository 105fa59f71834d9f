import { refuseUnless } from '../rules/refusal.ts';
import type { House, Visitor } from '../server/house.ts';

/** Who may call a route: anyone at all, a player (guests too), an admin; or `either` a player or anyone who shows no token. */
export type Who = 'anyone' | 'either' | 'player' | 'admin';

/** Refuses `unauthenticated`, `token_invalid`, `token_expired`, `account_banned`, `forbidden`. */
export async function visitorFor(who: 'player' | 'admin', authorization: string | undefined, house: House): Promise<Visitor> {
  refuseUnless(authorization !== undefined && /^bearer /i.test(authorization), 'unauthenticated');
  const visitor = await house.store.sessions.visitor(authorization.slice('bearer '.length).trim());
  return admitted(who, visitor);
}

/** Refuses `forbidden`. */
export function admitted(who: 'player' | 'admin', visitor: Visitor): Visitor {
  refuseUnless(who !== 'admin' || visitor.roles.includes('admin'), 'forbidden');
  return visitor;
}
