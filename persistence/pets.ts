// Eggs and pets: an egg is laid once for what brought it and hatches once, by the player's own provable draw.
import { type EggKind, EGGS } from '../rules/pets.ts';
import { uuid7 } from './ids.ts';
import { type EntityManager, rowsIn } from './orm.ts';

/**
 * An egg for a player inside a wider change. `key` names the occasion (a purchase, and which egg of it): said again, it is
 * the same egg. It is ready its kind's time after this change began, by the database's clock.
 */
export async function layEggIn(
  em: EntityManager,
  { playerId, kind, key }: { playerId: string; kind: EggKind; key: string },
): Promise<{ eggId: string; readyAt: Date }> {
  const { hatchMs } = EGGS[kind];
  await rowsIn(em, LAY, [uuid7(), playerId, kind, key, hatchMs]);
  const [egg] = await rowsIn<{ id: string; readyAt: string | Date }>(em, LAID, [playerId, key]);
  return { eggId: egg!.id, readyAt: new Date(egg!.readyAt) };
}

const LAY = `
  insert into egg (id, player, kind, key, ready_at) values (?, ?, ?, ?, now() + ?::int * interval '1 millisecond')
  on conflict (player, key) do nothing`;
const LAID = 'select id, ready_at as "readyAt" from egg where player = ? and key = ?';
