import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { evidenceRight, phaseOf, planFaults, pointsOf, type Prize, ranksReached, type SeasonPlan } from '../../rules/season.ts';

const seasons = suite('rules/season');
const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const rank = (rankId: string, threshold: bigint, prizes: readonly Prize[] = []) => ({ rankId, name: rankId, threshold, prizes });
const item = (itemId: string) => ({ itemId, name: itemId, points: 5n, quantityMax: 10, automatic: false });
const plan = (more: Partial<SeasonPlan> = {}): SeasonPlan => ({
  name: 'Winter',
  startsAt: at(1),
  endsAt: at(31),
  items: [item('ore'), item('herb')],
  ranks: [rank('gold', 100n), rank('bronze', 10n)],
  ...more,
});

seasons('points are the item’s value times the quantity', () => {
  assert.is(pointsOf({ points: 7n }, 12), 84n);
  assert.is(pointsOf({ points: 1_000_000n }, 10_000), 10_000_000_000n);
});

seasons('a rank is reached with its very threshold, and the lower ones with it', () => {
  const { ranks } = plan();
  const reached = (points: bigint) => ranksReached(ranks, points).map(({ rankId }) => rankId);
  assert.equal([reached(9n), reached(10n), reached(99n), reached(100n)], [[], ['bronze'], ['bronze'], ['bronze', 'gold']]);
});

seasons('past its end a season that is on is in review; an ended one is ended whenever', () => {
  assert.is(phaseOf({ state: 'current', endsAt: at(31) }, at(30)), 'running');
  assert.is(phaseOf({ state: 'current', endsAt: at(31) }, at(31)), 'review');
  assert.is(phaseOf({ state: 'ended', endsAt: at(31) }, at(2)), 'ended');
  assert.is(phaseOf({ state: 'scheduled', endsAt: at(31) }, at(40)), 'scheduled');
});

seasons('a plan nobody could keep is named', () => {
  const prizes: Prize[] = [
    { kind: 'currency', currency: 'KES', amount: 5n },
    { kind: 'currency', currency: 'COINS', amount: 0n },
    { kind: 'item', item: 'unobtainium', quantity: 1 },
  ];
  const cases: [Partial<SeasonPlan>, RegExp][] = [
    [{ endsAt: at(1) }, /after startsAt/],
    [{ endsAt: at(500) }, /400 days/],
    [{ items: [item('ore'), item('ore')] }, /items: one of them/],
    [{ ranks: [rank('a', 1n), rank('a', 2n)] }, /ranks: one of them/],
    [{ ranks: [rank('a', 1n), rank('b', 1n)] }, /same points/],
    ...prizes.map((prize): [Partial<SeasonPlan>, RegExp] => [{ ranks: [rank('a', 1n, [prize])] }, /nobody can give/]),
  ];
  assert.equal(planFaults(plan()), []);
  for (const [more, words] of cases) assert.match(planFaults(plan(more)).join(), words);
  const good: Prize[] = [
    { kind: 'currency', currency: 'COINS', amount: 5n },
    { kind: 'item', item: 'potion_minor', quantity: 3 },
    { kind: 'discord_role', roleId: '123', name: 'Hero' },
  ];
  assert.equal(planFaults(plan({ ranks: [rank('a', 1n, good)] })), []);
});

seasons('evidence is an https link to a name, and nothing that hides what it is', () => {
  for (const link of ['https://example.com/a.png', 'https://i.imgur.com/x?y=1#z', 'https://cdn.discordapp.com:8443/a'])
    assert.ok(evidenceRight(link), link);
  for (const link of [
    'http://example.com/a.png',
    'ftp://example.com',
    'javascript:alert(1)',
    'https://user:pass@example.com/',
    'https://localhost/a',
    'https://127.0.0.1/a',
    'https://[::1]/a',
    'https://2130706433/',
    'https://example.com/a b',
    'https://exаmple.com/', // a Cyrillic letter
    ' https://example.com',
    `https://example.com/${'a'.repeat(500)}`,
    'https://',
    '',
  ])
    assert.not.ok(evidenceRight(link), link);
});

seasons.run();
