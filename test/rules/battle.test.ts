import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ACTIONS,
  BATTLE_TICKS_MAX,
  HP_IN_BATTLE,
  REVIVE_WINDOW_TICKS,
  STRIKE_TICKS,
  WAVE_PAUSE_TICKS,
  staminaAt,
} from '../../rules/battle-figures.ts';
import type { BattleDefinition } from '../../rules/battle-types.ts';
import { checkInput, leaveBattle, queueInput, seatConnected, startBattle, stepBattle } from '../../rules/battle.ts';
import { LAIR, MILL, act, ask, fought, frail, lobby, member, mighty, noChance, run, runUntilFallen } from '../support/battle.ts';

const battle = suite('rules/battle');

battle('the first player to join leads, and the next when they go', () => {
  const made = lobby([member('bot-1', { bot: true }), member('ann'), member('bob')]);
  assert.is(made.view.leader, 'ann');
  leaveBattle(made, 'ann');
  assert.is(made.view.leader, 'bob');
  leaveBattle(made, 'bob');
  assert.is(made.view.leader, '');
  assert.equal([...made.view.fighters.keys()], ['bot-1']);
});

battle('a battle counts five HP for each of the profile', () => {
  const { hp, hpMax } = lobby([member('ann')]).view.fighters.get('ann')!;
  assert.equal([hp, hpMax], [100 * HP_IN_BATTLE, 100 * HP_IN_BATTLE]);
});

battle('no tick passes in the lobby, and the first wave comes after the pause', () => {
  const made = lobby([member('ann')]);
  run(made, 500, noChance);
  assert.is(made.tick, 0);
  startBattle(made, 'ann');
  run(made, WAVE_PAUSE_TICKS - 1, noChance);
  assert.is(made.view.enemies.size, 0);
  run(made, 1);
  assert.is(made.view.wave, 1);
  assert.equal([...made.view.enemies.keys()], ['e1', 'e2']);
});

battle('a larger party meets enemies of as many times the HP', () => {
  const alone = fought([member('ann')]).view.enemies.get('e1')!.hpMax;
  assert.is(fought([member('ann'), member('bob')]).view.enemies.get('e1')!.hpMax, alone * 2);
});

battle('a blow takes HP, stamina and time, and is told', () => {
  const made = fought([member('ann')]);
  const { tick, readyTick, coolTick } = queueInput(made, 'ann', act());
  assert.equal([tick, readyTick, coolTick], [made.tick + 1, made.tick + 11, made.tick + 21]);
  const [event] = run(made, 1);
  const { hp, hpMax } = made.view.enemies.get('e1')!;
  const { damage, stamina } = made.view.fighters.get('ann')!;
  assert.is(damage, hpMax - hp);
  assert.is(stamina, 100 - ACTIONS.normal.stamina);
  assert.equal(event, {
    type: 'attack',
    by: 'fighter',
    from: 'ann',
    to: 'e1',
    action: 'normal',
    damage,
    critical: false,
    fatal: false,
  });
});

battle('a blow counts no more damage than was left to deal', () => {
  const made = fought([mighty]);
  ask(made, 'ann', act());
  assert.is(made.view.fighters.get('ann')!.damage, made.view.enemies.get('e1')!.hpMax);
});

battle('stamina grows as announced and keeps every part of a point', () => {
  const made = fought([member('ann')]);
  const shown = made.view.fighters.get('ann')!;
  ask(made, 'ann', act('e1', 'ultimate'));
  const spentAt = made.tick;
  run(made, 13);
  ask(made, 'ann', act('e2', 'quick'));
  run(made, 7);
  assert.is(staminaAt(shown, made.tick), 50 - 5 + Math.floor(((made.tick - spentAt) * 10) / 20));
});

battle('a step with nothing due draws nothing and changes nothing that is seen', () => {
  const made = fought([member('ann')]);
  const before = structuredClone(made.view);
  while (made.tick + 1 < made.dueTick) assert.is(stepBattle(made, noChance).length, 0);
  assert.equal(made.view, before);
  assert.ok(made.tick > WAVE_PAUSE_TICKS);
});

battle('an enemy strikes every two seconds, a boss every one and a half', () => {
  const strikes = (definition: BattleDefinition): number[] => {
    const made = fought([mighty], definition);
    const ticks: number[] = [];
    for (let step = 0; step < 200; step++)
      if (run(made, 1).some((event) => event.type === 'attack' && event.from === 'e1')) ticks.push(made.tick);
    return ticks.slice(1).map((tick, index) => tick - ticks[index]!);
  };
  assert.equal(new Set(strikes(MILL)), new Set([STRIKE_TICKS]));
  assert.equal(new Set(strikes(LAIR)), new Set([30]));
});

battle('an enemy strikes who hurt it most, until that has faded', () => {
  const made = fought([member('ann'), member('bob')]);
  const [foe] = made.foes;
  ask(made, 'bob', act());
  const threat = foe!.threat[1]!;
  const [first] = run(made, STRIKE_TICKS).filter((event) => event.type === 'attack');
  assert.is(first?.to, 'bob');
  assert.ok(foe!.threat[1]! <= Math.floor((threat * 9) / 10) && foe!.threat[1]! > Math.floor((threat * 7) / 10));
  run(made, 2_000);
  assert.is(foe!.threat[1], 0);
});

battle('the last enemy of a wave ends it, and of the last wave the battle', () => {
  const made = fought([mighty]);
  ask(made, 'ann', act('e1'));
  run(made, 20);
  const cleared = ask(made, 'ann', act('e2'));
  assert.equal(
    cleared.map(({ type }) => type),
    ['attack', 'enemy_defeated', 'wave_cleared'],
  );
  assert.is(made.view.enemies.get('e2')!.hp, 0);
  run(made, WAVE_PAUSE_TICKS);
  assert.equal([...made.view.enemies.keys()], ['e3']);
  const ended = ask(made, 'ann', act('e3'));
  assert.equal(
    ended.map(({ type }) => type),
    ['attack', 'enemy_defeated', 'wave_cleared', 'finished'],
  );
  assert.is(made.view.phase, 'won');
  assert.equal(run(made, 100, noChance), []);
});

battle('of two blows asked for one enemy the second lapses when the first ends it', () => {
  const made = fought([mighty, { ...mighty, playerId: 'bob' }]);
  queueInput(made, 'ann', act());
  queueInput(made, 'bob', act());
  const events = run(made, 1);
  assert.equal(
    events.map(({ type }) => type),
    ['attack', 'enemy_defeated', 'lapsed'],
  );
  assert.is(made.view.fighters.get('bob')!.stamina, 1000);
  checkInput(made, 'bob', act('e2'));
});

battle('a boss passes its stages, calls guards at half its HP and strikes harder', () => {
  const made = fought([member('ann', { stats: { attack: 300, defence: 0, hp: 10_000, stamina: 10_000 } })], LAIR);
  const boss = made.view.enemies.get('e1')!;
  const stages: number[] = [];
  while (boss.hp > 0 && stages.length < 200) {
    ask(made, 'ann', act('e1', 'quick'));
    stages.push(boss.stage);
    assert.is(boss.stage, [75, 50, 25].filter((percent) => boss.hp * 100 <= boss.hpMax * percent).length);
    assert.is(made.view.enemies.size, boss.stage < 2 ? 1 : 3);
    run(made, 10);
  }
  assert.equal([...new Set(stages)], [0, 1, 2, 3]);
  assert.is(made.view.phase, 'fighting');
});

battle('a fallen player may be revived for ten seconds, and then the battle is lost', () => {
  const made = fought([member('ann')]);
  const shown = made.view.fighters.get('ann')!;
  runUntilFallen(made, 'ann');
  run(made, REVIVE_WINDOW_TICKS - 1);
  assert.is(made.view.phase, 'fighting');
  ask(made, 'ann', { kind: 'revive' });
  assert.not(shown.fallen);
  assert.ok(shown.hp > shown.hpMax / 3 && shown.hp <= shown.hpMax / 2);
  runUntilFallen(made, 'ann');
  run(made, REVIVE_WINDOW_TICKS + 1);
  assert.is(made.view.phase, 'lost');
});

battle('with nobody there to be revived it is lost at once', () => {
  const bots = fought([frail('bot-1', { bot: true })]);
  runUntilFallen(bots, 'bot-1');
  assert.is(bots.view.phase, 'lost');
  const dropped = fought([frail('ann')]);
  seatConnected(dropped, 'ann', false);
  runUntilFallen(dropped, 'ann');
  assert.is(dropped.view.phase, 'lost');
});

battle('a party that never ends it loses after ten minutes', () => {
  const made = fought([{ ...mighty, stats: { ...mighty.stats, hp: 13_000 } }]);
  run(made, BATTLE_TICKS_MAX);
  assert.is(made.view.phase, 'lost');
  assert.is(made.tick, BATTLE_TICKS_MAX);
});

battle('a potion gives back a share of HP and stamina, never past the full', () => {
  const made = fought([member('ann')]);
  const shown = made.view.fighters.get('ann')!;
  ask(made, 'ann', act('e1', 'ultimate'));
  run(made, STRIKE_TICKS * 3);
  const { hp } = shown;
  assert.ok(hp < shown.hpMax);
  const events = ask(made, 'ann', { kind: 'potion', hpPercent: 100, staminaPercent: 100 });
  assert.ok(shown.hp > hp && shown.hp <= shown.hpMax, JSON.stringify(events));
  assert.is(staminaAt(shown, made.tick), shown.staminaMax);
});

battle('who leaves a fight falls, is no target and earns nothing', () => {
  const made = fought([mighty, member('bob')]);
  leaveBattle(made, 'bob');
  run(made, 1);
  assert.ok(made.view.fighters.get('bob')!.fallen);
  assert.not(run(made, 200).some((event) => event.type === 'attack' && event.to === 'bob'));
  for (const enemyId of ['e1', 'e2', 'e3']) {
    while (!made.view.enemies.has(enemyId)) run(made, 1);
    ask(made, 'ann', act(enemyId));
    run(made, 20);
  }
  assert.equal(
    made.rewards.map(({ playerId }) => playerId),
    ['ann'],
  );
});

battle('a reward goes half in equal shares and half by damage', () => {
  const made = fought([mighty, member('bob')]);
  for (const enemyId of ['e1', 'e2', 'e3']) {
    while (!made.view.enemies.has(enemyId)) run(made, 1);
    ask(made, 'ann', act(enemyId));
    run(made, 20);
  }
  const pool = 2 * (100 + 200);
  assert.equal(
    made.rewards.map(({ playerId, coins, xp }) => [playerId, coins, xp]),
    [
      ['ann', (pool * 3) / 4, (pool * 3) / 8],
      ['bob', pool / 4, pool / 8],
    ],
  );
});

battle('a lost battle pays no coins and no loot', () => {
  const made = fought([frail('ann', { bot: true }), { ...mighty, playerId: 'bob' }]);
  for (const enemyId of ['e1', 'e2']) {
    ask(made, 'bob', act(enemyId));
    run(made, 20);
  }
  leaveBattle(made, 'bob');
  while (made.view.phase === 'fighting') run(made, 1);
  assert.equal(made.rewards, [{ playerId: 'ann', coins: 0, xp: 12, loot: [] }]);
});

battle.run();
