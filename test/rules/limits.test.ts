import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Cap, LOOSER_AFTER_MS, changed, periodStart, settled } from '../../rules/limits.ts';

const limits = suite('rules/limits');

const NOON = new Date('2026-11-21T12:00:00Z');
const TOMORROW = new Date(NOON.getTime() + LOOSER_AFTER_MS);
const cap = (amount: bigint | null): Cap => ({ cap: amount, nextCap: null, nextAt: null });

for (const [from, wanted] of [
  [null, 500n],
  [500n, 400n],
  [500n, 0n],
  [500n, 500n],
] as const) {
  limits(`from ${from} to ${wanted} holds at once`, () => {
    assert.equal(changed(cap(from), wanted, NOON), cap(wanted));
  });
}

for (const [from, wanted] of [
  [500n, 501n],
  [500n, null],
  [0n, 1n],
] as const) {
  limits(`from ${from} to ${wanted} waits a day`, () => {
    const waiting = changed(cap(from), wanted, NOON);
    assert.equal(waiting, { cap: from, nextCap: wanted, nextAt: TOMORROW });
    assert.equal(settled(waiting, new Date(TOMORROW.getTime() - 1)), waiting);
    assert.equal(settled(waiting, TOMORROW), cap(wanted));
  });
}

limits('asking for what holds takes back a change that waits', () => {
  const waiting = changed(cap(500n), 900n, NOON);
  assert.equal(changed(waiting, 500n, NOON), cap(500n));
  assert.equal(changed(cap(null), null, NOON), cap(null));
});

limits('asking again for looser starts the day again, so that it cannot be saved up', () => {
  const later = new Date(NOON.getTime() + 3_600_000);
  assert.equal(changed(changed(cap(500n), 900n, NOON), 1_000n, later).nextAt, new Date(later.getTime() + LOOSER_AFTER_MS));
});

for (const [period, at, start] of [
  ['day', '2026-11-21T23:59:59.999Z', '2026-11-21'],
  ['week', '2026-11-22T23:59:59Z', '2026-11-16'],
  ['week', '2026-11-23T00:00:00Z', '2026-11-23'],
  ['week', '2027-01-01T00:00:00Z', '2026-12-28'],
  ['month', '2026-12-31T23:00:00Z', '2026-12-01'],
] as const) {
  limits(`the ${period} of ${at} starts on ${start}, UTC`, () => {
    assert.is(periodStart(period, new Date(at)).toISOString(), `${start}T00:00:00.000Z`);
  });
}

limits.run();
