import { GEMS_A_LEVEL, levelOf, pointsAtLevel, XP_MAX } from '../rules/levels.ts';
import { type XpSource, XP_SOURCES, xpWithin } from '../rules/xp.ts';
import { countIn } from './deeds.ts';
import type { Grant } from './ledger.ts';
import { notifyIn } from './notifications.ts';
import { type EntityManager, rowsIn, whole } from './orm.ts';

export interface Earned {
  /** What counted: what is over the source's daily cap is lost. */
  xp: bigint;
  level: number;
  /** Gems that the new levels brought; to be granted with what else the change pays, last. */
  grants: Grant[];
}

/**
 * Adds XP inside a wider change: level and stat points follow, and the `xp` board counts it. One curve for every source.
 * `key` names the occasion, so that its gems are granted once.
 */
export async function earnXpIn(
  em: EntityManager,
  { playerId, source, xp: brought, key }: { playerId: string; source: XpSource; xp: bigint; key: string },
): Promise<Earned> {
  const [player] = await rowsIn<{ xp: unknown; level: number }>(
    em,
    'select xp, level from player where id = ? for no key update',
    [playerId],
  );
  if (!player) throw new Error(`player ${playerId} is unknown`);
  const room = XP_MAX - whole(player.xp);
  const xp = await countedIn(em, { playerId, source, xp: brought < room ? brought : room });
  if (xp === 0n) return { xp, level: player.level, grants: [] };
  const level = levelOf(whole(player.xp) + xp);
  const points = pointsAtLevel(level) - pointsAtLevel(player.level);
  const earn = 'update player set xp = xp + ?, level = ?, stat_points = stat_points + ?, version = version + 1 where id = ?';
  await rowsIn(em, earn, [String(xp), level, points, playerId]);
  await countIn(em, [{ playerId, counter: 'xp', amount: xp }]);
  if (level === player.level) return { xp, level, grants: [] };
  const gems = BigInt(level - player.level) * GEMS_A_LEVEL;
  await notifyIn(em, { playerId, kind: 'level_up', data: { level, statPoints: points, gems: String(gems) } });
  return { xp, level, grants: [{ playerId, currency: 'GEMS', amount: gems, reason: 'level_up', key }] };
}

/** Under the player's lock, so that two occasions at once stay under the cap together. */
async function countedIn(
  em: EntityManager,
  { playerId, source, xp }: { playerId: string; source: XpSource; xp: bigint },
): Promise<bigint> {
  if (XP_SOURCES[source].dailyMax === null) return xp;
  const [day] = await rowsIn<{ xp: unknown }>(em, TODAY, [playerId, source]);
  const counted = xpWithin(source, { earned: day ? whole(day.xp) : 0n, xp });
  if (counted > 0n) await rowsIn(em, ADD_TODAY, [playerId, source, String(counted)]);
  return counted;
}

const TODAY = `select xp from xp_day where player = ? and day = (now() at time zone 'utc')::date and source = ?`;
const ADD_TODAY = `
  insert into xp_day (player, day, source, xp) values (?, (now() at time zone 'utc')::date, ?, ?)
  on conflict (player, day, source) do update set xp = xp_day.xp + excluded.xp`;
