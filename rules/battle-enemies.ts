// Enemies: how a wave comes, and whom each strikes.
import type { Battle, Combatant } from './battle.ts';
import {
  ARMOUR_PERCENT,
  BOSS_KINDS,
  BOSS_STRIKE_TICKS,
  DIFFICULTIES,
  ENEMY_KINDS,
  FRENZY_PERCENT,
  LEVELS_A_WAVE,
  STAGE_ATTACK_PERCENT,
  STAGE_GUARDS,
  STRIKE_GROUPS,
  STRIKE_STAGGER_TICKS,
  STRIKE_TICKS,
  SWEEP_PERCENT,
  THREAT_KEPT,
  blow,
  enemyAttackAt,
  enemyDefenceAt,
  enemyHpAt,
  struck,
  type KindFigures,
} from './battle-figures.ts';
import { fall } from './battle-moves.ts';
import { sizeOf } from './battle-party.ts';
import { TICKS_PER_SECOND, type BattleEvent, type BossKind, type Enemy, type EnemyKind, type StageDeed } from './battle-types.ts';
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
  /** Ticks between its strikes. */
  strikeEvery: number;
  /** Percent of its own HP that it gives back to another; 0 for most. */
  mendPercent: number;
}

/** The next wave replaces what is left of the last. Draws one kind for each ordinary enemy. */
export function spawnWave(battle: Battle, random: Random): void {
  const { view, definition } = battle;
  battle.waveTick = 0;
  view.enemies.clear();
  view.wave++;
  battle.waveSize = sizeOf(battle);
  const { count, boss } = definition.waves[view.wave - 1]!;
  if (boss) addFoe(battle, boss, true);
  callEnemies(battle, count, random);
}

/** What a boss does on passing from one stage to the next. */
export function passStage(battle: Battle, foe: Foe, random: Random, events: BattleEvent[]): void {
  const { stages = USUAL_STAGES } = battle.definition;
  for (const deed of stages[foe.shown.stage - 1] ?? []) {
    if (deed === 'guards') callEnemies(battle, STAGE_GUARDS, random);
    else if (deed === 'frenzy') foe.strikeEvery = Math.floor((foe.strikeEvery * FRENZY_PERCENT) / 100);
    else for (const target of standing(battle)) strike(battle, foe, { target, percent: SWEEP_PERCENT }, random, events);
  }
}

const USUAL_STAGES: readonly (readonly StageDeed[])[] = [[], ['guards'], []];

/** Threat keeps nine tenths, rounded down, of each whole second. Counted when it is looked at, with the same result. */
export function fadeThreat(foe: Foe, tick: number): void {
  const seconds = Math.floor(tick / TICKS_PER_SECOND);
  for (; foe.fadedSeconds < seconds; foe.fadedSeconds++) {
    for (let seat = 0; seat < foe.threat.length; seat++) {
      foe.threat[seat] = Math.floor((foe.threat[seat]! * THREAT_KEPT.numerator) / THREAT_KEPT.denominator);
    }
  }
}

/** Every enemy whose time has come strikes, or mends another, in order of appearance. */
export function strikeBack(battle: Battle, random: Random, events: BattleEvent[]): void {
  const { tick } = battle;
  for (const foe of battle.foes) {
    if (foe.strikeTick > tick) continue;
    foe.strikeTick = tick + foe.strikeEvery;
    if (foe.mendPercent > 0 && mend(battle, foe, events)) continue;
    const target = chooseTarget(battle, foe, random);
    if (target) strike(battle, foe, { target, percent: 100 }, random, events);
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

const standing = ({ combatants }: Battle): Combatant[] => [...combatants.values()].filter(({ shown }) => !shown.fallen);

/** False where nobody else is hurt; those who mend are not mended. Of those as badly hurt the first. */
function mend(battle: Battle, by: Foe, events: BattleEvent[]): boolean {
  let worst: Foe | null = null;
  for (const foe of battle.foes) {
    if (foe.mendPercent > 0 || foe.shown.hp === foe.shown.hpMax) continue;
    if (!worst || foe.shown.hp * worst.shown.hpMax < worst.shown.hp * foe.shown.hpMax) worst = foe;
  }
  if (!worst) return false;
  const { shown } = worst;
  const hp = Math.min(shown.hpMax - shown.hp, Math.max(1, Math.floor((by.shown.hpMax * by.mendPercent) / 100)));
  shown.hp += hp;
  events.push({ type: 'mended', by: by.enemyId, to: worst.enemyId, hp });
  return true;
}

function strike(
  battle: Battle,
  foe: Foe,
  { target, percent }: { target: Combatant; percent: number },
  random: Random,
  events: BattleEvent[],
): void {
  const staged = foe.blowPerMille * (100 + foe.shown.stage * STAGE_ATTACK_PERCENT);
  const perMille = Math.floor((Math.floor(staged / 100) * percent) / 100);
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
  const size = battle.waveSize;
  const { hpPercent } = DIFFICULTIES[definition.difficulty];
  const hpMax = Math.max(1, Math.floor((enemyHpAt(level) * figures.hp * hpPercent * definition.hpPerMille * size) / 10_000_000));
  const enemyId = `e${++battle.enemiesMade}`;
  const shown = battle.make.enemy({ kind, level, hp: hpMax, hpMax, boss, stage: 0 });
  view.enemies.set(enemyId, shown);
  const strikeEvery = figures.strikeTicks ?? (boss ? BOSS_STRIKE_TICKS : STRIKE_TICKS);
  battle.foes.push({
    enemyId,
    shown,
    attack: Math.floor((enemyAttackAt(level) * figures.attack) / 100),
    defence: Math.floor((enemyDefenceAt(level) * figures.defence) / 100),
    blowPerMille: definition.blowPerMille[size - definition.partyMin]!,
    threat: Array.from({ length: combatants.size }, () => 0),
    fadedSeconds: Math.floor(battle.tick / TICKS_PER_SECOND),
    strikeTick: battle.tick + strikeEvery + (battle.foes.length % STRIKE_GROUPS) * STRIKE_STAGGER_TICKS,
    strikeEvery,
    mendPercent: figures.mendPercent ?? 0,
  });
}
