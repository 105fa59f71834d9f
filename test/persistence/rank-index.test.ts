import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lowestId, orderOf, RankIndex, type RankKey, rankKey, SCORE_MAX } from '../../persistence/rank-index.ts';
import { chanceOf } from '../support/torture.ts';

const ranks = suite('persistence/rank-index');

type Chance = (n: number) => number;

/** From so few different ones that many are the same. */
const tiedKey = (chance: Chance): RankKey => ({
  score: chance(9) - 3,
  ms: 1_700_000_000_000 + chance(3),
  high: chance(2),
  low: 0xffff_fffe + chance(2),
});

/** From all there can be: scores that need more than 32 bits beside each other, and those that do not. */
const anyKey = (chance: Chance): RankKey => ({
  score: chance(3) === 0 ? chance(1_000) : (chance(2 ** 31) - 2 ** 30) * 2 ** chance(23),
  ms: chance(2 ** 31) * 2 ** chance(17),
  high: chance(2 ** 31) * 2 + chance(2),
  low: chance(2 ** 31) * 2 + chance(2),
});

/** The same keys in a plain array, always sorted. */
function plain() {
  const keys: RankKey[] = [];
  const before = (key: RankKey) => keys.findIndex((other) => orderOf(other, key) >= 0);
  return {
    keys,
    before: (key: RankKey) => (before(key) < 0 ? keys.length : before(key)),
    same: (key: RankKey) => keys.filter((other) => orderOf(other, key) === 0).length,
    insert(key: RankKey) {
      keys.splice(this.before(key), 0, key);
    },
    remove(key: RankKey): boolean {
      const at = keys.findIndex((other) => orderOf(other, key) === 0);
      if (at >= 0) keys.splice(at, 1);
      return at >= 0;
    },
  };
}

function assertSame(index: RankIndex, sorted: ReturnType<typeof plain>): void {
  assert.is(index.size, sorted.keys.length);
  for (const [position, key] of sorted.keys.entries()) {
    assert.equal(index.at(position), key);
    assert.is(index.before(key), sorted.before(key));
    assert.is(index.same(key), sorted.same(key));
  }
  assert.is(index.at(-1), null);
  assert.is(index.at(sorted.keys.length), null);
}

for (const [what, keyOf] of Object.entries({ 'many the same': tiedKey, 'of any size': anyKey })) {
  ranks(`what is put in, taken out and moved stays in the order of a plain sort: keys ${what}`, () => {
    for (const [seed, chunk] of [4, 5, 7, 16, 33].entries()) {
      const chance = chanceOf(seed + 1);
      const [index, sorted] = [new RankIndex(chunk), plain()];
      for (const wanted of [60, 400, 30, 200, 0, 100]) {
        while (sorted.keys.length !== wanted) {
          const grows = sorted.keys.length < wanted;
          const key = keyOf(chance);
          if (chance(10) < (grows ? 7 : 3)) {
            index.insert(key);
            sorted.insert(key);
          } else {
            const known = sorted.keys[chance(sorted.keys.length + 1)] ?? key;
            assert.is(index.remove(known), sorted.remove(known));
          }
          const asked = keyOf(chance);
          assert.is(index.before(asked), sorted.before(asked));
        }
        assertSame(index, sorted);
      }
    }
  });

  ranks(`filled in order it is the same index, and goes on as one: keys ${what}`, () => {
    const chance = chanceOf(7);
    for (const chunk of [4, 9, 64])
      for (const count of [0, 1, chunk, 10 * chunk + 1]) {
        const keys = Array.from({ length: count }, () => keyOf(chance)).toSorted(orderOf);
        const [index, sorted] = [new RankIndex(chunk), plain()];
        for (const key of keys) {
          index.append(key);
          sorted.keys.push(key);
        }
        assertSame(index, sorted);
        for (let change = 0; change < 3 * chunk; change++) {
          const key = keyOf(chance);
          index.insert(key);
          sorted.insert(key);
          const other = sorted.keys[chance(sorted.keys.length)]!;
          assert.is(index.remove(other), sorted.remove(other));
        }
        assertSame(index, sorted);
      }
  });
}

ranks('what is not there is not taken out', () => {
  const index = new RankIndex(4);
  const key = { score: 5, ms: 1, high: 1, low: 1 };
  assert.not(index.remove(key));
  index.insert(key);
  for (const other of [
    { ...key, score: 6 },
    { ...key, score: 4 },
    { ...key, ms: 2 },
    { ...key, low: 2 },
  ])
    assert.not(index.remove(other), JSON.stringify(other));
  assert.is(index.size, 1);
  assert.ok(index.remove(key));
  assert.is(index.size, 0);
  assert.is(index.before(key), 0);
});

ranks('always at the top, always at the end and always in one place: it stays in order', () => {
  for (const scoreOf of [(n: number) => n, (n: number) => -n, () => 0]) {
    const [index, sorted] = [new RankIndex(8), plain()];
    for (let n = 0; n < 300; n++) {
      const key = { score: scoreOf(n) * 2 ** 30, ms: n, high: 0, low: 0 };
      index.insert(key);
      sorted.insert(key);
    }
    assertSame(index, sorted);
    while (sorted.keys.length > 0) {
      const key = sorted.keys[sorted.keys.length >> 1]!;
      assert.ok(index.remove(key));
      sorted.remove(key);
    }
    assert.is(index.size, 0);
  }
});

ranks('no more than 24 bytes a player all in: filled in order, after a million moves, and grown one by one', () => {
  const chance = chanceOf(3);
  const players = 200_000;
  const keyOf = (): RankKey => ({
    score: chance(1_000_000),
    ms: 1_700_000_000_000 + chance(2 ** 31),
    high: chance(2 ** 31),
    low: chance(2 ** 31),
  });
  const keys = Array.from({ length: players }, keyOf).toSorted(orderOf);
  const index = new RankIndex();
  const bytes: Record<string, number> = {};
  for (const key of keys) index.append(key);
  bytes.filled = index.bytes / index.size;
  for (let move = 0; move < 1_000_000; move++) {
    const at = chance(keys.length);
    assert.ok(index.remove(keys[at]!));
    // Most rise a little, as scores do; some begin anew.
    const fresh = keyOf();
    keys[at] = chance(4) === 0 ? fresh : { ...fresh, score: keys[at]!.score + chance(100) };
    index.insert(keys[at]!);
  }
  bytes.moved = index.bytes / index.size;
  const one = new RankIndex();
  for (const key of keys) one.insert(key);
  bytes.grown = one.bytes / one.size;
  for (const [what, each] of Object.entries(bytes)) assert.ok(each <= 24, `${what}: ${each}`);
  const sorted = keys.toSorted(orderOf);
  for (let position = 0; position < players; position += 997) {
    assert.equal(index.at(position), sorted[position]);
    assert.is(one.before(sorted[position]!), position);
  }
});

ranks('keys out of order, scores that are not exact and times that are none are refused', () => {
  const index = new RankIndex();
  const key = { score: 5, ms: 1, high: 1, low: 1 };
  index.append(key);
  assert.throws(() => index.append({ ...key, score: 6 }), /out of order/);
  for (const wrong of [
    { score: 2 ** 53 },
    { score: 0.5 },
    { score: Number.NaN },
    { score: -SCORE_MAX - 1 },
    { ms: -1 },
    { ms: 2 ** 48 },
  ]) {
    assert.throws(() => index.insert({ ...key, ...wrong }), RangeError, JSON.stringify(wrong));
    assert.throws(() => index.append({ ...key, ...wrong }), RangeError);
  }
  assert.throws(() => rankKey(2n ** 60n, 1, 'f0e1d2c3-b4a5-7697-8879-6a5b4c3d2e1f'), RangeError);
  assert.throws(() => new RankIndex(3), RangeError);
  assert.is(index.size, 1);
});

ranks('the key of a row holds the half of the player’s id by which ids are in order', () => {
  const id = 'f0e1d2c3-b4a5-7697-8879-6a5b4c3d2e1f';
  assert.equal(rankKey(-7n, 12, id), { score: -7, ms: 12, high: 0xf0e1d2c3, low: 0xb4a57697 });
  assert.is(lowestId(rankKey('3', 1, id)), 'f0e1d2c3-b4a5-7697-0000-000000000000');
  assert.is(lowestId({ score: 0, ms: 0, high: 0, low: 1 }), '00000000-0000-0001-0000-000000000000');
});

ranks.run();
