import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { commitmentOf, drawStream, isClientSeed, randomOf, serverSeedBytes, serverSeedHex } from '../../rules/fairness.ts';

const fairness = suite('rules/fairness');

const SERVER_SEED = Uint8Array.from({ length: 32 }, (_, index) => index);
const words = (...given: number[]) => {
  let taken = 0;
  const next = () => {
    const word = given[taken++];
    if (word === undefined) throw new RangeError('no word left');
    return word;
  };
  return { next, taken: () => taken };
};

fairness('the commitment is the SHA-256 of the seed’s bytes', () => {
  assert.is(commitmentOf(SERVER_SEED), '630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd');
});

const VECTORS = [
  { clientSeeds: ['ann', 'bob'], nonce: 0, firstWord: 0x55388baa, six: 0, tenThousand: 9130 },
  { clientSeeds: ['ann'], nonce: 7, firstWord: 0x3bbc80a9, six: 1, tenThousand: 9449 },
  { clientSeeds: [], nonce: 0, firstWord: 0x84a7b244, six: 2, tenThousand: 2660 },
];
for (const { clientSeeds, nonce, firstWord, six, tenThousand } of VECTORS) {
  fairness(`client seeds [${clientSeeds.join(', ')}] and nonce ${nonce} draw as published`, () => {
    const seeds = { serverSeed: SERVER_SEED, clientSeeds, nonce };
    assert.is(drawStream(seeds).below(2 ** 32), firstWord);
    assert.is(drawStream(seeds).below(6), six);
    assert.is(drawStream(seeds).below(10_000), tenThousand);
    assert.is(drawStream({ ...seeds, nonce: BigInt(nonce) }).below(2 ** 32), firstWord);
  });
}

fairness('the second word of a block is the second draw', () => {
  const random = drawStream({ serverSeed: SERVER_SEED, clientSeeds: ['ann', 'bob'], nonce: 0 });
  assert.equal([random.below(2 ** 32), random.below(2 ** 32)], [0x55388baa, 0x919447e9]);
});

fairness('blocks follow one another in one stream of words', () => {
  const random = drawStream({ serverSeed: SERVER_SEED, clientSeeds: ['ann'], nonce: 3 });
  const drawn = Array.from({ length: 40 }, () => random.below(2 ** 32));
  const expected = [0, 1, 2, 3, 4].flatMap((block) => {
    const bytes = createHmac('sha256', SERVER_SEED).update(`ann:3:${block}`).digest();
    return Array.from({ length: 8 }, (_, word) => bytes.readUInt32BE(word * 4));
  });
  assert.equal(drawn, expected);
});

fairness('a word at or past the last whole multiple is passed over, the word before it is taken', () => {
  const limit = 10_000;
  const whole = Math.floor(2 ** 32 / limit) * limit;
  const source = words(whole, 2 ** 32 - 1, whole - 1);
  assert.is(randomOf(source.next).below(limit), limit - 1);
  assert.is(source.taken(), 3);
});

fairness('a limit that divides 2^32 passes over no word', () => {
  for (const limit of [2, 256, 2 ** 31, 2 ** 32]) {
    const source = words(2 ** 32 - 1);
    assert.is(randomOf(source.next).below(limit), limit - 1);
  }
});

fairness('a limit just past a half of 2^32 passes over nearly half the words', () => {
  const source = words(2 ** 31 + 1, 2 ** 31);
  assert.is(randomOf(source.next).below(2 ** 31 + 1), 2 ** 31);
  assert.is(source.taken(), 2);
});

fairness('below(1) takes a word too', () => {
  const source = words(77, 5);
  const random = randomOf(source.next);
  assert.is(random.below(1), 0);
  assert.is(random.below(6), 5);
});

fairness('a limit outside 1 … 2^32 is a bug and throws', () => {
  for (const limit of [0, -1, 1.5, NaN, Infinity, 2 ** 32 + 1])
    assert.throws(() => randomOf(words(1).next).below(limit), /below/);
});

fairness('each remainder comes up equally often', () => {
  for (const limit of [3, 6, 7, 100]) {
    const random = drawStream({ serverSeed: SERVER_SEED, clientSeeds: ['chi', 'square'], nonce: limit });
    const draws = 60_000;
    const counts = Array.from({ length: limit }, () => 0);
    for (let draw = 0; draw < draws; draw++) counts[random.below(limit)]! += 1;
    const mean = draws / limit;
    const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    // Mean limit − 1, variance 2(limit − 1); the seeds are fixed, so this never varies.
    assert.ok(chiSquare < limit - 1 + 4 * Math.sqrt(2 * (limit - 1)), `limit ${limit}: ${chiSquare}`);
  }
});

fairness('a seed changed after the stream was made changes no draw', () => {
  const seed = Uint8Array.from(SERVER_SEED);
  const random = drawStream({ serverSeed: seed, clientSeeds: ['ann'], nonce: 7 });
  seed.fill(0);
  assert.is(random.below(10_000), 9449);
});

fairness('a client seed is 1–64 characters of A–Z a–z 0–9 - _', () => {
  for (const seed of ['a', 'Zz09-_', 'x'.repeat(64), '0198f0c2-0000-7000-8000-000000000001']) assert.ok(isClientSeed(seed), seed);
  for (const seed of ['', 'x'.repeat(65), 'a:b', 'a b', 'é', 'a\n', '\u0000'])
    assert.not.ok(isClientSeed(seed), JSON.stringify(seed));
});

fairness('a server seed is 32 bytes, written as 64 lower-case hex digits', () => {
  const hex = serverSeedHex(SERVER_SEED);
  assert.is(hex, '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
  assert.equal(Uint8Array.from(serverSeedBytes(hex)), SERVER_SEED);
  for (const wrong of ['', hex.slice(2), hex.toUpperCase(), `${hex}00`]) assert.throws(() => serverSeedBytes(wrong), /64/);
  assert.throws(() => commitmentOf(new Uint8Array(31)), /32 bytes/);
  assert.throws(() => drawStream({ serverSeed: new Uint8Array(33), clientSeeds: [], nonce: 0 }), /32 bytes/);
});

fairness.run();
