// Who comes into a fight that is on, who leaves it, and what each has of its reward.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openReplay } from '../../rules/battle-replay.ts';
import { hasFought } from '../../rules/battle-rewards.ts';
import { BATTLE_RULES_VERSION, REVIVE_WINDOW_TICKS, WAVE_PAUSE_TICKS, enemyHpAt, staminaAt } from '../../rules/battle-figures.ts';
import type { BattleDefinition, BattleReward } from '../../rules/battle-types.ts';
import {
  createBattle,
  joinBattle,
  leaveBattle,
  queueInput,
  seatConnected,
  startBattle,
  type Battle,
} from '../../rules/battle.ts';
import { Refusal } from '../../rules/refusal.ts';
import { MILL, act, ask, even, fought, frail, lobby, member, mighty, run, runUntilFallen, snapshot } from '../support/battle.ts';

const party = suite('rules/battle-party');

const OPEN: BattleDefinition = { ...MILL, lateJoin: true };
const mightyAs = (playerId: string) => ({ ...mighty, playerId, name: playerId });

const coded = (code: string) => (error: unknown) => error instanceof Refusal && error.code === code;

/** Ends whatever stands, by whoever is named. */
function clear(made: Battle, playerId: string): void {
  while (made.view.phase === 'fighting' && made.foes.length === 0) run(made, 1);
  while (made.foes.length > 0) {
    ask(made, playerId, act(made.foes[0]!.enemyId));
    run(made, 20);
  }
}
const rewardOf = ({ rewards }: Battle, playerId: string): BattleReward | undefined =>
  rewards.find((reward) => reward.playerId === playerId);

party('who comes late is let in by the next step, fights, and meets waves made for one more', () => {
  const made = fought([member('ann')], OPEN);
  joinBattle(made, mightyAs('bob'));
  assert.not(made.view.fighters.has('bob'), 'the step lets them in');
  const [event] = run(made, 1);
  assert.is(event, undefined);
  assert.is(made.taken.at(-1)?.input.kind, 'join');
  assert.is(made.view.leader, 'ann');
  clear(made, 'bob');
  run(made, WAVE_PAUSE_TICKS);
  assert.is(made.view.enemies.get('e3')!.hpMax, enemyHpAt(5) * 2);
});

party('an enemy may strike who came late, once they have hurt it most', () => {
  const made = fought([member('ann')], OPEN);
  joinBattle(made, member('bob'));
  run(made, 1);
  ask(made, 'bob', act('e1'));
  const [first] = run(made, 40).filter((event) => event.type === 'attack' && event.from === 'e1');
  assert.is(first?.type === 'attack' && first.to, 'bob');
});

party('while all are down one who comes late saves the day', () => {
  const made = fought([frail('ann')], OPEN);
  runUntilFallen(made, 'ann');
  run(made, REVIVE_WINDOW_TICKS - 5);
  joinBattle(made, mightyAs('bob'));
  run(made, 20);
  clear(made, 'bob');
  clear(made, 'bob');
  assert.is(made.view.phase, 'won');
});

party('a place that its player left is free again, up to twice over', () => {
  const made = fought([member('ann'), member('bob'), member('cid')], OPEN);
  assert.throws(() => joinBattle(made, member('dan')), coded('room_full'));
  for (const [gone, next] of [
    ['bob', 'dan'],
    ['dan', 'eve'],
    ['eve', 'fay'],
  ] as const) {
    leaveBattle(made, gone);
    run(made, 1);
    joinBattle(made, member(next));
    run(made, 1);
  }
  leaveBattle(made, 'fay');
  run(made, 1);
  assert.throws(() => joinBattle(made, member('gus')), coded('room_full'));
});

party('who drops or leaves before the step that lets them in is taken for that', () => {
  const made = fought([member('ann')], OPEN);
  joinBattle(made, member('bob'));
  seatConnected(made, 'bob', false);
  joinBattle(made, member('cid'));
  leaveBattle(made, 'cid');
  run(made, 1);
  assert.not(made.view.fighters.get('bob')!.connected);
  assert.ok(made.view.fighters.get('cid')!.fallen && made.combatants.get('cid')!.left);
  assert.equal(
    made.taken.slice(-4).map(({ input }) => input.kind),
    ['join', 'drop', 'join', 'leave'],
  );
});

const REFUSALS: [code: string, when: string, made: () => Battle, move: (made: Battle) => unknown][] = [
  ['round_open', 'where the battle takes nobody', () => fought([member('ann')]), (made) => joinBattle(made, member('bob'))],
  ['already_seated', 'who is in', () => fought([member('ann')], OPEN), (made) => joinBattle(made, member('ann'))],
  ['already_seated', 'who left', left, (made) => joinBattle(made, member('bob'))],
  ['already_seated', 'who is on the way', coming, (made) => joinBattle(made, member('bob'))],
  ['room_full', 'one too many on the way', coming, (made) => joinBattle(made, member('cid'))],
  ['level_short', 'too low', () => fought([member('ann')], OPEN), (made) => joinBattle(made, member('bob', { level: 2 }))],
  ['not_ready', 'acting before the step', coming, (made) => queueInput(made, 'bob', act())],
  [
    'not_ready',
    'in the name of another',
    () => fought([member('ann')], OPEN),
    (made) => queueInput(made, 'eve', { kind: 'join', member: member('bob') }),
  ],
];

function left(): Battle {
  const made = fought([member('ann'), member('bob')], OPEN);
  leaveBattle(made, 'bob');
  run(made, 1);
  return made;
}
function coming(): Battle {
  const made = fought([member('ann')], { ...OPEN, partyMax: 2 });
  joinBattle(made, member('bob'));
  return made;
}

for (const [code, when, make, move] of REFUSALS) {
  party(`coming late, ${when}, is refused ${code} and leaves the battle untouched`, () => {
    const made = make();
    const before = snapshot(made);
    assert.throws(() => move(made), coded(code));
    assert.equal(snapshot(made), before);
  });
}

const WAVES = 2;
const FLOOR = (100 * (1 + WAVES)) / 2;

party('a floor is for who began and stayed, down or not; late work is paid as work', () => {
  const made = fought([frail('idle'), mighty], OPEN);
  runUntilFallen(made, 'idle');
  clear(made, 'ann');
  joinBattle(made, mightyAs('late'));
  run(made, WAVE_PAUSE_TICKS);
  clear(made, 'late');
  assert.is(made.view.phase, 'won');
  const byWork = (100 * 2 + 200 * 3) / 2;
  const worked = [...made.combatants.values()].reduce((sum, { shown }) => sum + shown.damage, 0);
  const part = (playerId: string) => Math.floor((byWork * made.view.fighters.get(playerId)!.damage) / worked);
  assert.equal(
    made.rewards.map(({ playerId, coins }) => [playerId, coins]),
    [
      ['idle', FLOOR],
      ['ann', FLOOR + part('ann')],
      ['late', part('late')],
    ],
  );
  assert.ok(part('ann') > 0 && part('late') > 0);
});

party('who leaves takes no floor with them and leaves none behind: the others have what they would have had', () => {
  const both = fought([mighty, member('bob')]);
  clear(both, 'ann');
  clear(both, 'ann');
  const deserted = fought([mighty, member('bob')]);
  clear(deserted, 'ann');
  leaveBattle(deserted, 'bob');
  run(deserted, 1);
  clear(deserted, 'ann');
  assert.is(rewardOf(deserted, 'bob'), undefined);
  // The second wave was made for one, so its work is worth one part and not two.
  assert.is(rewardOf(both, 'ann')!.coins, FLOOR + 300);
  assert.is(rewardOf(deserted, 'ann')!.coins, FLOOR + (100 * 2 + 200) / 2);
});

party('under version 1 a wave is as strong as those who began, whoever has left', () => {
  for (const [version, times] of [
    [1, 2],
    [BATTLE_RULES_VERSION, 1],
  ] as const) {
    const made = createBattle(MILL, undefined, version);
    for (const who of [mighty, member('bob')]) joinBattle(made, who);
    startBattle(made, null);
    run(made, WAVE_PAUSE_TICKS);
    leaveBattle(made, 'bob');
    run(made, 1);
    clear(made, 'ann');
    run(made, WAVE_PAUSE_TICKS);
    assert.is(made.view.enemies.get('e3')!.hpMax, enemyHpAt(5) * times);
  }
});

party('who comes tired has what stamina they have, and the record says so', () => {
  const made = lobby([member('ann', { staminaNow: 30 })]);
  const shown = made.view.fighters.get('ann')!;
  startBattle(made, null);
  assert.equal([shown.stamina, shown.staminaMax, made.party[0]!.staminaNow], [30, 100, 30]);
  run(made, 40);
  assert.is(staminaAt(shown, made.tick), 50);
});

party('a battle was fought by who began and stayed, and by who came late and did something', () => {
  const made = fought([mighty, mightyAs('gone')], { ...OPEN, partyMax: 8 });
  for (const playerId of ['idle', 'striker', 'drinker']) joinBattle(made, mightyAs(playerId));
  run(made, 1);
  ask(made, 'striker', act(made.foes[0]!.enemyId, 'quick'));
  ask(made, 'drinker', { kind: 'potion', hpPercent: 10, staminaPercent: 0 });
  leaveBattle(made, 'gone');
  run(made, 1);
  const counted = [...made.combatants.values()].filter(hasFought).map(({ playerId }) => playerId);
  assert.equal(counted, ['ann', 'striker', 'drinker']);
});

party('a record is watched step by step, and ends as it did', () => {
  const made = fought([mighty], OPEN);
  joinBattle(made, mightyAs('bob'));
  run(made, 1);
  clear(made, 'bob');
  clear(made, 'ann');
  const { definition, party: members, taken: inputs, version } = made;
  const replay = openReplay({ definition, party: members, inputs, random: even, version });
  const kinds: string[] = [];
  for (let tick = 1; !replay.done; tick++) {
    for (const { type } of replay.step()) kinds.push(type);
    assert.is(replay.tick, tick);
  }
  assert.equal(kinds.filter((kind) => kind !== 'attack').slice(-2), ['wave_cleared', 'finished']);
  assert.equal(replay.end().rewards, made.rewards);
  assert.equal([replay.battle.view.phase, replay.step(), replay.leap()], ['won', [], []]);
});

party.run();
