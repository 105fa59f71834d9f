import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rollGear } from '../../rules/equipment.ts';
import { drawStream as houseStream } from '../../rules/fairness.ts';
import { hatch, hatchSetup, SPECIES_NAMES } from '../../rules/pets.ts';
import { replayRoulette, type RouletteMove } from '../../rules/roulette-replay.ts';
import { decideSpin, SPIN_TABLE } from '../../rules/spin.ts';
import { withGear } from '../../web/src/verify-gear.ts';
import { commitmentOf, drawStream, segmentOf, verify, type Proof } from '../../web/src/verify.ts';

const SEED = Array.from({ length: 32 }, (_, byte) => byte.toString(16).padStart(2, '0')).join('');
const COMMITMENT = '630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd';
const ODDS = { segments: SPIN_TABLE.segments, jackpotOdds: SPIN_TABLE.jackpot.odds };

test('the page computes the contract’s commitment', async () => {
  assert.is(await commitmentOf(SEED), COMMITMENT);
});

for (const { seeds, nonce, words, six, tenThousand } of [
  { seeds: ['ann', 'bob'], nonce: 0, words: '55388baa919447e9', six: 0, tenThousand: 9130 },
  { seeds: ['ann'], nonce: 7, words: '3bbc80a9', six: 1, tenThousand: 9449 },
  { seeds: [], nonce: 0, words: '84a7b244', six: 2, tenThousand: 2660 },
]) {
  test(`the page draws the contract’s vector for [${seeds.join(', ')}] nonce ${nonce}`, async () => {
    const stream = drawStream(SEED, seeds, nonce);
    assert.is((await stream.below(6)).value, six);
    assert.is(stream.blocks[0]!.slice(0, words.length), words);
    assert.is((await drawStream(SEED, seeds, nonce).below(10_000)).value, tenThousand);
  });
}

test('the page draws what the house draws, past the first block and where words are passed over', async () => {
  const page = drawStream(SEED, ['ann'], 3);
  const house = houseStream({ serverSeed: Buffer.from(SEED, 'hex'), clientSeeds: ['ann'], nonce: 3 });
  for (let draw = 0; draw < 200; draw++) {
    const limit = [6, 10_000, 1, 5_000, 3_000_000_000][draw % 5]!;
    assert.is((await page.below(limit)).value, house.below(limit), `draw ${draw}`);
  }
});

test('a spin is found true, and false where the house names another segment', async () => {
  const { segment, jackpotHit } = decideSpin(randomOf(['ann'], 7), 20n);
  const proof = proofOf({ game: 'spin', clientSeeds: ['ann'], nonce: 7, outcome: { segment, jackpotHit } });
  assert.is((await verify(proof, ODDS)).verdict, 'true');
  assert.is((await verify({ ...proof, outcome: { segment: segment + 1, jackpotHit } }, ODDS)).verdict, 'false');
  const recorded = { ...proof, setup: { segments: SPIN_TABLE.segments, jackpotOdds: SPIN_TABLE.jackpot.odds } };
  assert.is((await verify(recorded)).steps[1]!.agrees, true);
  assert.is((await verify({ ...proof, commitment: COMMITMENT.replace('6', '7') }, ODDS)).verdict, 'false');
});

test('a hatch is found true, by pity as well, and false where the house names another species', async () => {
  for (const [nonce, misses] of [
    [0, 0],
    [1, 3],
    [2, 9],
    [3, 12],
  ] as const) {
    const setup = hatchSetup('common', misses);
    const outcome = hatch(setup, randomOf(['ann'], nonce));
    const proof = proofOf({ game: 'egg', clientSeeds: ['ann'], nonce, setup: { ...setup }, outcome });
    const { verdict, steps } = await verify(proof);
    assert.is(verdict, 'true', JSON.stringify(steps));
    assert.is(steps.at(-1)!.agrees, true);
    const other = SPECIES_NAMES.find((species) => species !== outcome.species)!;
    assert.is((await verify({ ...proof, outcome: { ...outcome, species: other } })).verdict, 'false');
    assert.is((await verify({ ...proof, setup: { ...setup, weights: [] } })).verdict, 'false');
  }
});

test('every piece of a purchase is rolled again, and false where one figure was changed', async () => {
  for (const nonce of [0, 1, 2, 3]) {
    const setup = { rarity: 'rare' as const, level: 7 + nonce, quantity: 3 };
    const random = randomOf(['ann'], nonce);
    const gear = Array.from({ length: 3 }, () => rollGear(random, setup));
    const proof = proofOf({ game: 'gear', clientSeeds: ['ann'], nonce, setup, outcome: { gear } });
    const { verdict, steps } = await withGear(proof, await verify(proof));
    assert.is(verdict, 'true', JSON.stringify(steps));
    assert.is(steps.filter(({ agrees }) => agrees).length, 4);
    const better = gear.map((piece, index) =>
      index === 2 ? { ...piece, stats: { ...piece.stats, hp: piece.stats.hp + 1 } } : piece,
    );
    const wrong = { ...proof, outcome: { gear: better } };
    assert.is((await withGear(wrong, await verify(wrong))).verdict, 'false');
    const hidden = { ...proof, serverSeed: null };
    assert.is((await withGear(hidden, await verify(hidden))).verdict, 'hidden');
  }
});

test('a round whose seed is not shown yet is neither', async () => {
  assert.equal(await verify({ ...proofOf({ game: 'spin' }), serverSeed: null }, ODDS), { verdict: 'hidden', steps: [] });
});

test('every pull of a roulette round is followed to its winner', async () => {
  const seats = ['ann', 'bob', 'cem'];
  for (const nonce of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const moves = playedToTheEnd(seats, nonce);
    const { winner, firstTurn } = replayRoulette({ seats, stake: 10n, moves, random: randomOf(seats, nonce) });
    const proof = proofOf({
      game: 'roulette',
      clientSeeds: seats,
      nonce,
      setup: { seats },
      moves,
      outcome: { winner, firstTurn },
    });
    const { verdict, steps } = await verify(proof, null);
    assert.is(verdict, 'true', JSON.stringify(steps));
    assert.is(steps.filter(({ title }) => title.includes('pulls on')).length, moves.length);
    const wrong = await verify({ ...proof, outcome: { winner: seats.find((seat) => seat !== winner), firstTurn } }, null);
    assert.is(wrong.verdict, 'false');
  }
});

test('the segment is the one whose cumulative weight first exceeds the draw', () => {
  assert.is(segmentOf(ODDS, 0), 0);
  assert.is(segmentOf(ODDS, 6_566), 0);
  assert.is(segmentOf(ODDS, 6_567), 1);
  assert.is(segmentOf(ODDS, 9_999), 8);
});

test.run();

function randomOf(clientSeeds: string[], nonce: number) {
  return houseStream({ serverSeed: Buffer.from(SEED, 'hex'), clientSeeds, nonce });
}

function proofOf(fields: Partial<Proof> & { game: string }): Proof {
  return { commitment: COMMITMENT, serverSeed: SEED, clientSeeds: [], nonce: 0, ...fields };
}

/** Everybody pulls when it is their turn, by the rules' own replay. */
function playedToTheEnd(seats: string[], nonce: number): RouletteMove[] {
  const moves: RouletteMove[] = [];
  for (let pullNo = 1; pullNo < 40; pullNo++) {
    const { winner, firstTurn, shots } = replayRoulette({ seats, stake: 10n, moves, random: randomOf(seats, nonce) });
    if (winner !== null) return moves;
    moves.push({ type: 'pull', seatId: shots.at(-1)?.next ?? firstTurn, pullNo });
  }
  throw new Error('a round of three ends within 40 pulls');
}
