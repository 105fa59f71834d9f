import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ACTIONS,
  ACTION_NAMES,
  ARMOUR_PERCENT,
  ENEMY_KINDS,
  FINISHING_PERCENT,
  RECOVERY_TICKS,
  STAMINA_PER_SECOND,
  blow,
  enemyDefenceAt,
  fighterStats,
  standardPoints,
  struck,
} from '../../rules/battle-figures.ts';
import { TICKS_PER_SECOND, type Action, type EnemyKind } from '../../rules/battle-types.ts';
import { pointsAtLevel } from '../../rules/levels.ts';
import { scripted } from '../../rules/random.ts';

const LEVELS = [1, 10, 30, 60];

const figures = suite('rules/battle-figures');

const statsAt = (level: number) => fighterStats(level, standardPoints(pointsAtLevel(level)));

const plain = (
  action: Action,
  level: number,
  { kind = 'goblin', finishing = false }: { kind?: EnemyKind; finishing?: boolean },
): number => {
  const { armourPercent, perMille, finishingPerMille } = ACTIONS[action];
  const defence = Math.floor((enemyDefenceAt(level) * ENEMY_KINDS[kind].defence) / 100);
  return blow({ attack: statsAt(level).attack, defence, armourPercent, perMille: finishing ? finishingPerMille : perMille });
};

/** Thousandths of HP dealt by one action, used as soon as it may be, from full stamina. */
function dealt(action: Action, level: number, situation: { seconds: number; kind?: EnemyKind; finishing?: boolean }): number {
  const { stamina: cost, cooldownTicks } = ACTIONS[action];
  const { stamina: staminaMax } = statsAt(level);
  let stamina = staminaMax;
  let total = 0;
  let readyTick = 0;
  for (let tick = 0; tick < situation.seconds * TICKS_PER_SECOND; tick++) {
    stamina = Math.min(staminaMax, stamina + STAMINA_PER_SECOND / TICKS_PER_SECOND);
    if (tick < readyTick || stamina < cost) continue;
    stamina -= cost;
    total += plain(action, level, situation);
    readyTick = tick + Math.max(RECOVERY_TICKS, cooldownTicks);
  }
  return total;
}

/** Stamina saved by ending an enemy with a third of a normal blow left; none where the weakest blow may not end it. */
const thrift = (action: Action, level: number): number =>
  plain(action, level, {}) * 9 * 3 >= plain('normal', level, {}) * 10 ? -ACTIONS[action].stamina : -Infinity;

const BEST: [what: string, best: Action, score: (action: Action, level: number) => number][] = [
  ['a burst of two seconds', 'ultimate', (action, level) => dealt(action, level, { seconds: 2 })],
  ['a minute against the lightly armoured', 'normal', (action, level) => dealt(action, level, { seconds: 60 })],
  ['a minute against armour', 'power', (action, level) => dealt(action, level, { seconds: 60, kind: 'knight' })],
  ['finishing what is big', 'critical', (action, level) => dealt(action, level, { seconds: 8, finishing: true })],
  ['ending what has a third of a blow left, for the least stamina', 'quick', (action, level) => thrift(action, level)],
];

for (const [what, best, score] of BEST) {
  figures(`${best} is best for ${what}`, () => {
    for (const level of LEVELS) {
      const scores = new Map(ACTION_NAMES.map((action) => [action, score(action, level)]));
      for (const action of ACTION_NAMES) {
        if (action !== best)
          assert.ok(
            scores.get(best)! > scores.get(action)!,
            `level ${level}: ${best} ${scores.get(best)}, ${action} ${scores.get(action)}`,
          );
      }
    }
  });
}

figures('half of the defence is taken from the attack, rounded down, and at least 1 is left', () => {
  assert.is(blow({ attack: 10, defence: 9, armourPercent: ARMOUR_PERCENT, perMille: 1000 }), 6000);
  assert.is(blow({ attack: 10, defence: 500, armourPercent: ARMOUR_PERCENT, perMille: 400 }), 400);
});

figures('chance moves a blow by a tenth either way and doubles one in ten', () => {
  assert.equal(struck(50_000, scripted(0, 99)), { damage: 45, critical: false });
  assert.equal(struck(50_000, scripted(200, 10)), { damage: 55, critical: false });
  assert.equal(struck(50_000, scripted(100, 9)), { damage: 100, critical: true });
  assert.equal(struck(400, scripted(0, 50)), { damage: 1, critical: false });
});

figures('points spent in the standard way are all spent', () => {
  for (let points = 0; points < 400; points++) {
    const { attack, defence, hp, stamina } = standardPoints(points);
    assert.is(attack + defence + hp + stamina, points);
  }
});

figures('a new player has 10 attack, 10 defence, 100 HP and 100 stamina', () => {
  assert.equal(statsAt(1), { attack: 10, defence: 10, hp: 100, stamina: 100 });
});

figures('stamina grows by whole points at whole ticks, so none is lost when it is spent', () => {
  assert.ok(TICKS_PER_SECOND % STAMINA_PER_SECOND === 0 || STAMINA_PER_SECOND % TICKS_PER_SECOND === 0);
  assert.ok(FINISHING_PERCENT < 100);
});

figures.run();
