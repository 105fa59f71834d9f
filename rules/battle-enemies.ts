// Enemies: how a wave comes, and whom each strikes.
import type { Battle, Combatant } from './battle.ts';
import {
  ARMOUR_PERCENT,
  BOSS_KINDS,
  BOSS_STRIKE_TICKS,
  DIFFICULTIES,
  ENEMY_KINDS,
  LEVELS_A_WAVE,
  STAGE_ATTACK_PERCENT,
  STAGE_GUARDS,
  STRIKE_GROUPS,
  STRIKE_STAGGER_TICKS,
  STRIKE_TICKS,
  THREAT_KEPT,
  blow,
  enemyAttackAt,
  enemyDefenceAt,
  enemyHpAt,
  struck,
  type KindFigures,
} from './battle-figures.ts';
import { fall } from './battle-moves.ts';
import { TICKS_PER_SECOND, type BattleEvent, type BossKind, type Enemy, type EnemyKind } from './battle-types.ts';
import type { Random } from './random.ts';

const KINDS: Record<EnemyKind | BossKind, KindFigures> = { ...ENEMY_KINDS, ...BOSS_KINDS };

/** The part of a living enemy nobody sees. */
export interface Foe {
  enemyId: string;
  shown: Enemy;
  attack: number;
  defence: number;
  blowPerMille: number;
  /** By a fighter's seat: damage dealt to this enemy, fading. */
  threat: number[];
  /** Whole seconds of the battle up to which the threat has faded. */
  fadedSeconds: number;
  strikeTick: number;
}

/** The next wave replaces what is left of the last. Draws one kind for each ordinary enemy. */
export function spawnWave(battle: Battle, random: Random): void {
  const { view, definition } = battle;
  battle.waveTick = 0;
  view.enemies.clear();
  view.wave++;
  const { count, boss } = definition.waves[view.wave - 1]!;
  if (boss) addFoe(battle, boss, true);
  callEnemies(battle, count, random);
}

/** What a boss at half its HP calls: ordinary enemies of its wave. */
export function callGuards(battle: Battle, random: Random): void {
  callEnemies(battle, STAGE_GUARDS, random);
}

/** Threat keeps nine tenths, rounded down, of each whole second. Counted when it is looked at, with the same result. */
export function fadeThreat(foe: Foe, tick: number): void {
  const seconds = Math.floor(tick / TICKS_PER_SECOND);
  for (; foe.fadedSeconds < seconds; foe.fadedSeconds++) {
    for (let seat = 0; seat < foe.threat.length; seat++) {
      foe.threat[seat] = Math.floor((foe.threat[seat]! * THREAT_KEPT.numerator) / THREAT_KEPT.denominator);
    }
  }
}

/** Every enemy whose time has come strikes, in order of appearance. */
export function strikeBack(battle: Battle, random: Random, events: BattleEvent[]): void {
  const { tick } = battle;
  for (const foe of battle.foes) {
    if (foe.strikeTick > tick) continue;
    foe.strikeTick = tick + (foe.shown.boss ? BOSS_STRIKE_TICKS : STRIKE_TICKS);
    const target = chooseTarget(battle, foe, random);
    if (target) strike(battle, foe, target, random, events);
  }
}

/** The greatest threat among those standing; equals are drawn, so an enemy nobody has touched strikes anyone. */
function chooseTarget(battle: Battle, foe: Foe, random: Random): Combatant | null {
  fadeThreat(foe, battle.tick);
  let candidates: Combatant[] = [];
  let most = 0;
  for (const combatant of battle.combatants.values()) {
    if (combatant.shown.fallen) continue;
    const threat = foe.threat[combatant.seat]!;
    if (threat > most) candidates = [];
    if (threat >= most) {
      candidates.push(combatant);
      most = threat;
    }
  }
  if (candidates.length < 2) return candidates[0] ?? null;
  return candidates[random.below(candidates.length)]!;
}

function strike(battle: Battle, foe: Foe, target: Combatant, random: Random, events: BattleEvent[]): void {
  const perMille = Math.floor((foe.blowPerMille * (100 + foe.shown.stage * STAGE_ATTACK_PERCENT)) / 100);
  const plain = blow({ attack: foe.attack, defence: target.stats.defence, armourPercent: ARMOUR_PERCENT, perMille });
  const { damage, critical } = struck(plain, random);
  const { shown, playerId } = target;
  const dealt = Math.min(damage, shown.hp);
  shown.hp -= dealt;
  const fatal = shown.hp === 0;
  if (fatal) fall(battle, target);
  events.push({ type: 'attack', by: 'enemy', from: foe.enemyId, to: playerId, action: 'strike', damage: dealt, critical, fatal });
}

function callEnemies(battle: Battle, count: number, random: Random): void {
  const { kinds } = battle.definition.waves[battle.view.wave - 1]!;
  for (let called = 0; called < count; called++) addFoe(battle, kinds[random.below(kinds.length)]!, false);
}

function addFoe(battle: Battle, kind: EnemyKind | BossKind, boss: boolean): void {
  const { definition, view, combatants } = battle;
  const level = definition.levelRequired + LEVELS_A_WAVE * (view.wave - 1);
  const figures = KINDS[kind];
  const size = battle.party.length;
  const { hpPercent } = DIFFICULTIES[definition.difficulty];
  const hpMax = Math.max(1, Math.floor((enemyHpAt(level) * figures.hp * hpPercent * definition.hpPerMille * size) / 10_000_000));
  const enemyId = `e${++battle.enemiesMade}`;
  const shown = battle.make.enemy({ kind, level, hp: hpMax, hpMax, boss, stage: 0 });
  view.enemies.set(enemyId, shown);
  const period = boss ? BOSS_STRIKE_TICKS : STRIKE_TICKS;
  battle.foes.push({
    enemyId,
    shown,
    attack: Math.floor((enemyAttackAt(level) * figures.attack) / 100),
    defence: Math.floor((enemyDefenceAt(level) * figures.defence) / 100),
    blowPerMille: definition.blowPerMille[size - definition.partyMin]!,
    threat: Array.from({ length: combatants.size }, () => 0),
    fadedSeconds: Math.floor(battle.tick / TICKS_PER_SECOND),
    strikeTick: battle.tick + period + (battle.foes.length % STRIKE_GROUPS) * STRIKE_STAGGER_TICKS,
  });
}
