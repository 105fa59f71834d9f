import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { REVIVES_MAX } from '../../rules/battle-figures.ts';
import type { BattleInput } from '../../rules/battle-types.ts';
import { joinBattle, leaveBattle, queueInput, seatConnected, startBattle, type Battle } from '../../rules/battle.ts';
import { Refusal } from '../../rules/refusal.ts';
import { MILL, act, ask, fought, frail, lobby, member, run, runUntilFallen, snapshot } from '../support/battle.ts';

const refusals = suite('rules/battle refuses');

const fallen = (): Battle => {
  const made = fought([frail('ann'), member('bob')]);
  runUntilFallen(made, 'ann');
  return made;
};
const lost = (): Battle => {
  const made = fought([frail('ann', { bot: true })]);
  runUntilFallen(made, 'ann');
  return made;
};
const tired = (): Battle => {
  const made = fought([member('ann', { stats: { attack: 1, defence: 1_000, hp: 100, stamina: 90 } })]);
  ask(made, 'ann', act('e1', 'ultimate'));
  run(made, 10);
  ask(made, 'ann', act('e1', 'critical'));
  run(made, 10);
  return made;
};
const revivedOut = (): Battle => {
  const made = fallen();
  made.combatants.get('ann')!.revives = REVIVES_MAX;
  return made;
};
const asked = (input: BattleInput): Battle => {
  const made = input.kind === 'revive' ? fallen() : fought([member('ann')]);
  queueInput(made, 'ann', input);
  return made;
};
const potion: BattleInput = { kind: 'potion', hpPercent: 10, staminaPercent: 0 };
const gone = (): Battle => {
  const made = fought([member('ann'), member('bob')]);
  leaveBattle(made, 'ann');
  run(made, 1);
  return made;
};

const REFUSALS: [code: string, when: string, made: () => Battle, move: (made: Battle) => unknown][] = [
  ['round_over', 'joining after the end', lost, (made) => joinBattle(made, member('cid'))],
  ['already_seated', 'joining twice', () => lobby([member('ann')]), (made) => joinBattle(made, member('ann'))],
  ['round_open', 'joining a fight', () => fought([member('ann')]), (made) => joinBattle(made, member('cid'))],
  [
    'room_full',
    'a fourth joins three',
    () => lobby(['a', 'b', 'c'].map((id) => member(id))),
    (made) => joinBattle(made, member('d')),
  ],
  ['level_short', 'joining too early', () => lobby([]), (made) => joinBattle(made, member('ann', { level: 2 }))],
  ['not_seated', 'a stranger leaves', () => lobby([member('ann')]), (made) => leaveBattle(made, 'eve')],
  ['not_seated', 'a stranger drops', () => lobby([member('ann')]), (made) => seatConnected(made, 'eve', false)],
  ['not_seated', 'a stranger starts', () => lobby([member('ann')]), (made) => startBattle(made, 'eve')],
  ['not_leader', 'another starts', () => lobby([member('ann'), member('bob')]), (made) => startBattle(made, 'bob')],
  ['round_open', 'starting twice', () => fought([member('ann')]), (made) => startBattle(made, 'ann')],
  ['round_over', 'starting again', lost, (made) => startBattle(made, 'ann')],
  ['not_ready', 'too few start', () => lobby([member('ann')], { ...MILL, partyMin: 2 }), (made) => startBattle(made, 'ann')],
  ['not_seated', 'a stranger acts', () => fought([member('ann')]), (made) => queueInput(made, 'eve', act())],
  ['not_seated', 'acting after leaving', gone, (made) => queueInput(made, 'ann', act())],
  ['not_ready', 'acting in the lobby', () => lobby([member('ann')]), (made) => queueInput(made, 'ann', act())],
  ['round_over', 'acting after the end', lost, (made) => queueInput(made, 'ann', act())],
  ['fallen', 'acting when down', fallen, (made) => queueInput(made, 'ann', act())],
  ['fallen', 'drinking when down', fallen, (made) => queueInput(made, 'ann', potion)],
  ['target_unknown', 'no such enemy', () => fought([member('ann')]), (made) => queueInput(made, 'ann', act('e9'))],
  ['target_unknown', 'a fighter as target', () => fought([member('ann')]), (made) => queueInput(made, 'ann', act('ann'))],
  ['action_cooling', 'two actions at once', () => asked(act()), (made) => queueInput(made, 'ann', act('e2', 'quick'))],
  ['action_cooling', 'the same action too soon', tired, (made) => queueInput(made, 'ann', act('e1', 'critical'))],
  ['stamina_short', 'more than is left', tired, (made) => queueInput(made, 'ann', act('e1', 'power'))],
  ['action_cooling', 'two potions at once', () => asked(potion), (made) => queueInput(made, 'ann', potion)],
  ['not_fallen', 'reviving the standing', () => fought([member('ann')]), (made) => queueInput(made, 'ann', { kind: 'revive' })],
  ['not_fallen', 'reviving twice', () => asked({ kind: 'revive' }), (made) => queueInput(made, 'ann', { kind: 'revive' })],
  ['limit_reached', 'a fourth revival', revivedOut, (made) => queueInput(made, 'ann', { kind: 'revive' })],
];

for (const [code, when, make, move] of REFUSALS) {
  refusals(`${when} is refused ${code} and leaves the battle untouched`, () => {
    const made = make();
    const before = snapshot(made);
    assert.throws(
      () => move(made),
      (error: unknown) => error instanceof Refusal && error.code === code,
    );
    assert.equal(snapshot(made), before);
  });
}

refusals.run();
