// The rules act on the synced state itself: it ends as plain objects do, and what nothing changed is not sent.
import { Decoder, Encoder } from '@colyseus/schema';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { botParty, seeded } from '../../loadtest/simulate-battle.ts';
import { botInput } from '../../rules/battle-bot.ts';
import { battleById } from '../../rules/battle-content.ts';
import { digestOf } from '../../rules/battle-replay.ts';
import type { BattleDefinition, BattleMakers } from '../../rules/battle-types.ts';
import { createBattle, joinBattle, plainMakers, queueInput, startBattle, stepBattle, type Battle } from '../../rules/battle.ts';
import { BattleState, EnemyState, FighterState } from '../../state/battle.ts';

const synced = suite('rules/battle on state/battle');

const lich: BattleDefinition = battleById('lich')!;

const schemaMakers = (view: BattleState): BattleMakers => ({
  view,
  fighter: (fields) => new FighterState(fields),
  enemy: (fields) => new EnemyState(fields),
});

/** Fought by four bots; `seen` is called at the start and after each step, with whether anything was due in it. */
function fought(make: BattleMakers, seen: (due: boolean) => void): Battle {
  const battle = createBattle(lich, make);
  for (const member of botParty(lich, 4)) joinBattle(battle, member);
  startBattle(battle, null);
  seen(true);
  const random = seeded(5);
  while (battle.view.phase === 'fighting') {
    for (const playerId of battle.combatants.keys()) {
      const input = botInput(battle, playerId);
      if (input) queueInput(battle, playerId, input);
    }
    const due = battle.tick + 1 >= battle.dueTick;
    stepBattle(battle, random);
    seen(due);
  }
  return battle;
}

synced('a battle on the synced state ends as one on plain objects', () => {
  const state = new BattleState();
  const onState = fought(schemaMakers(state), () => {});
  const onPlain = fought(plainMakers(), () => {});
  assert.is(digestOf(onState), digestOf(onPlain));
  const { fighters, enemies, phase } = state.toJSON();
  assert.equal(fighters, Object.fromEntries(onPlain.view.fighters));
  assert.equal(enemies, Object.fromEntries(onPlain.view.enemies));
  assert.is(phase, onPlain.view.phase);
});

synced('a client that decodes every patch sees the same, and steps with nothing due send none', () => {
  const state = new BattleState();
  const encoder = new Encoder(state);
  const client = new BattleState();
  const decoder = new Decoder(client);
  decoder.decode(encoder.encodeAll({ offset: 0 }));
  encoder.discardChanges();
  let patches = 0;
  let idle = 0;
  fought(schemaMakers(state), (due) => {
    if (!encoder.hasChanges) {
      idle++;
      return;
    }
    assert.ok(due);
    patches++;
    decoder.decode(encoder.encode({ offset: 0 }));
    encoder.discardChanges();
  });
  assert.equal(client.toJSON(), state.toJSON());
  assert.ok(idle > patches * 2, `${patches} patches, ${idle} quiet steps`);
});

synced.run();
