import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { POINT, standardPoints } from '../../rules/battle-figures.ts';
import { LEVEL_MAX, pointsAtLevel, XP_MAX, XP_TOTALS } from '../../rules/levels.ts';
import { Refusal } from '../../rules/refusal.ts';
import { allocate, POINTS_MAX, respec, spentPoints, type Stats, staminaUpTo } from '../../rules/stats.ts';

const stats = suite('rules/stats');

const fresh: Stats = { statPoints: 10, attack: 10, defence: 10, health: 100, staminaMax: 100 };
const none = { attack: 0, defence: 0, hp: 0, stamina: 0 };

const refusal = (work: () => unknown): string => {
  try {
    work();
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
};

stats('a point adds what the battle figures say', () => {
  const after = allocate(fresh, { attack: 1, defence: 2, hp: 3, stamina: 4 });
  assert.equal(after, {
    statPoints: 0,
    attack: 10 + POINT.attack,
    defence: 10 + 2 * POINT.defence,
    health: 100 + 3 * POINT.hp,
    staminaMax: 100 + 4 * POINT.stamina,
  });
  assert.equal(spentPoints(after), { attack: 1, defence: 2, hp: 3, stamina: 4 });
});

stats('more than is free is refused, however it is split, and nothing changes', () => {
  const before = { ...fresh };
  for (const points of [
    { ...none, attack: 11 },
    { attack: 3, defence: 3, hp: 3, stamina: 2 },
    { ...none, stamina: POINTS_MAX },
  ])
    assert.is(
      refusal(() => allocate(fresh, points)),
      'points_short',
    );
  assert.equal(fresh, before);
});

stats('every point comes back, and none where none was spent', () => {
  const all = { ...fresh, statPoints: pointsAtLevel(LEVEL_MAX) };
  const spent = allocate(all, standardPoints(all.statPoints));
  assert.is(spent.statPoints, 0);
  assert.equal(respec(spent), all);
  assert.is(
    refusal(() => respec(all)),
    'points_unspent',
  );
});

stats('a stat that no number of points makes is a bug, not a gift', () => {
  assert.throws(() => respec({ ...fresh, attack: 11 }), RangeError);
  assert.throws(() => respec({ ...fresh, health: 99 }), RangeError);
});

stats('stamina above a lower maximum is gone; under a higher one it stays as it is', () => {
  const full = { tenths: 1_200, max: 120, atMs: 5 };
  assert.equal(staminaUpTo(full, 100), { tenths: 1_000, max: 100, atMs: 5 });
  assert.equal(staminaUpTo(full, 130), { tenths: 1_200, max: 130, atMs: 5 });
});

stats('the most XP there can be is past the last level and far from what int8 holds', () => {
  assert.ok(XP_MAX > XP_TOTALS[LEVEL_MAX]! * 1_000n && XP_MAX < 2n ** 62n);
});

stats.run();
