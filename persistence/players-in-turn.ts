// What is owed to players by a job: one after the other, so that one who cannot be served keeps nobody else waiting.
import type { Database, EntityManager } from './orm.ts';

const PLAYERS_A_TIME = 200;

/**
 * Does `work` for every player that `text` names, each in a transaction of its own. `text` reads `player`, in order, those after
 * `$1` (null: from the first), `$2` at most. Returns the sum of what was done; throws the first failure once all had their turn.
 */
export async function forEachPlayer(
  db: Database,
  text: string,
  work: (em: EntityManager, playerId: string) => Promise<number>,
): Promise<number> {
  const failures: unknown[] = [];
  let done = 0;
  for (let last: string | null = null, more = true; more;) {
    const players: { player: string }[] = await db.rows(text, [last, PLAYERS_A_TIME]);
    for (const { player } of players) {
      try {
        done += await db.transaction((em) => work(em, player));
      } catch (error) {
        failures.push(error);
      }
      last = player;
    }
    more = players.length === PLAYERS_A_TIME;
  }
  if (failures.length > 0) throw failures[0];
  return done;
}
