import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { periodKey } from '../../rules/boards.ts';
import { beside, dayOfKey, firstOf, periodName, spanName } from '../../web/src/boards.ts';

const DAY_MS = 86_400_000;
const days = Array.from({ length: 800 }, (_, index) => new Date(Date.UTC(2025, 11, 1) + index * DAY_MS));
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

test('every period’s key leads back to its first day, over the ends of years', () => {
  for (const at of days)
    for (const period of ['daily', 'weekly', 'monthly'] as const) {
      const first = firstOf(period, dayOf(at));
      assert.is(dayOfKey(periodKey(period, at)), first);
      assert.is(periodKey(period, new Date(`${first}T00:00:00Z`)), periodKey(period, at));
    }
});

test('one period on and one back is where it was', () => {
  for (const at of days)
    for (const period of ['daily', 'weekly', 'monthly'] as const) {
      const first = firstOf(period, dayOf(at));
      assert.is(beside(period, beside(period, first, 1), -1), first);
      assert.is(beside(period, beside(period, first, -1), 1), first);
      assert.ok(beside(period, first, -1) < first && beside(period, first, 1) > first);
    }
});

test('periods have names, and a key that names none is all of time', () => {
  assert.is(spanName('daily', '2026-11-21'), '21 November');
  assert.is(spanName('weekly', '2026-11-21'), 'Week from 16 November');
  assert.is(periodName('m2026-11'), 'November 2026');
  assert.is(periodName('w2026-W47'), 'Week from 16 November');
  assert.is(periodName('all'), 'All time');
  assert.is(dayOfKey('x'), null);
});

test.run();
