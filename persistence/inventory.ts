// What players own that is neither money nor a pet: gear, each piece by itself, and stacks.
import { gearById, gearSale, type Slot } from '../rules/equipment.ts';
import { type Effect, effectAfter, type Elixir, itemById, type ItemRarity, stackSale } from '../rules/items.ts';
import { refuseOverfull, type Thing } from '../rules/inventory.ts';
import { staminaGrown, staminaPoints } from '../rules/levels.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { countIn } from './deeds.ts';
import { derivedId, uuid7 } from './ids.ts';
import { refuseInBattleIn } from './in-battle.ts';
import { refusalOf } from './instant.ts';
import { type Ledger, systemAccount } from './ledger.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import type { Requests, Told } from './requests.ts';

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

export interface Owned extends Omit<GearPiece, 'id' | 'rarity' | 'level' | 'attack' | 'defence' | 'hp' | 'stamina'> {
  /** Where it stands in the list. */
  place: string;
  /** A piece's id; of a stack, its kind's. */
  itemId: string;
  quantity: number;
  /** Null for a stack. */
  gear: (Omit<GearPiece, 'id' | 'item'> & { slot: Slot | null; roundId: string | null }) | null;
}

export interface Used {
  itemId: string;
  /** Of it, still owned. */
  left: number;
  stamina: { points: number; max: number; since: Date } | null;
  effect: Effect | null;
}

export interface Sale {
  itemId: string;
  quantity: number;
  paid: bigint;
  /** COINS afterwards. */
  available: bigint;
}

export type Inventory = ReturnType<typeof openInventory>;

export function openInventory(db: Database, ledger: Ledger, requests: Requests, now: () => Date) {
  return {
    /** Gear from the oldest on, then stacks by name; `after` is the place of the last one seen. */
    async list(playerId: string, { limit, after }: { limit: number; after: string | null }): Promise<Owned[]> {
      return (await db.rows<OwnedRow>(LIST, [playerId, after, limit])).map(toOwned);
    },

    /** How many places are taken, and what runs. */
    async summary(playerId: string): Promise<{ used: number; effects: Effect[] }> {
      const [row] = await db.rows<{ used: number }>(USED, [playerId]);
      const effects = await db.rows<Effect>(RUNNING, [playerId]);
      return { used: row!.used, effects };
    },

    /**
     * Puts a piece on; what was worn there goes into the bag. Refuses `item_unknown`, `item_equipped`, `level_short`,
     * `in_battle`.
     */
    equip: (playerId: string, gearId: string): Promise<{ slot: Slot; off: string | null }> =>
      db.transaction((em) => equipIn(em, { playerId, gearId })),

    /** Refuses `slot_empty`, `in_battle`. */
    unequip: (playerId: string, slot: Slot): Promise<{ off: string }> =>
      db.transaction(async (em) => {
        await lockPlayerIn(em, playerId);
        await refuseInBattleIn(em, playerId);
        const [off] = await rowsIn<{ id: string }>(em, TAKE_OFF, [playerId, slot]);
        refuseUnless(off, 'slot_empty');
        return { off: off.id };
      }),

    /** Drinks one. Refuses `item_unknown`, `item_unusable`, `quantity_short`, `stamina_full`, `in_battle`. */
    async use({ playerId, itemId, key }: { playerId: string; itemId: string; key: string }): Promise<Told<Used>> {
      const asked = { playerId, operation: 'use_item', key, body: { itemId } };
      const { answer, replayed } = await requests.once(asked, async (em) => json(await useIn(em, { playerId, itemId }, now())));
      return { answer: { ...answer, ...revived(answer) }, replayed };
    },

    /** To the shop, for COINS. Refuses `item_unknown`, `item_equipped`, `quantity_short`. */
    async sell({ playerId, itemId, quantity, key }: Selling & { key: string }): Promise<Told<Sale>> {
      const credit = await ledger.accountOf(playerId, 'COINS');
      const asked = { playerId, operation: 'sell_item', key, body: { itemId, quantity } };
      const { answer, replayed } = await requests.once(asked, async (em) => {
        const paid = await sellIn(em, { playerId, itemId, quantity });
        const id = derivedId(playerId, 'sell', key);
        const way = { debit: systemAccount('shop', 'COINS'), credit, amount: paid, reason: 'sell' };
        const [posted] = await ledger.postIn(em, [{ id, op: 'move', ...way }]);
        if (posted!.refused) throw refusalOf(posted!.refused);
        return { itemId, quantity, paid: String(paid), available: String(posted!.creditFree) };
      });
      return { answer: { ...answer, paid: BigInt(answer.paid), available: BigInt(answer.available) }, replayed };
    },
  };
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
  return placeIn(em, { playerId, things, source });
}

/** The same for who holds the player's row already. */
export async function placeIn(em: EntityManager, { playerId, things, source }: Adding): Promise<GearPiece[]> {
  const [held] = await rowsIn<{ gear: number; stacks: Record<string, number> }>(em, HELD, [playerId, playerId]);
  refuseOverfull({ gear: held!.gear, stacks: new Map(Object.entries(held!.stacks)) }, things);
  const stacks = things.filter(({ gear }) => gear === null);
  await stackIn(em, playerId, stacks);
  const pieces = things.flatMap(({ gear, quantity }) => (gear ? Array.from({ length: quantity }, () => pieceOf(gear)) : []));
  if (pieces.length > 0) await rowsIn(em, ADD_GEAR, [playerId, source, JSON.stringify(pieces)]);
  return pieces;
}

/** Onto the stacks even where there is no room: for what a player is owed, and must not lose for that. */
export async function stackIn(
  em: EntityManager,
  playerId: string,
  stacks: readonly { item: string; quantity: number }[],
): Promise<void> {
  if (stacks.length > 0) await rowsIn(em, ADD_STACKS, [playerId, JSON.stringify(stacks)]);
}

interface Taking {
  playerId: string;
  item: string;
  quantity: number;
}

/**
 * Takes some of a stack inside a wider change; call it under the player's row. Returns how many are left. Refuses
 * `quantity_short`.
 */
export async function takeIn(em: EntityManager, taking: Taking): Promise<number> {
  const left = await takenIn(em, taking);
  refuseUnless(left !== null, 'quantity_short');
  return left;
}

/** The same, and null where there are not so many. */
export async function takenIn(em: EntityManager, { playerId, item, quantity }: Taking): Promise<number | null> {
  const [left] = await rowsIn<{ quantity: number }>(em, TAKE, [quantity, playerId, item, quantity]);
  return left?.quantity ?? null;
}

/** Whatever two devices ask of one inventory at once, one comes after the other. */
export async function lockPlayerIn(em: EntityManager, playerId: string): Promise<{ level: number }> {
  const lock = 'select level from player where id = ? for no key update';
  const [player] = await rowsIn<{ level: number }>(em, lock, [playerId]);
  if (!player) throw new Error(`player ${playerId} is unknown`);
  return player;
}

const pieceOf = ({ itemId, rarity, level, stats }: NonNullable<Thing['gear']>): GearPiece => ({
  id: uuid7(),
  item: itemId,
  rarity,
  level,
  ...stats,
});

async function equipIn(em: EntityManager, { playerId, gearId }: { playerId: string; gearId: string }) {
  const { level } = await lockPlayerIn(em, playerId);
  const [piece] = await rowsIn<{ item: string; level: number; slot: string | null }>(em, PIECE, [gearId, playerId]);
  const slot = piece && gearById(piece.item)?.slot;
  refuseUnless(piece && slot, 'item_unknown');
  refuseUnless(piece.slot === null, 'item_equipped');
  refuseUnless(level >= piece.level, 'level_short');
  await refuseInBattleIn(em, playerId);
  const [off] = await rowsIn<{ id: string }>(em, TAKE_OFF, [playerId, slot]);
  await rowsIn(em, 'update gear set slot = ? where id = ?', [slot, gearId]);
  return { slot, off: off?.id ?? null };
}

async function useIn(em: EntityManager, { playerId, itemId }: { playerId: string; itemId: string }, at: Date): Promise<Used> {
  const kind = itemById(itemId);
  refuseUnless(kind, 'item_unknown');
  const staminaPercent = kind.potion?.staminaPercent ?? 0;
  refuseUnless(kind.elixir || staminaPercent > 0, 'item_unusable');
  await lockPlayerIn(em, playerId);
  await refuseInBattleIn(em, playerId);
  const left = await takeIn(em, { playerId, item: itemId, quantity: 1 });
  if (kind.elixir) return { itemId, left, stamina: null, effect: await drinkIn(em, playerId, kind.elixir) };
  return { itemId, left, stamina: await refreshIn(em, { playerId, percent: staminaPercent }, at), effect: null };
}

/** By the database's clock, as strengths are read. */
async function drinkIn(em: EntityManager, playerId: string, elixir: Elixir): Promise<Effect> {
  const [row] = await rowsIn<{ at: string | Date; percent: number | null; endsAt: string | Date | null }>(em, EFFECT, [
    playerId,
    elixir.stat,
  ]);
  const { at, percent, endsAt } = row!;
  const running = percent === null ? null : { stat: elixir.stat, percent, endsAt: new Date(endsAt!) };
  const effect = effectAfter(running, elixir, new Date(at));
  refuseUnless(effect, 'item_unusable');
  await rowsIn(em, SET_EFFECT, [playerId, effect.stat, effect.percent, effect.endsAt.toISOString()]);
  return effect;
}

/** Refuses `stamina_full`. */
async function refreshIn(em: EntityManager, { playerId, percent }: { playerId: string; percent: number }, at: Date) {
  const [row] = await rowsIn<{ tenths: number; max: number; at: string | Date }>(em, STAMINA, [playerId]);
  const { tenths, max } = row!;
  const grown = staminaGrown({ tenths, max, atMs: new Date(row!.at).getTime() }, at.getTime());
  refuseUnless(grown.tenths < max * 10, 'stamina_full');
  const drunk = Math.min(max * 10, grown.tenths + Math.floor((max * percent) / 10));
  const since = drunk === max * 10 ? at : new Date(grown.atMs);
  await rowsIn(em, SET_STAMINA, [drunk, since.toISOString(), playerId]);
  return { points: staminaPoints({ ...grown, tenths: drunk }), max, since };
}

interface Selling {
  playerId: string;
  /** A piece's id, or a stack's kind. */
  itemId: string;
  quantity: number;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Returns its price, COINS. */
async function sellIn(em: EntityManager, { playerId, itemId, quantity }: Selling): Promise<bigint> {
  await lockPlayerIn(em, playerId);
  const piece = UUID.test(itemId);
  if (!piece) await takeIn(em, { playerId, item: itemId, quantity });
  const paid = piece ? await partIn(em, { playerId, itemId, quantity }) : stackSale(itemId) * BigInt(quantity);
  await countIn(em, [{ playerId, counter: 'items_sold', amount: BigInt(quantity) }]);
  return paid;
}

async function partIn(em: EntityManager, { playerId, itemId, quantity }: Selling): Promise<bigint> {
  const [piece] = await rowsIn<{ rarity: ItemRarity; level: number; slot: string | null }>(em, PIECE, [itemId, playerId]);
  refuseUnless(piece, 'item_unknown');
  refuseUnless(piece.slot === null, 'item_equipped');
  refuseUnless(quantity === 1, 'quantity_short');
  await rowsIn(em, 'delete from gear where id = ?', [itemId]);
  return gearSale(piece);
}

const json = ({ stamina, effect, ...rest }: Used) => ({
  ...rest,
  stamina: stamina && { ...stamina, since: stamina.since.toISOString() },
  effect: effect && { ...effect, endsAt: effect.endsAt.toISOString() },
});

const revived = ({ stamina, effect }: ReturnType<typeof json>) => ({
  stamina: stamina && { ...stamina, since: new Date(stamina.since) },
  effect: effect && { ...effect, endsAt: new Date(effect.endsAt) },
});

interface OwnedRow extends GearPiece {
  place: string;
  itemId: string;
  quantity: number;
  slot: Slot | null;
  roundId: string | null;
}

function toOwned({ place, itemId, item, quantity, rarity, level, ...rest }: OwnedRow): Owned {
  const { attack, defence, hp, stamina, slot, roundId } = rest;
  const gear = level === null ? null : { rarity, level, attack, defence, hp, stamina, slot, roundId };
  return { place, itemId, item, quantity, gear };
}

const LIST = `
  with mine as (
    select '0' || id::text as place, id::text as "itemId", item, 1 as quantity, rarity, level, attack, defence, hp, stamina, slot, round as "roundId"
      from gear where player = $1
    union all
    select '1' || item, item, item, quantity, null, null, null, null, null, null, null, null
      from item_stack where player = $1 and quantity > 0
  )
  select * from mine where $2::text is null or place collate "C" > $2 order by place collate "C" limit $3`;

const USED = `
  select ((select count(*) from gear where player = $1) + (select count(*) from item_stack where player = $1 and quantity > 0))::int as used`;

const RUNNING = `
  select kind as stat, percent, ends_at as "endsAt" from effect where player = $1 and ends_at > now() order by kind`;

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

const TAKE = `
  update item_stack set quantity = quantity - ?::int where player = ? and item = ? and quantity >= ?::int returning quantity`;

const PIECE = 'select item, rarity, level, slot from gear where id = ? and player = ?';
const TAKE_OFF = 'update gear set slot = null where player = ? and slot = ? returning id';

const EFFECT = `
  select now() as at, e.percent, e.ends_at as "endsAt" from (select 1) one left join effect e on e.player = ? and e.kind = ?`;
const SET_EFFECT = `
  insert into effect (player, kind, percent, ends_at) values (?, ?, ?, ?)
  on conflict (player, kind) do update set percent = excluded.percent, ends_at = excluded.ends_at`;

const STAMINA = 'select stamina_tenths as tenths, stamina_max as max, stamina_at as at from player where id = ?';
const SET_STAMINA = 'update player set stamina_tenths = ?, stamina_at = ?, version = version + 1 where id = ?';
