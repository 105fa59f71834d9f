// What operators may write as a battle, and what is none.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BATTLES, battleFrom } from '../../rules/battle-content.ts';

const content = suite('rules/battle-content');
const [camp] = BATTLES;
const { battleId, ...row } = camp!;
const [wave] = row.waves;

content('every battle of the house is one as a row', () => {
  for (const { battleId: id, ...data } of BATTLES) {
    const read = JSON.parse(JSON.stringify(data)) as unknown;
    assert.equal(battleFrom(id, read), { battleId: id, ...data }, id);
  }
});

content('a battle goes by the id of its row', () => {
  assert.is(battleFrom('mine', { ...row, battleId: 'other' })!.battleId, 'mine');
  assert.is(battleFrom('Not a slug', row), null);
});

const faults: [what: string, data: unknown][] = [
  ['nothing', null],
  ['a text', 'goblins'],
  ['no name', { ...row, name: '' }],
  ['level 0', { ...row, levelRequired: 0 }],
  ['a level that is no number', { ...row, levelRequired: 'ten' }],
  ['nobody', { ...row, partyMin: 0 }],
  ['fewer at most than at least', { ...row, partyMin: 3, partyMax: 2 }],
  ['a crowd', { ...row, partyMax: 11 }],
  ['a blow missing for a size', { ...row, blowPerMille: row.blowPerMille.slice(1) }],
  ['a blow of nothing', { ...row, blowPerMille: [0, 1, 1, 1] }],
  ['half a life', { ...row, hpPerMille: 0.5 }],
  ['an unknown difficulty', { ...row, difficulty: 'toString' }],
  ['no waves', { ...row, waves: [] }],
  ['waves that are none', { ...row, waves: 3 }],
  ['an empty wave', { ...row, waves: [{ ...wave, count: 0 }] }],
  ['an unknown kind', { ...row, waves: [{ ...wave, kinds: ['rat'] }] }],
  ['no kinds', { ...row, waves: [{ ...wave, kinds: [] }] }],
  ['an unknown boss', { ...row, boss: true, waves: [{ ...wave, boss: 'rat_king' }] }],
  ['a boss that is not said', { ...row, waves: [{ ...wave, boss: 'lich' }] }],
  ['a boss that is not there', { ...row, boss: true }],
  ['an unknown deed', { ...row, stages: [['dance']] }],
  ['too many stages', { ...row, stages: [[], [], [], []] }],
  ['late in words', { ...row, lateJoin: 'yes' }],
];
for (const [what, data] of faults)
  content(`${what} is no battle`, () => {
    assert.is(battleFrom(battleId, data), null);
  });

content.run();
