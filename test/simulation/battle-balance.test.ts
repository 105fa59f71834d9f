// The figures of every battle hold: bots of its level win as often, and in as many minutes, as rules.md asks.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { figuresOf } from '../../loadtest/simulate-battle.ts';
import { BATTLES, battleById } from '../../rules/battle-content.ts';

/** Fights for each line; the seeds are other ones than the figures were chosen with. */
const FIGHTS = 300;
const SEED = 424_242;

const balance = suite('simulation/battle-balance');

for (const definition of BATTLES) {
  const { name, boss, levelRequired, partyMin, partyMax } = definition;
  const [least, most] = boss ? [30, 70] : [60, 80];
  for (const size of !boss ? [1, 4] : partyMin > 1 ? [partyMin, partyMax] : [partyMax]) {
    balance(`${name}: ${size} of level ${levelRequired} win ${least}–${most} % in 2–5 minutes`, () => {
      const { wonPercent, secondsWon } = figuresOf(definition, { size, battles: FIGHTS, seed: SEED });
      assert.ok(wonPercent >= least && wonPercent <= most, `${wonPercent} % won`);
      assert.ok(secondsWon >= 120 && secondsWon <= 300, `${secondsWon} s`);
    });
  }
  balance(`${name} has figures for every party it takes and a boss exactly where it says so`, () => {
    assert.is(definition.blowPerMille.length, partyMax - partyMin + 1);
    assert.is(
      definition.waves.some((wave) => wave.boss !== null),
      boss,
    );
    assert.ok(definition.waves.every(({ count, kinds }) => kinds.length > 0 && count >= 0 && count <= 10));
    assert.is(battleById(definition.battleId), definition);
  });
}

balance('levels 1, 10, 30 and 60 each have an ordinary battle for 1–4 and a boss, and there are raids to 10', () => {
  for (const level of [1, 10, 30, 60]) {
    const here = BATTLES.filter(({ levelRequired }) => levelRequired === level);
    assert.ok(here.some(({ boss, partyMin, partyMax }) => !boss && partyMin === 1 && partyMax === 4));
    assert.ok(here.some(({ boss }) => boss));
  }
  const raids = BATTLES.filter(({ partyMax }) => partyMax > 4);
  assert.ok(raids.length >= 3 && raids.every(({ boss, partyMin }) => boss && partyMin > 1));
  assert.ok(raids.some(({ partyMax }) => partyMax === 10));
  assert.ok(BATTLES.every(({ boss, lateJoin = false, partyMax }) => lateJoin === (!boss && partyMax > 1)));
});

balance.run();
