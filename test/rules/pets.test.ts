import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fighterStats, standardPoints } from '../../rules/battle-figures.ts';
import { pointsAtLevel } from '../../rules/levels.ts';
import {
  EGG_KINDS,
  feed,
  FOOD_NAMES,
  FOODS,
  hatch,
  hatchSetup,
  isRare,
  missesAfter,
  oddsWithPity,
  PET_LEVEL_LIMIT,
  PET_LEVEL_MAX,
  PET_SETS,
  PET_XP_STEPS,
  petBonus,
  petBonuses,
  PITY_AFTER,
  SPECIES,
  SPECIES_NAMES,
  totalOf,
  weightsOf,
} from '../../rules/pets.ts';
import { scripted } from '../../rules/random.ts';
import { compare, minus, ONE, plus, ratio, sum, times, ZERO } from '../../rules/ratio.ts';

const pets = suite('rules/pets');

const INT8_MAX = 9_223_372_036_854_775_807n;

pets('a common egg has the weights of the rules, of 100', () => {
  const weights = Object.fromEntries(weightsOf('common'));
  assert.is(totalOf(weightsOf('common')), 100);
  assert.equal(weights, {
    ...{ wolf: 15, bear: 15, fox: 15, tiger: 12, lion: 12, eagle: 10, serpent: 8, dragon: 3 },
    ...{ phoenix: 2, griffin: 2, unicorn: 2, pegasus: 2, hydra: 1, cerberus: 1 },
  });
});

pets('a dearer egg is better in everything rare, and nothing is rarer than its rarity says', () => {
  const chance = (kind: (typeof EGG_KINDS)[number]) => {
    const weights = weightsOf(kind);
    return ratio(BigInt(totalOf(weights.filter(([species]) => isRare(species)))), BigInt(totalOf(weights)));
  };
  assert.equal(EGG_KINDS, ['common', 'rare', 'epic']);
  assert.ok(compare(chance('common'), chance('rare')) < 0 && compare(chance('rare'), chance('epic')) < 0);
  for (const [species] of weightsOf('epic')) assert.is.not(SPECIES[species].rarity, 'common');
});

pets('every draw names the species on whose share it falls', () => {
  for (const kind of EGG_KINDS)
    for (const misses of [0, PITY_AFTER]) {
      const setup = hatchSetup(kind, misses);
      const seen = new Map<string, number>();
      for (let draw = 0; draw < totalOf(setup.weights); draw++) {
        const { species, rarity, pity } = hatch(setup, scripted(draw));
        assert.equal([rarity, pity], [SPECIES[species].rarity, misses === PITY_AFTER]);
        seen.set(species, (seen.get(species) ?? 0) + 1);
      }
      assert.equal([...seen], setup.weights);
    }
});

pets('after nine hatches without a rare pet the next is rare or better, from any egg', () => {
  for (const kind of EGG_KINDS) {
    assert.ok(hatchSetup(kind, PITY_AFTER - 1).weights.some(([species]) => !isRare(species)));
    assert.ok(hatchSetup(kind, PITY_AFTER).weights.every(([species]) => isRare(species)));
    assert.ok(hatchSetup(kind, PITY_AFTER + 5).weights.every(([species]) => isRare(species)));
  }
  assert.equal(
    [missesAfter(3, 'wolf'), missesAfter(3, 'eagle'), missesAfter(9, 'serpent'), missesAfter(3, 'hydra')],
    [4, 4, 0, 0],
  );
});

pets('the odds with pity are those of the chain of misses, exactly', () => {
  for (const kind of EGG_KINDS) {
    const weights = weightsOf(kind);
    const total = BigInt(totalOf(weights));
    const chance = ratio(BigInt(totalOf(weights.filter(([species]) => isRare(species)))), total);
    // How often each number of misses is met: each time fewer by the chance of a rare one.
    let share = ONE;
    const shares = [share];
    while (shares.length <= PITY_AFTER) shares.push((share = times(share, minus(ONE, chance))));
    const all = sum(shares);
    const rareTotal = times(chance, ratio(total));
    for (const [species, odds] of oddsWithPity(kind)) {
      const weight = ratio(BigInt(weights.find(([name]) => name === species)![1]));
      const ordinary = times(sum(shares.slice(0, PITY_AFTER)), weight, ratio(1n, total));
      const due = isRare(species) ? times(shares[PITY_AFTER]!, weight, ratio(rareTotal.under, rareTotal.over)) : ZERO;
      const expected = plus(ordinary, due);
      assert.is(compare(times(odds, all), expected), 0, `${kind} ${species}`);
    }
    assert.is(compare(sum(oddsWithPity(kind).map(([, odds]) => odds)), ONE), 0);
  }
});

pets('a level takes half as much XP again as the one before, exactly, and the last fits int8', () => {
  assert.equal(PET_XP_STEPS.slice(1, 7), [100n, 150n, 225n, 337n, 506n, 759n]);
  for (let level = 1; level <= PET_LEVEL_LIMIT; level++) {
    const raised = BigInt(level - 1);
    assert.ok(PET_XP_STEPS[level]! * 2n ** raised <= 100n * 3n ** raised);
    assert.ok((PET_XP_STEPS[level]! + 1n) * 2n ** raised > 100n * 3n ** raised);
  }
  assert.ok(PET_XP_STEPS[PET_LEVEL_LIMIT]! <= INT8_MAX);
  assert.ok((100n * 3n ** BigInt(PET_LEVEL_LIMIT)) / 2n ** BigInt(PET_LEVEL_LIMIT) > INT8_MAX, 'one level more would not fit');
});

pets('food feeds what it says, over as many levels as it reaches', () => {
  const meal = { food: 'snack', quantity: 9, levelMax: PET_LEVEL_MAX } as const;
  assert.equal(feed({ level: 1, xp: 0n }, meal), { level: 1, xp: 90n, eaten: 9 });
  assert.equal(feed({ level: 1, xp: 0n }, { ...meal, quantity: 10 }), { level: 2, xp: 0n, eaten: 10 });
  assert.equal(feed({ level: 1, xp: 50n }, { ...meal, food: 'banquet', quantity: 1 }), { level: 5, xp: 238n, eaten: 1 });
  for (const food of FOOD_NAMES) assert.ok(FOODS[food].priceCoins > 0n && FOODS[food].xp > 0n);
});

pets('what is fed bit by bit is what is fed at once', () => {
  let bit = { level: 1, xp: 0n };
  for (let bites = 1; bites <= 400; bites++) {
    const { level, xp } = feed(bit, { food: 'meal', quantity: 1, levelMax: PET_LEVEL_MAX });
    bit = { level, xp };
    const whole = feed({ level: 1, xp: 0n }, { food: 'meal', quantity: bites, levelMax: PET_LEVEL_MAX });
    assert.equal(bit, { level: whole.level, xp: whole.xp });
  }
});

pets('at the highest level it eats no more; up to it, what is needed and not one bite over', () => {
  const near = { level: 39, xp: PET_XP_STEPS[39]! - 25n };
  const offer = { food: 'snack', quantity: 1_000, levelMax: 40 } as const;
  assert.equal(feed(near, offer), { level: 40, xp: 0n, eaten: 3 });
  assert.equal(feed({ level: 40, xp: 0n }, offer), { level: 40, xp: 0n, eaten: 0 });
  assert.equal(feed({ level: 45, xp: 7n }, offer), { level: 45, xp: 7n, eaten: 0 }, 'a cap set lower takes nothing away');
  assert.equal(feed({ level: 40, xp: 0n }, { ...offer, levelMax: 41 }), { level: 40, xp: 10_000n, eaten: 1_000 });
});

pets('no number of banquets leaves int8, at the highest cap there may be', () => {
  let pet = { level: 96, xp: PET_XP_STEPS[96]! - 1n };
  for (let times = 0; times < 50; times++) {
    const { level, xp } = feed(pet, { food: 'banquet', quantity: 1_000, levelMax: PET_LEVEL_LIMIT });
    pet = { level, xp };
    assert.ok(xp <= INT8_MAX);
  }
  assert.equal(pet, { level: PET_LEVEL_LIMIT, xp: 0n });
});

pets('a pet adds whole points, never fewer at a higher level, and by the set it stands in', () => {
  for (const species of SPECIES_NAMES)
    for (const set of PET_SETS) {
      let before = petBonus({ species, level: 1, set });
      for (let level = 1; level <= PET_LEVEL_LIMIT; level++) {
        const bonus = petBonus({ species, level, set });
        for (const stat of ['attack', 'defence', 'hp', 'stamina'] as const)
          assert.ok(Number.isInteger(bonus[stat]) && bonus[stat] >= before[stat]);
        before = bonus;
      }
      const { attack, defence, hp } = petBonus({ species, level: 1, set });
      assert.ok(set === 'attack' ? attack > 0 && defence + hp === 0 : attack === 0 && defence > 0 && hp > 0);
    }
  assert.equal(petBonus({ species: 'cerberus', level: 1, set: 'attack' }).attack, 4);
  assert.equal(petBonus({ species: 'cerberus', level: 40, set: 'attack' }).attack, 19);
});

pets('both sets full of the best, all grown as high as their player, add less than two fifths of what the player has', () => {
  for (const level of [20, 40]) {
    const own = fighterStats(level, standardPoints(pointsAtLevel(level)));
    const best = (species: 'cerberus' | 'hydra', set: 'attack' | 'defence') =>
      Array.from({ length: 3 }, () => ({ species, level, set }));
    const added = petBonuses([...best('cerberus', 'attack'), ...best('hydra', 'defence')]);
    for (const stat of ['attack', 'defence', 'hp'] as const)
      assert.ok(added[stat] * 5 < own[stat] * 2, `${stat} at level ${level}: ${added[stat]} beside ${own[stat]}`);
  }
});

pets.run();
