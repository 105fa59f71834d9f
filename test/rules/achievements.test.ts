import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Achievement, achievementFrom, ACHIEVEMENTS, TIERS } from '../../rules/achievements.ts';
import { reachedBy, together } from '../../rules/counters.ts';

const achievements = suite('rules/achievements');

const row = ({ achievementId: _id, ...data }: Achievement) =>
  JSON.parse(JSON.stringify(data, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value))) as Record<
    string,
    unknown
  >;

achievements('each is one row, and a row is read as what it was', () => {
  assert.is(new Set(ACHIEVEMENTS.map(({ achievementId }) => achievementId)).size, ACHIEVEMENTS.length);
  for (const one of ACHIEVEMENTS) {
    assert.equal(achievementFrom(one.achievementId, row(one)), one);
    assert.match(one.achievementId, /^[a-z\d-]{1,64}$/);
    assert.ok(one.ap >= 10n && one.ap <= 5_000n, one.achievementId);
  }
});

achievements('the house’s own go up with their thresholds, from bronze to diamond', () => {
  assert.equal([...new Set(ACHIEVEMENTS.map(({ tier }) => tier))].toSorted(), [...TIERS].toSorted());
  for (const steps of Map.groupBy(ACHIEVEMENTS, ({ counter, measure }) => `${counter} ${measure}`).values())
    for (const [index, step] of steps.slice(1).entries()) {
      assert.ok(step.threshold > steps[index]!.threshold, step.achievementId);
      assert.ok(TIERS.indexOf(step.tier) > TIERS.indexOf(steps[index]!.tier), step.achievementId);
    }
  const days = ACHIEVEMENTS.filter(({ counter }) => counter === 'streak_days').map(({ threshold }) => threshold);
  const trades = ACHIEVEMENTS.filter(({ counter }) => counter === 'trades').map(({ threshold }) => threshold);
  assert.equal(
    [days, trades],
    [
      [7n, 30n, 90n, 365n],
      [10n, 100n, 1_000n, 10_000n],
    ],
  );
});

achievements('a row that is none is passed over, whatever an operator wrote', () => {
  const good: Record<string, unknown> = { ...row(ACHIEVEMENTS[0]!), threshold: 5 };
  assert.is(achievementFrom('x', good)!.threshold, 5n);
  const { measure: _measure, ...plain } = good;
  assert.is(achievementFrom('x', plain)!.measure, 'sum');
  const wrong: unknown[] = [
    null,
    7,
    'text',
    [],
    {},
    { ...good, retired: true },
    { ...good, name: '' },
    { ...good, counter: 'toString' },
  ];
  for (const threshold of [0, -1, 1.5, '1e3', '', null, 1e300, '9'.repeat(19)]) wrong.push({ ...good, threshold });
  for (const ap of [9, 5_001, '-10', null, undefined]) wrong.push({ ...good, ap });
  for (const other of [{ tier: 'wood' }, { measure: 'max' }, { gems: -1 }, { xp: 'much' }]) wrong.push({ ...good, ...other });
  for (const data of wrong) assert.is(achievementFrom('x', data), null, JSON.stringify(data));
});

achievements('a goal is reached by what crosses it: once for what adds up, by each large one for the best', () => {
  const growth = (before: bigint, sum: bigint, best: bigint) => {
    const added = { sum, count: 1n, best };
    return { added, now: together({ sum: before, count: 4n, best: 0n }, added) };
  };
  const sum = { measure: 'sum', threshold: 10n } as const;
  assert.equal(
    [
      growth(9n, 1n, 1n),
      growth(9n, 500n, 1n),
      growth(9n, 0n, 0n),
      growth(10n, 1n, 1n),
      growth(12n, -1n, 0n),
      growth(12n, -5n, 0n),
    ].map((one) => reachedBy(one, sum)),
    [true, true, false, false, false, false],
  );
  assert.is(reachedBy(growth(0n, 1n, 1n), { measure: 'count', threshold: 5n }), true);
  assert.is(reachedBy(growth(0n, 1n, 1n), { measure: 'count', threshold: 4n }), false);
  assert.is(reachedBy(growth(900n, 9n, 9n), { measure: 'best', threshold: 10n }), false);
  assert.is(reachedBy(growth(0n, 10n, 10n), { measure: 'best', threshold: 10n }), true);
});

achievements.run();
