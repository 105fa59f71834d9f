import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fighterStats, standardPoints } from '../../rules/battle-figures.ts';
import { GEAR, gearSale, ROLL_RANGES, rollGear, SLOTS } from '../../rules/equipment.ts';
import { refuseOverfull, STACK_MAX } from '../../rules/inventory.ts';
import { ITEM_RARITIES, ITEMS } from '../../rules/items.ts';
import { LEVEL_MAX, pointsAtLevel } from '../../rules/levels.ts';
import { type Random, scripted } from '../../rules/random.ts';
import { Refusal } from '../../rules/refusal.ts';

const STATS = ['attack', 'defence', 'hp', 'stamina'] as const;
const gear = suite('rules/equipment');

gear('each of the eight slots has its kinds, each kind half of one stat in all, and no name is an item’s', () => {
  assert.equal([...new Set(GEAR.map(({ slot }) => slot))], [...SLOTS]);
  assert.is(new Set([...GEAR, ...ITEMS].map(({ itemId }) => itemId)).size, GEAR.length + ITEMS.length);
  for (const { itemId, shares } of GEAR)
    assert.is(
      STATS.reduce((sum, stat) => sum + shares[stat], 0),
      50,
      itemId,
    );
});

gear('a roll takes five draws, in order: kind, attack, defence, HP, stamina', () => {
  const limits: number[] = [];
  const random: Random = {
    below(limit) {
      limits.push(limit);
      return 0;
    },
  };
  assert.is(rollGear(random, { rarity: 'epic', level: 30 }).itemId, 'sword');
  assert.equal(limits, [GEAR.length, 16, 16, 16, 16]);
});

gear('what is drawn is what a standard fighter of its level has, so many in 200 of it, by the kind’s share', () => {
  const level = 60;
  const own = fighterStats(level, standardPoints(pointsAtLevel(level)));
  const kind = GEAR.findIndex(({ itemId }) => itemId === 'iron_helm');
  const rolled = rollGear(scripted(kind, 15, 3, 7, 0), { rarity: 'legendary', level });
  const stats = {
    attack: 0,
    defence: Math.floor((own.defence * 38 * 25) / 20_000),
    hp: Math.floor((own.hp * 42 * 25) / 20_000),
    stamina: 0,
  };
  assert.equal(rolled, { itemId: 'iron_helm', rarity: 'legendary', level, stats });
});

gear('of one level each rarity’s least is no worse than the best of the one below', () => {
  for (const level of [1, 10, 30, 60, LEVEL_MAX])
    for (const [index, kind] of GEAR.entries())
      ITEM_RARITIES.slice(1).forEach((rarity, nth) => {
        const [least, most] = ROLL_RANGES[ITEM_RARITIES[nth]!];
        const best = rollGear(scripted(index, ...Array<number>(4).fill(most - least)), { rarity: ITEM_RARITIES[nth]!, level });
        const worst = rollGear(scripted(index, 0, 0, 0, 0), { rarity, level });
        for (const stat of STATS) assert.ok(worst.stats[stat] >= best.stats[stat], `${kind.itemId} ${rarity} ${level} ${stat}`);
      });
});

/** Of a set of eight, each of its slot's first kind and as good as can be. */
const best = (level: number, stat: (typeof STATS)[number]): number =>
  SLOTS.map((slot) => GEAR.findIndex((kind) => kind.slot === slot))
    .map((kind) => rollGear(scripted(kind, 15, 15, 15, 15), { rarity: 'legendary', level }).stats[stat])
    .reduce((sum, more) => sum + more, 0);

gear('the best set there is makes a fighter of its level a quarter stronger, and no more', () => {
  for (const level of [10, 30, 60, LEVEL_MAX]) {
    const own = fighterStats(level, standardPoints(pointsAtLevel(level)));
    for (const stat of STATS) {
      const percent = (best(level, stat) * 100) / own[stat];
      assert.ok(percent > 15 && percent <= 25.5, `${level} ${stat} ${percent}`);
    }
  }
});

gear('a level that is none is a bug', () => {
  for (const level of [0, 101, 1.5, Number.NaN]) assert.throws(() => rollGear(scripted(0), { rarity: 'common', level }), /level/);
});

gear('better gear fetches more, and a level never less', () => {
  for (const [nth, rarity] of ITEM_RARITIES.entries()) {
    assert.ok(gearSale({ rarity, level: 1 }) > 0n);
    assert.ok(gearSale({ rarity, level: 50 }) > gearSale({ rarity, level: 49 }));
    if (nth > 0) assert.ok(gearSale({ rarity, level: 9 }) > gearSale({ rarity: ITEM_RARITIES[nth - 1]!, level: 9 }));
  }
});

const stack = (item: string, quantity: number) => ({ item, quantity, gear: null });
const sword = { item: 'sword', quantity: 1, gear: rollGear(scripted(0, 0, 0, 0, 0), { rarity: 'common', level: 1 }) };
const fits = (held: { gear: number; stacks: [string, number][] }, ...things: Parameters<typeof refuseOverfull>[1]): boolean => {
  try {
    refuseOverfull({ gear: held.gear, stacks: new Map(held.stacks) }, things);
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'inventory_full') return false;
    throw error;
  }
};

gear('a hundred places: each piece takes one, each kind of stack one however high it grows, to its limit', () => {
  assert.ok(fits({ gear: 99, stacks: [] }, sword));
  assert.not(fits({ gear: 99, stacks: [] }, sword, sword));
  assert.not(fits({ gear: 99, stacks: [] }, sword, stack('a', 1)));
  assert.not(fits({ gear: 99, stacks: [['a', 1]] }, stack('b', 1)));
  assert.ok(fits({ gear: 99, stacks: [['a', 1]] }, stack('a', STACK_MAX - 1)));
  assert.not(fits({ gear: 99, stacks: [['a', 1]] }, stack('a', STACK_MAX)));
  assert.not(fits({ gear: 0, stacks: [] }, stack('a', STACK_MAX), stack('a', 1)));
  assert.ok(fits({ gear: 0, stacks: [['a', STACK_MAX + 5]] }, stack('b', 1)), 'what is over already stays');
});

gear.run();
