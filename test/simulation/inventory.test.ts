// Gear rolled under thousands of seeds, and an inventory lived in at random: nothing appears, nothing is lost, all of it is paid.
import { createHash, randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { seeded } from '../../loadtest/simulate-battle.ts';
import { drawStream } from '../../rules/fairness.ts';
import { GEAR, gearById, gearSale, rollGear, SLOTS } from '../../rules/equipment.ts';
import { PLACES } from '../../rules/inventory.ts';
import { ITEM_RARITIES, ITEMS, stackSale } from '../../rules/items.ts';
import { Refusal } from '../../rules/refusal.ts';
import { give, memoryStore } from '../support/store.ts';

const living = suite('simulation/inventory');
const opened = await memoryStore();
const { db, store, player } = opened;
living.after(opened.close);

living('5,000 seeds: a roll is the same each time, within its bounds, and every kind has its turn about as often', () => {
  const kinds = new Map<string, number>();
  for (let nth = 0; nth < 5_000; nth++) {
    const serverSeed = createHash('sha256').update(`gear ${nth}`).digest();
    const stream = () => drawStream({ serverSeed, clientSeeds: ['ann'], nonce: nth });
    const asked = { rarity: ITEM_RARITIES[nth % 5]!, level: 1 + (nth % 100) };
    const rolled = rollGear(stream(), asked);
    assert.equal(rollGear(stream(), asked), rolled);
    const { shares } = gearById(rolled.itemId)!;
    for (const stat of ['attack', 'defence', 'hp', 'stamina'] as const) {
      const value = rolled.stats[stat];
      assert.ok(Number.isInteger(value) && value >= 0 && value < 1_000 && value > 0 === shares[stat] > 0, JSON.stringify(rolled));
    }
    kinds.set(rolled.itemId, (kinds.get(rolled.itemId) ?? 0) + 1);
  }
  const expected = 5_000 / GEAR.length;
  assert.is(kinds.size, GEAR.length);
  for (const [kind, count] of kinds) assert.ok(Math.abs(count - expected) < 5 * Math.sqrt(expected), `${kind} ${count}`);
});

/** What the test believes: coins, stacks, and each piece with where it is worn. */
interface Believed {
  coins: bigint;
  stacks: Map<string, number>;
  gear: Map<string, { item: string; price: bigint; slot: string | null }>;
}

const STEPS = 600;

living(`${STEPS} random acts: the bag holds what was bought less what was sold and drunk, and the coins add up`, async () => {
  const ann = await player();
  await give(store, { playerId: ann, currency: 'COINS', amount: 400_000n });
  const random = seeded(20_261_121);
  const believed: Believed = { coins: 400_000n, stacks: new Map(), gear: new Map() };
  const tally = new Map<string, number>();
  for (let step = 0; step < STEPS; step++) {
    const code = await act(ann, believed, random.below);
    tally.set(code, (tally.get(code) ?? 0) + 1);
    if (step % 20 === 0) await same(ann, believed);
  }
  await same(ann, believed);
  for (const code of ['done', 'inventory_full', 'item_equipped', 'quantity_short', 'slot_empty'])
    assert.ok((tally.get(code) ?? 0) > 0, `${code}: ${JSON.stringify([...tally])}`);
  assert.equal((await store.ledger.verify()).differences, []);
});

async function act(playerId: string, believed: Believed, below: (limit: number) => number): Promise<string> {
  const acts = [buyStack, buyGear, buyGear, sellStack, sellGear, equip, equip, unequip, drink];
  try {
    await acts[below(acts.length)]!(playerId, believed, below);
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

type Act = (playerId: string, believed: Believed, below: (limit: number) => number) => Promise<void>;

const STACKS = ['potion_minor', 'tonic', 'elixir_might', 'elixir_stone'];
const PRICES: Record<string, bigint> = { potion_minor: 30n, tonic: 40n, elixir_might: 150n, elixir_stone: 150n };

const buyStack: Act = async (playerId, believed, below) => {
  const offerId = STACKS[below(STACKS.length)]!;
  const [quantity, amount] = [1 + below(5), PRICES[offerId]!];
  await store.shop.purchase({ playerId, offerId, quantity, price: { currency: 'COINS', amount }, key: randomUUID() });
  believed.coins -= amount * BigInt(quantity);
  believed.stacks.set(offerId, (believed.stacks.get(offerId) ?? 0) + quantity);
};

const buyGear: Act = async (playerId, believed, below) => {
  const quantity = 1 + below(10);
  const asked = { offerId: 'gear_common', quantity, price: { currency: 'COINS' as const, amount: 300n } };
  const { answer } = await store.shop.purchase({ playerId, ...asked, key: randomUUID() });
  believed.coins -= 300n * BigInt(quantity);
  for (const { id, item, rarity, level } of answer.gear)
    believed.gear.set(id, { item, price: gearSale({ rarity, level }), slot: null });
};

const sellStack: Act = async (playerId, believed, below) => {
  const itemId = STACKS[below(STACKS.length)]!;
  const quantity = 1 + below(9);
  await store.inventory.sell({ playerId, itemId, quantity, key: randomUUID() });
  believed.coins += stackSale(itemId) * BigInt(quantity);
  believed.stacks.set(itemId, believed.stacks.get(itemId)! - quantity);
};

const pieceOf = ({ gear }: Believed, below: (limit: number) => number): string =>
  gear.size === 0 ? randomUUID() : [...gear.keys()][below(gear.size)]!;

const sellGear: Act = async (playerId, believed, below) => {
  const itemId = pieceOf(believed, below);
  await store.inventory.sell({ playerId, itemId, quantity: 1, key: randomUUID() });
  believed.coins += believed.gear.get(itemId)!.price;
  believed.gear.delete(itemId);
};

const equip: Act = async (playerId, believed, below) => {
  const id = pieceOf(believed, below);
  const { slot } = await store.inventory.equip(playerId, id);
  for (const piece of believed.gear.values()) if (piece.slot === slot) piece.slot = null;
  believed.gear.get(id)!.slot = slot;
};

const unequip: Act = async (playerId, believed, below) => {
  const slot = SLOTS[below(SLOTS.length)]!;
  await store.inventory.unequip(playerId, slot);
  for (const piece of believed.gear.values()) if (piece.slot === slot) piece.slot = null;
};

const drink: Act = async (playerId, believed, below) => {
  const itemId = ITEMS[below(ITEMS.length)]!.itemId;
  const { answer } = await store.inventory.use({ playerId, itemId, key: randomUUID() });
  believed.stacks.set(itemId, believed.stacks.get(itemId)! - 1);
  assert.is(answer.left, believed.stacks.get(itemId));
};

async function same(playerId: string, { coins, stacks, gear }: Believed): Promise<void> {
  const owned = await store.inventory.list(playerId, { limit: 200, after: null });
  assert.equal(
    Object.fromEntries(owned.filter((one) => !one.gear).map(({ itemId, quantity }) => [itemId, quantity])),
    Object.fromEntries([...stacks].filter(([, quantity]) => quantity > 0)),
  );
  assert.equal(
    Object.fromEntries(owned.flatMap((one) => (one.gear ? [[one.itemId, [one.item, one.gear.slot]]] : []))),
    Object.fromEntries([...gear].map(([id, { item, slot }]) => [id, [item, slot]])),
  );
  const { used } = await store.inventory.summary(playerId);
  assert.ok(used === owned.length && used <= PLACES);
  const { available } = await store.ledger.balance(playerId, 'COINS');
  assert.is(available, coins);
  const slots = await db.rows<{ n: number }>('select count(*)::int as n from gear where player = $1 and slot is not null', [
    playerId,
  ]);
  assert.is(slots[0]!.n, new Set([...gear.values()].flatMap(({ slot }) => slot ?? [])).size);
}

living.run();
