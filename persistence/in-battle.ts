// Whether a player is in a battle that is on: what makes a fighter strong is not changed meanwhile, nor fought with twice.
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

/** Of these, who is in a battle that is on besides this one. Locks them: two battles that begin at once do not share a player. */
export async function busyIn(
  em: EntityManager,
  { roundId, playerIds }: { roundId: string; playerIds: readonly string[] },
): Promise<string[]> {
  const asked = JSON.stringify(playerIds);
  await rowsIn(em, LOCK, [asked]);
  return (await rowsIn<{ id: string }>(em, BUSY, [asked, roundId])).map(({ id }) => id);
}

/** Of a `round`. */
export const IS_FIGHT = "holder is not null and state = 'started' and game = 'battle'";

const FIGHTING = `
  select 1 from round where ${IS_FIGHT} and setup -> 'party' @> ?::jsonb limit 1`;

const LOCK = `
  select 1 from player where id in (select json_array_elements_text(?::json)::uuid) order by id for no key update`;

const BUSY = `
  select asked.id from json_array_elements_text(?::json) asked(id)
   where exists (
     select from round
      where ${IS_FIGHT} and id <> ? and setup -> 'party' @> jsonb_build_array(jsonb_build_object('playerId', asked.id)))`;
