// What players own that is neither money nor a pet: gear, each piece by itself, and stacks.
import type { ItemRarity } from '../rules/items.ts';
import { refuseOverfull, type Thing } from '../rules/inventory.ts';
import { uuid7 } from './ids.ts';
import { type EntityManager, rowsIn } from './orm.ts';

/** A piece as it lies in the bag or is worn. */
export interface GearPiece {
  id: string;
  item: string;
  rarity: ItemRarity;
  level: number;
  attack: number;
  defence: number;
  hp: number;
  stamina: number;
}

export interface Adding {
  playerId: string;
  things: readonly Thing[];
  /** The round whose stream rolled the gear among them; null where none did. */
  source: string | null;
}

/**
 * Puts things into a player's inventory inside a wider change, under the player's row. All or none: refuses
 * `inventory_full`. Returns the new pieces of gear.
 */
export async function addIn(em: EntityManager, { playerId, things, source }: Adding): Promise<GearPiece[]> {
  if (things.length === 0) return [];
  await lockPlayerIn(em, playerId);
  const [held] = await rowsIn<{ gear: number; stacks: Record<string, number> }>(em, HELD, [playerId, playerId]);
  refuseOverfull({ gear: held!.gear, stacks: new Map(Object.entries(held!.stacks)) }, things);
  const stacks = things.filter(({ gear }) => gear === null);
  if (stacks.length > 0) await rowsIn(em, ADD_STACKS, [playerId, JSON.stringify(stacks)]);
  const pieces = things.flatMap(({ gear, quantity }) => (gear ? Array.from({ length: quantity }, () => pieceOf(gear)) : []));
  if (pieces.length > 0) await rowsIn(em, ADD_GEAR, [playerId, source, JSON.stringify(pieces)]);
  return pieces;
}

/** Whatever two devices ask of one inventory at once, one comes after the other. */
export async function lockPlayerIn(em: EntityManager, playerId: string): Promise<{ level: number }> {
  const lock = 'select level from player where id = ? and deleted_at is null for no key update';
  const [player] = await rowsIn<{ level: number }>(em, lock, [playerId]);
  if (!player) throw new Error(`player ${playerId} is unknown`);
  return player;
}

function pieceOf({ itemId, rarity, level, stats }: NonNullable<Thing['gear']>): GearPiece {
  const { attack, defence, hp, stamina } = stats;
  return { id: uuid7(), item: itemId, rarity, level, attack, defence, hp, stamina };
}

const HELD = `
  select (select count(*) from gear where player = ?)::int as gear,
         coalesce(json_object_agg(item, quantity), '{}'::json) as stacks
    from item_stack where player = ? and quantity > 0`;

const ADD_STACKS = `
  insert into item_stack (player, item, quantity)
    select ?, item, sum(quantity) from json_to_recordset(?::json) t(item text, quantity int) group by item
  on conflict (player, item) do update set quantity = item_stack.quantity + excluded.quantity`;

const ADD_GEAR = `
  insert into gear (id, player, round, item, rarity, level, attack, defence, hp, stamina)
    select t.id, ?, ?, t.item, t.rarity, t.level, t.attack, t.defence, t.hp, t.stamina
      from json_to_recordset(?::json)
           t(id uuid, item text, rarity text, level int, attack int, defence int, hp int, stamina int)`;
