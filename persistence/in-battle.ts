// Whether a player is in a battle that is on: what makes a fighter strong is not changed meanwhile.
import { refuseUnless } from '../rules/refusal.ts';
import { type EntityManager, rowsIn } from './orm.ts';

/**
 * Refuses `in_battle` from the start of a battle until its end, for who has left it too. A battle keeps the strength with
 * which each began, so what changes at the moment of a start counts from the next one.
 */
export async function refuseInBattleIn(em: EntityManager, playerId: string): Promise<void> {
  const rows = await rowsIn(em, FIGHTING, [JSON.stringify([{ playerId }])]);
  refuseUnless(rows.length === 0, 'in_battle');
}

const FIGHTING = `
  select 1 from round
   where holder is not null and state = 'started' and game = 'battle' and setup -> 'party' @> ?::jsonb limit 1`;
