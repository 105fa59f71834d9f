// The page fights stored battles again by itself; what it finds is compared with what the house recorded.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commitmentOf, serverSeedBytes } from '../../rules/fairness.ts';
import { commitmentIn, fightAgain, type StoredBattle, tapeOf } from '../../web/src/replay-record.ts';

const stored: StoredBattle[] = [1, 2].flatMap((version) =>
  readFileSync(new URL(`../fixtures/battles-${version}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { moves, ...record } = JSON.parse(line);
      return { ...record, inputs: moves };
    }),
);

for (const record of stored) {
  const { battleId } = record.setup.definition;
  test(`${battleId} under version ${record.rulesVersion} ends in the page as it was recorded`, () => {
    const fought = fightAgain(record, tapeOf(record));
    assert.is(fought.end?.digest, record.outcome.digest);
    assert.is(fought.end?.outcome, record.outcome.outcome);
    assert.is(fought.ticks, record.outcome.ticks);
    assert.ok(fought.waves.length >= 1 && fought.waves.length <= record.setup.definition.waves.length);
  });
}

test('it tells what happened in order, each wave with the tick it came on', () => {
  const fought = fightAgain(stored[0]!, tapeOf(stored[0]!));
  const ticks = fought.happenings.map(({ tick }) => tick);
  assert.equal(
    ticks,
    ticks.toSorted((one, other) => one - other),
  );
  const waves = fought.happenings.flatMap((one) => ('wave' in one ? [one.tick] : []));
  assert.equal(waves, fought.waves);
  const dealt = fought.fighters.reduce((sum, { damage }) => sum + damage, 0);
  const struck = fought.happenings.flatMap((one) =>
    'event' in one && one.event.type === 'attack' && one.event.by === 'fighter' ? [one.event.damage] : [],
  );
  assert.ok(dealt > 0 && dealt <= struck.reduce((sum, damage) => sum + damage, 0));
});

test('a tape opened twice draws the same, from the first word', () => {
  const tape = tapeOf(stored[1]!);
  const [one, other] = [tape.open(), tape.open()];
  while (!one.done) one.step();
  while (!other.done) other.leap();
  assert.is(one.end().digest, other.end().digest);
});

test('the page computes the house’s promise', () => {
  const { serverSeed } = stored[0]!;
  assert.is(commitmentIn(serverSeed), commitmentOf(serverSeedBytes(serverSeed)));
});

test('a record that was changed ends otherwise, or is said to be no possible battle', () => {
  const [record] = stored as [StoredBattle];
  const other = { ...record, inputs: record.inputs.slice(0, -5) };
  assert.is.not(fightAgain(other, tapeOf(other)).end?.digest, record.outcome.digest);
  const seed = record.serverSeed.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const reseeded = { ...record, serverSeed: seed };
  assert.is.not(fightAgain(reseeded, tapeOf(reseeded)).end?.digest, record.outcome.digest);
});

test('moves that could not be made end the record where they stand', () => {
  const [record] = stored as [StoredBattle];
  const impossible = { ...record, inputs: [{ tick: 5, playerId: 'nobody', input: { kind: 'drop' } as const }, ...record.inputs] };
  assert.is(fightAgain(impossible, tapeOf(impossible)).end, null);
  const unknown = { ...record, rulesVersion: 99 };
  assert.is(fightAgain(unknown, tapeOf(unknown)).end, null);
});

test.run();
