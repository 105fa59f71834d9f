import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { drawStream } from '../../rules/fairness.ts';
import {
  EGG_KINDS,
  type EggKind,
  hatch,
  hatchSetup,
  isRare,
  missesAfter,
  oddsWithPity,
  PITY_AFTER,
  type Species,
  weightsOf,
} from '../../rules/pets.ts';
import { approximately } from '../../rules/ratio.ts';

const pets = suite('simulation/pets');

const HATCHES = 100_000;
const SERVER_SEED = createHash('sha256').update('simulation/pets').digest();

type Counts = Map<Species, number>;

/** As one player's hatches under one seed, misses carried from each to the next. */
function hatched(kind: EggKind) {
  const ordinary: Counts = new Map();
  const due: Counts = new Map();
  let misses = 0;
  let longest = 0;
  for (let nonce = 0; nonce < HATCHES; nonce++) {
    const setup = hatchSetup(kind, misses);
    const { species, pity } = hatch(setup, drawStream({ serverSeed: SERVER_SEED, clientSeeds: [kind], nonce }));
    const counts = pity ? due : ordinary;
    counts.set(species, (counts.get(species) ?? 0) + 1);
    misses = missesAfter(misses, species);
    longest = Math.max(longest, misses);
  }
  return { ordinary, due, longest };
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

/** Pearson's statistic, and what it stays below in 999 of 1,000 (Wilson and Hilferty). */
function chiSquare(counts: Counts, weights: readonly (readonly [Species, number])[]) {
  const hatches = sumOf(counts.values());
  const total = sumOf(weights.map(([, weight]) => weight));
  const parts = weights.map(([species, weight]) => {
    const expected = (hatches * weight) / total;
    return ((counts.get(species) ?? 0) - expected) ** 2 / expected;
  });
  const freedom = weights.length - 1;
  const spread = 2 / (9 * freedom);
  return { statistic: sumOf(parts), most: freedom * (1 - spread + 3.09 * Math.sqrt(spread)) ** 3 };
}

for (const kind of EGG_KINDS) {
  const { ordinary, due, longest } = hatched(kind);

  pets(`${HATCHES} ${kind} eggs hatch by their weights, and by the rare ones' where pity is due`, () => {
    const plain = chiSquare(ordinary, weightsOf(kind));
    assert.ok(plain.statistic < plain.most, `χ² ${plain.statistic}, at most ${plain.most}`);
    const rare = weightsOf(kind).filter(([species]) => isRare(species));
    assert.ok([...due.keys()].every(isRare));
    // Of the best eggs it is due so seldom that there is little to test.
    if (sumOf(due.values()) < 500) return;
    const pity = chiSquare(due, rare);
    assert.ok(pity.statistic < pity.most, `χ² with pity ${pity.statistic}, at most ${pity.most}`);
  });

  pets(`of ${kind} eggs each species is the part that is published, pity counted`, () => {
    assert.ok(longest <= PITY_AFTER, `${longest} misses in a row`);
    const expected = oddsWithPity(kind).map(([species, odds]) => [species, approximately(odds) * HATCHES] as const);
    const together: Counts = new Map(
      expected.map(([species]) => [species, (ordinary.get(species) ?? 0) + (due.get(species) ?? 0)]),
    );
    assert.is(sumOf(together.values()), HATCHES);
    // Pity makes the counts steadier than chance alone, so the bound of independent draws holds for them.
    const { statistic, most } = chiSquare(together, expected);
    assert.ok(statistic < most, `χ² ${statistic}, at most ${most}`);
  });
}

pets('a hatch drawn again from its setup and seeds is the same', () => {
  for (let nonce = 0; nonce < 2_000; nonce++) {
    const kind = EGG_KINDS[nonce % EGG_KINDS.length]!;
    const setup = hatchSetup(kind, nonce % (PITY_AFTER + 2));
    const draw = () => drawStream({ serverSeed: SERVER_SEED, clientSeeds: ['ann'], nonce });
    const kept = JSON.parse(JSON.stringify(setup)) as typeof setup;
    assert.equal(hatch(kept, draw()), hatch(setup, draw()));
  }
});

pets.run();
