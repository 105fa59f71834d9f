// What sets kinds of enemies apart, and what bosses do on their way down.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BOSS_STRIKE_TICKS, ENEMY_KINDS, FRENZY_PERCENT } from '../../rules/battle-figures.ts';
import type { BattleEvent, EnemyKind, StageDeed } from '../../rules/battle-types.ts';
import type { Battle } from '../../rules/battle.ts';
import { LAIR, MILL, act, ask, even, fought, member, run } from '../support/battle.ts';
import type { Random } from '../../rules/random.ts';

const kinds = suite('rules/battle-kinds');

const enduring = member('ann', { stats: { attack: 40, defence: 1_000_000, hp: 10_000, stamina: 60_000 } });
const facing = (...faced: EnemyKind[]): Battle =>
  fought([enduring], { ...MILL, waves: [{ count: faced.length, kinds: faced, boss: null }] });
/** Ticks between the strikes of the first enemy. */
function rhythm(made: Battle): Set<number> {
  const ticks: number[] = [];
  for (let step = 0; step < 400; step++)
    if (run(made, 1).some((event) => event.type === 'attack' && event.from === 'e1')) ticks.push(made.tick);
  return new Set(ticks.slice(1).map((tick, index) => tick - ticks[index]!));
}

kinds('an imp strikes every second, a brute every four', () => {
  assert.equal(rhythm(facing('imp')), new Set([20]));
  assert.equal(rhythm(facing('brute')), new Set([80]));
});

/** The first wave drawn holds one of each kind in turn. */
function mixed(...faced: EnemyKind[]): Battle {
  const made = facing(...faced);
  made.view.enemies.clear();
  made.foes.length = 0;
  made.view.wave = 0;
  made.waveTick = made.tick + 1;
  made.dueTick = made.waveTick;
  let drawn = 0;
  const inTurn: Random = { below: (limit) => (limit === faced.length ? drawn++ % limit : even.below(limit)) };
  run(made, 1, inTurn);
  return made;
}
const mendedBy = (events: readonly BattleEvent[]) => events.filter((event) => event.type === 'mended');

kinds('a shaman mends the worst hurt of the others, and strikes where nobody is', () => {
  const made = mixed('shaman', 'orc', 'orc');
  const [shaman, one, other] = [...made.view.enemies.values()];
  assert.equal([shaman!.kind, one!.kind, other!.kind], ['shaman', 'orc', 'orc']);
  const idle = run(made, 60);
  assert.is(mendedBy(idle).length, 0);
  assert.ok(idle.some((event) => event.type === 'attack' && event.from === 'e4'));
  one!.hp -= 60;
  other!.hp -= 90;
  const share = Math.floor((shaman!.hpMax * ENEMY_KINDS.shaman.mendPercent!) / 100);
  const before = other!.hp;
  assert.equal(mendedBy(run(made, 60)), [{ type: 'mended', by: 'e4', to: 'e6', hp: share }]);
  assert.is(other!.hp, before + share);
  one!.hp = one!.hpMax - 1;
  other!.hp = other!.hpMax;
  assert.equal(mendedBy(run(made, 60)), [{ type: 'mended', by: 'e4', to: 'e5', hp: 1 }], 'never past the full');
});

kinds('shamans do not mend each other', () => {
  const made = mixed('shaman', 'shaman');
  for (const enemy of made.view.enemies.values()) enemy.hp -= 10;
  assert.is(mendedBy(run(made, 200)).length, 0);
});

/** A boss brought to three quarters of its HP: what comes of it, in the step that does it. */
function staged(stages: readonly (readonly StageDeed[])[]): { made: Battle; events: BattleEvent[] } {
  const made = fought([enduring, { ...enduring, playerId: 'bob' }], { ...LAIR, stages });
  const boss = made.view.enemies.get('e1')!;
  boss.hp = Math.floor((boss.hpMax * 3) / 4) + 1;
  return { made, events: ask(made, 'ann', act('e1', 'normal')) };
}

kinds('a boss sweeps: everyone standing is struck at once', () => {
  const { made, events } = staged([['sweep']]);
  assert.is(made.view.enemies.get('e1')!.stage, 1);
  assert.equal(
    events.flatMap((event) => (event.type === 'attack' && event.by === 'enemy' ? event.to : [])),
    ['ann', 'bob'],
  );
});

kinds('a boss in a frenzy strikes faster from then on', () => {
  const { made } = staged([['frenzy']]);
  run(made, BOSS_STRIKE_TICKS);
  assert.equal(rhythm(made), new Set([Math.floor((BOSS_STRIKE_TICKS * FRENZY_PERCENT) / 100)]));
});

kinds('a boss calls when its battle says so, and at half its HP where it says nothing', () => {
  assert.is(staged([['guards']]).made.view.enemies.size, 3);
  assert.is(staged([[], ['guards']]).made.view.enemies.size, 1);
});

kinds.run();
