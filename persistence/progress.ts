import { GEMS_A_LEVEL, levelOf, pointsAtLevel } from '../rules/levels.ts';
import type { Ledger } from './ledger.ts';
import { type EntityManager, rowsIn, whole } from './orm.ts';

/**
 * Adds XP inside a wider change: level, stat points and gems follow, and the `xp` board counts it. One curve for every
 * source. `key` names the source, so that its gems are granted once.
 */
export async function earnXpIn(em: EntityManager, ledger: Ledger, { playerId, xp, key }: { playerId: string; xp: bigint; key: string }): Promise<void> {
  const [player] = await rowsIn<{ xp: unknown; level: number }>(em, 'select xp, level from player where id = ? for no key update', [playerId]);
  if (!player) throw new Error(`player ${playerId} is unknown`);
  const total = whole(player.xp) + xp;
  const level = levelOf(total);
  const points = pointsAtLevel(level) - pointsAtLevel(player.level);
  const earn = 'update player set xp = ?, level = ?, stat_points = stat_points + ?, version = version + 1 where id = ?';
  await rowsIn(em, earn, [String(total), level, points, playerId]);
  await rowsIn(em, "insert into score_event (board, player, amount) values ('xp', ?, ?)", [playerId, String(xp)]);
  const gems = BigInt(level - player.level) * GEMS_A_LEVEL;
  if (gems > 0n) await ledger.grantIn(em, { playerId, currency: 'GEMS', amount: gems, reason: 'level_up', key });
}
