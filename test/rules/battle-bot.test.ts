import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { botParty, seeded } from '../../loadtest/simulate-battle.ts';
import { botInput } from '../../rules/battle-bot.ts';
import { battleById } from '../../rules/battle-content.ts';
import { BOT_PACE_TICKS, WAVE_PAUSE_TICKS } from '../../rules/battle-figures.ts';
import type { BattleDefinition } from '../../rules/battle-types.ts';
import { checkInput, createBattle, joinBattle, startBattle, stepBattle, type Battle } from '../../rules/battle.ts';

const bots = suite('rules/battle-bot');

const keep = battleById('black-keep')!;

function fought(definition: BattleDefinition): Battle {
  const battle = createBattle(definition);
  for (const member of botParty(definition, 1)) joinBattle(battle, member);
  startBattle(battle, null);
  const random = seeded(1);
  for (let tick = 1; tick <= WAVE_PAUSE_TICKS; tick++) stepBattle(battle, random);
  return battle;
}

/** What the bot would do at once. */
function chosen(battle: Battle) {
  battle.combatants.get('bot-1')!.thinkTick = 0;
  const input = botInput(battle, 'bot-1');
  return input?.kind === 'act' ? [input.action, input.targetId] : null;
}

bots('there is nothing to do in the lobby, before a wave, or for a stranger', () => {
  const battle = createBattle(keep);
  for (const member of botParty(keep, 1)) joinBattle(battle, member);
  assert.is(botInput(battle, 'bot-1'), null);
  startBattle(battle, null);
  assert.is(botInput(battle, 'bot-1'), null);
  assert.is(botInput(battle, 'eve'), null);
});

bots('what a bot asks for is allowed, and it looks up once a second', () => {
  const battle = fought(keep);
  const input = botInput(battle, 'bot-1');
  assert.ok(input);
  checkInput(battle, 'bot-1', input);
  for (let tick = 1; tick < BOT_PACE_TICKS; tick++) {
    battle.tick++;
    assert.is(botInput(battle, 'bot-1'), null);
  }
  battle.tick++;
  assert.ok(botInput(battle, 'bot-1'));
});

bots('the weakest enemy comes first, and a boss after its guards', () => {
  const battle = fought({ ...keep, boss: true, waves: [{ count: 2, kinds: ['goblin'], boss: 'dragon' }] });
  assert.is(chosen(battle)![1], 'e2');
  battle.foes[2]!.shown.hp--;
  assert.is(chosen(battle)![1], 'e3');
  battle.foes.length = 1;
  assert.is(chosen(battle)![1], 'e1');
});

bots('each action is used where it is best', () => {
  const battle = fought({ ...keep, waves: [{ count: 1, kinds: ['troll'], boss: null }] });
  const [foe] = battle.foes;
  const { shown, cool } = battle.combatants.get('bot-1')!;
  assert.equal(chosen(battle), ['ultimate', 'e1']);
  shown.stamina = 40;
  shown.staminaSince = battle.tick;
  assert.is(chosen(battle), null, 'saving up');
  cool.ultimate = battle.tick + 300;
  foe!.defence = 0;
  assert.equal(chosen(battle), ['normal', 'e1']);
  foe!.defence = 330;
  assert.equal(chosen(battle), ['power', 'e1']);
  foe!.defence = 0;
  foe!.shown.hp = Math.floor(foe!.shown.hpMax / 4);
  assert.equal(chosen(battle), ['critical', 'e1']);
  foe!.shown.hp = 1;
  assert.equal(chosen(battle), ['quick', 'e1']);
});

bots.run();
