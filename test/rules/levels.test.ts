import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  LEVEL_MAX,
  XP_STEPS,
  XP_TOTALS,
  levelOf,
  pointsAtLevel,
  staminaGrown,
  staminaPoints,
  xpWithinLevel,
} from '../../rules/levels.ts';

const levels = suite('rules/levels');

levels('a level costs 15 % more than the one before, exactly', () => {
  assert.equal(XP_STEPS.slice(2, 8), [100n, 115n, 132n, 152n, 174n, 201n]);
  for (let level = 3; level <= LEVEL_MAX; level++) {
    const raised = BigInt(level - 2);
    assert.ok(XP_STEPS[level]! * 20n ** raised <= 100n * 23n ** raised, `level ${level} is not above`);
    assert.ok((XP_STEPS[level]! + 1n) * 20n ** raised > 100n * 23n ** raised, `level ${level} is not below`);
  }
});

levels('a level begins with the very XP that makes it', () => {
  for (let level = 2; level <= LEVEL_MAX; level++) {
    assert.is(levelOf(XP_TOTALS[level]! - 1n), level - 1);
    assert.is(levelOf(XP_TOTALS[level]!), level);
  }
  assert.is(levelOf(0n), 1);
  assert.is(levelOf(10n ** 30n), LEVEL_MAX);
});

levels('the last level asks for nothing more', () => {
  assert.equal(xpWithinLevel(120n), { level: 2, gained: 20n, needed: 115n });
  assert.is(xpWithinLevel(XP_TOTALS[LEVEL_MAX]! + 5n).needed, null);
});

levels('three points come with a level and five more with every tenth', () => {
  assert.equal([1, 2, 9, 10, 11, 30, 60, 100].map(pointsAtLevel), [0, 3, 24, 32, 35, 102, 207, 347]);
});

levels('stamina grows by a tenth of its maximum each 10 s and keeps what is left over', () => {
  const spent = { tenths: 0, max: 104, atMs: 1_000 };
  assert.equal(staminaGrown(spent, 10_999), spent);
  assert.equal(staminaGrown(spent, 11_500), { tenths: 104, max: 104, atMs: 11_000 });
  let read = spent;
  for (let nowMs = 1_700; nowMs <= 61_000; nowMs += 700) read = staminaGrown(read, nowMs);
  assert.equal(staminaGrown(read, 61_000), staminaGrown(spent, 61_000));
  assert.is(staminaPoints(staminaGrown(spent, 61_000)), 62);
});

levels('stamina stops at its maximum and saves no time up there', () => {
  const full = staminaGrown({ tenths: 1_000, max: 104, atMs: 0 }, 500_000);
  assert.equal(full, { tenths: 1_040, max: 104, atMs: 500_000 });
  assert.equal(staminaGrown(full, 400_000), full);
});

levels.run();
