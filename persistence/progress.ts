import { GEMS_A_LEVEL, levelOf, pointsAtLevel } from '../rules/levels.ts';
import type { Grant } from './ledger.ts';
import { type EntityManager, rowsIn, whole } from './orm.ts';

/**
 * Adds XP inside a wider change: level and stat points follow, and the `xp` board counts it. One curve for every source.
 * Returns the gems it earned, to be granted with what else the change pays, last. `key` names the source, so that they are
 * granted once.
 */
export async function earnXpIn(
  em: EntityManager,
  { playerId, xp, key }: { playerId: string; xp: bigint; key: string },
): Promise<Grant[]> {
  const [player] = await rowsIn<{ xp: unknown; level: number }>(
    em,
    'select xp, level from player where id = ? for no key update',
    [playerId],
  );
  if (!player) throw new Error(`player ${playerId} is unknown`);
  const total = whole(player.xp) + xp;
  const level = levelOf(total);
  const points = pointsAtLevel(level) - pointsAtLevel(player.level);
  const earn = 'update player set xp = ?, level = ?, stat_points = stat_points + ?, version = version + 1 where id = ?';
  await rowsIn(em, earn, [String(total), level, points, playerId]);
  await rowsIn(em, "insert into score_event (board, player, amount) values ('xp', ?, ?)", [playerId, String(xp)]);
  const gems = BigInt(level - player.level) * GEMS_A_LEVEL;
  return gems > 0n ? [{ playerId, currency: 'GEMS', amount: gems, reason: 'level_up', key }] : [];
}
