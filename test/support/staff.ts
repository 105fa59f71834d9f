// Operators for tests of the REST door.
import type { StaffRole } from '../../rules/roles.ts';
import type { Rest, SignedIn } from './rest.ts';
import type { TestStore } from './store.ts';

/** A player whom an operator has verified. */
export async function vouched({ db }: Pick<TestStore, 'db'>, playerId: string): Promise<string> {
  await db.rows('update player set vouched_at = now() where id = $1', [playerId]);
  return playerId;
}

export async function operator(rest: Rest, ...roles: StaffRole[]): Promise<SignedIn> {
  const one = await rest.register();
  await vouched(rest, one.id);
  for (const role of roles) await rest.store.players.grantRole({ playerId: one.id, role, actorId: null });
  return one;
}

/** What was written of one thing, oldest first. */
export async function actsOn({ store }: Pick<TestStore, 'store'>, target: string) {
  const acts = await store.auditLog.page({ limit: 100, before: null, target });
  return acts.toReversed().map(({ actorId, action, before, after }) => ({ actorId, action, before, after }));
}
