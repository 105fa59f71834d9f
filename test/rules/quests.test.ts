import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { derivedId } from '../../persistence/ids.ts';
import { addDays } from '../../rules/daily.ts';
import { periodOf, type Quest, QUEST_PERIODS, QUESTS, questFrom, questsOf } from '../../rules/quests.ts';
import { chanceOf } from '../support/torture.ts';

const quests = suite('rules/quests');

const playerOf = (number: number) => derivedId('player', String(number));
const idsOf = (list: readonly Quest[]) => list.map(({ questId }) => questId).toSorted();
const row = ({ questId: _id, ...data }: Quest): Record<string, unknown> =>
  JSON.parse(JSON.stringify(data, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value)));

quests('each is one row, and a row is read as what it was; one that is none is passed over', () => {
  assert.is(new Set(QUESTS.map(({ questId }) => questId)).size, QUESTS.length);
  for (const one of QUESTS) assert.equal(questFrom(one.questId, row(one)), one);
  const good = row(QUESTS[0]!);
  for (const wrong of [
    null,
    [],
    { ...good, period: 'hourly' },
    { ...good, counter: 'luck' },
    { ...good, threshold: 0 },
    { ...good, coins: 0, gems: 0, xp: 0 },
    { ...good, coins: '100001' },
    { ...good, name: 7 },
    { ...good, retired: true },
  ])
    assert.is(questFrom('x', wrong), null, JSON.stringify(wrong));
});

quests('three of a period, of three counters, the same whenever they are asked for, others for others', () => {
  for (const period of QUEST_PERIODS) {
    const seen = new Map<string, number>();
    for (let number = 0; number < 600; number++) {
      const asked = { playerId: playerOf(number), period, first: '2026-11-16', kept: [] };
      const three = questsOf(QUESTS, asked);
      assert.is(three.length, 3);
      assert.is(new Set(three.map(({ counter }) => counter)).size, 3);
      assert.ok(three.every((one) => one.period === period));
      assert.equal(idsOf(questsOf(QUESTS.toReversed(), asked)), idsOf(three));
      for (const { questId } of three) seen.set(questId, (seen.get(questId) ?? 0) + 1);
    }
    const all = QUESTS.filter((one) => one.period === period);
    const due = (600 * 3) / all.length;
    for (const { questId } of all)
      assert.ok(Math.abs((seen.get(questId) ?? 0) - due) < due / 3, `${questId} ${seen.get(questId)} of ${due}`);
  }
});

quests('a player meets every quest within a month, and days differ', () => {
  const met = new Set<string>();
  for (let day = 0; day < 30; day++)
    for (const { questId } of questsOf(QUESTS, {
      playerId: playerOf(1),
      period: 'daily',
      first: addDays('2026-11-01', day),
      kept: [],
    }))
      met.add(questId);
  assert.is(met.size, QUESTS.filter(({ period }) => period === 'daily').length);
});

quests('what is done stays one of the three, and the others stay what they were, in whatever order they are done', () => {
  for (let way = 0; way < 2_000; way++) {
    const chance = chanceOf(way);
    // Rows of an operator's own: few counters, so that one counter may come twice.
    const counters = ['rounds', 'xp', 'battles', 'trades'] as const;
    const all = Array.from({ length: 2 + chance(7) }, (_, index) => ({
      ...QUESTS[0]!,
      questId: `quest-${index}`,
      counter: counters[chance(1 + chance(4))]!,
    }));
    const asked = { playerId: playerOf(way), period: 'daily', first: '2026-11-21' } as const;
    const first = idsOf(questsOf(all, { ...asked, kept: [] }));
    assert.is(first.length, Math.min(3, all.length));
    const kept: string[] = [];
    while (kept.length < first.length) {
      const left = questsOf(all, { ...asked, kept });
      assert.equal([...idsOf(left), ...kept].toSorted(), first);
      kept.push(left[chance(left.length)]!.questId);
    }
    assert.equal(questsOf(all, { ...asked, kept }).length, 0);
  }
});

quests('a row that is gone or new takes no place of what is done', () => {
  const asked = { playerId: playerOf(5), period: 'daily', first: '2026-11-21' } as const;
  const [done] = questsOf(QUESTS, { ...asked, kept: [] });
  const without = QUESTS.filter(({ questId }) => questId !== done!.questId);
  assert.is(questsOf(without, { ...asked, kept: [done!.questId] }).length, 2);
  assert.equal(questsOf(QUESTS, { ...asked, kept: ['gone-1', 'gone-2', 'gone-3', 'gone-4'] }), []);
  assert.equal([periodOf('daily', '2026-11-21'), periodOf('weekly', '2026-11-21')], ['2026-11-21', '2026-11-16']);
});

quests.run();
