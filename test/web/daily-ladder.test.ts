import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkInXp } from '../../rules/daily.ts';
import { type Daily, ladderOf, percentOf } from '../../web/src/daily-ladder.ts';

const card = (streak: number, checkIn: Partial<Daily['checkIn']>): Daily => ({
  ...{ timeZone: 'UTC', day: '2026-11-21', streak, best: streak, keptUntil: null },
  checkIn: { xp: '26', streak: streak + 1, opensAt: null, ...checkIn },
  claim: { coins: '50', trades: '0', opensAt: null },
});
const states = (daily: Daily) => ladderOf(daily).map(({ day, state }) => `${day} ${state}`);

test('a row that has not begun shows its first week, today first', () => {
  assert.equal(states(card(0, {}))[0], '1 now');
  assert.is(ladderOf(card(0, {})).filter(({ state }) => state === 'to come').length, 6);
});

test('days that were had stay, and once today’s is had none is now', () => {
  const waits = card(3, { streak: 4, opensAt: '2026-11-22T00:00:00.000Z' });
  assert.equal(states(waits).slice(0, 4), ['1 had', '2 had', '3 had', '4 to come']);
});

test('the eighth day begins the next seven', () => {
  assert.is(states(card(7, { streak: 8 }))[0], '8 now');
  assert.is(states(card(7, { streak: 8, opensAt: '2026-11-22T00:00:00.000Z' }))[6], '7 had');
});

test('a row that broke begins anew', () => {
  assert.is(states(card(0, { streak: 1 }))[0], '1 now');
});

test('an event’s share is told by what is brought, and the other days follow it', () => {
  for (const percent of [100, 120, 150, 200])
    for (const streak of [1, 5, 9, 40]) {
      const xp = checkInXp(streak, percent);
      const told = percentOf({ xp: String(xp), streak, opensAt: null });
      assert.is(checkInXp(streak, told), xp);
    }
});

test.run();
