import type { Action, BossKind, Difficulty, EnemyKind, Fighter, FighterStats, LootRoll } from './battle-types.ts';
import { TICKS_PER_SECOND } from './battle-types.ts';
import { START_ATTACK, START_DEFENCE, START_HP, START_STAMINA } from './levels.ts';
import type { Random } from './random.ts';

/**
 * Stored with each round: a change of any figure or step that alters a replay raises it, and the old way stays where the
 * versions part. 2: a wave is as strong as the party that meets it, rewards count what was fought while one was there, and
 * finds may be gear.
 */
export const BATTLE_RULES_VERSION = 2;

/** A fight that has not ended by then is lost: 10 minutes. */
export const BATTLE_TICKS_MAX = 12_000;
/** Between a cleared wave and the next, and before the first: long enough to read the screen. */
export const WAVE_PAUSE_TICKS = 60;
/** The whole party down, one of them may still be revived for this long. */
export const REVIVE_WINDOW_TICKS = 200;
export const REVIVES_MAX = 3;
/** Of hpMax, when revived. */
export const REVIVE_HP_PERCENT = 50;
/** Of hpMax, regained by those standing: when an enemy falls or a boss passes a stage, and when a wave is cleared. */
export const SECOND_WIND_PERCENT = 10;
export const WAVE_REST_PERCENT = 40;
/** After any action before the next: what a quick hand can do, so a script gains nothing by more. */
export const RECOVERY_TICKS = 10;
/** Divides 20 or is divided by it, so that `staminaSince` keeps every part of a point. One normal blow a second. */
export const STAMINA_PER_SECOND = 10;
export const POTION_COOLDOWN_TICKS = 200;
/** What the ledger takes for standing up again. */
export const REVIVE_GEMS = 50n;
/** A bot looks up once a second, as a player at an easy pace does, each a little after the one before. */
export const BOT_PACE_TICKS = 20;
export const BOT_STAGGER_TICKS = 5;

export const CRITICAL_PERCENT = 10;
/** Half of the defence counts, of most blows. */
export const ARMOUR_PERCENT = 50;
/** A blow is this many thousandths of its figure, plus below(201). */
const SPREAD_LEAST = 900;
const SPREAD_DRAWS = 201;
/** `critical` is at its best against an enemy with no more than this of its HP. */
export const FINISHING_PERCENT = 30;

export interface ActionFigures {
  stamina: number;
  perMille: number;
  /** In place of `perMille` against an enemy at FINISHING_PERCENT or less. */
  finishingPerMille: number;
  /** How much of the target's defence counts; the usual is half. */
  armourPercent: number;
  cooldownTicks: number;
}

/**
 * Each is best somewhere (the table in test/rules/battle-figures.test.ts): quick ends what is nearly dead for the least
 * stamina, normal does most over a minute, power passes armour, critical finishes the big, ultimate is the burst.
 */
export const ACTIONS: Record<Action, ActionFigures> = {
  quick: { stamina: 5, perMille: 400, finishingPerMille: 400, armourPercent: ARMOUR_PERCENT, cooldownTicks: 10 },
  normal: { stamina: 10, perMille: 1000, finishingPerMille: 1000, armourPercent: ARMOUR_PERCENT, cooldownTicks: 20 },
  power: { stamina: 20, perMille: 1300, finishingPerMille: 1300, armourPercent: 10, cooldownTicks: 40 },
  critical: { stamina: 35, perMille: 2000, finishingPerMille: 5000, armourPercent: ARMOUR_PERCENT, cooldownTicks: 80 },
  ultimate: { stamina: 50, perMille: 6000, finishingPerMille: 6000, armourPercent: ARMOUR_PERCENT, cooldownTicks: 300 },
};
export const ACTION_NAMES = Object.keys(ACTIONS) as Action[];

/** Percent of what an enemy of its level has. */
export interface KindFigures {
  name: string;
  hp: number;
  attack: number;
  defence: number;
  /** Between two strikes, where it is not the usual. */
  strikeTicks?: number;
  /** In place of a strike mends the worst hurt of the others, by this much of its own HP in percent */
  mendPercent?: number;
}

export const ENEMY_KINDS: Record<EnemyKind, KindFigures> = {
  goblin: { name: 'Goblin', hp: 100, attack: 80, defence: 70 },
  wolf: { name: 'Wolf', hp: 80, attack: 100, defence: 50 },
  orc: { name: 'Orc', hp: 130, attack: 110, defence: 90 },
  archer: { name: 'Archer', hp: 70, attack: 130, defence: 40 },
  troll: { name: 'Troll', hp: 200, attack: 90, defence: 120 },
  knight: { name: 'Fallen knight', hp: 110, attack: 100, defence: 240 },
  wraith: { name: 'Wraith', hp: 90, attack: 140, defence: 30 },
  imp: { name: 'Imp', hp: 60, attack: 80, defence: 40, strikeTicks: 20 },
  brute: { name: 'Brute', hp: 180, attack: 210, defence: 80, strikeTicks: 80 },
  shaman: { name: 'Shaman', hp: 80, attack: 80, defence: 60, strikeTicks: 60, mendPercent: 20 },
};

export const BOSS_KINDS: Record<BossKind, KindFigures> = {
  goblin_king: { name: 'Goblin king', hp: 700, attack: 150, defence: 80 },
  ogre_chief: { name: 'Ogre chief', hp: 900, attack: 170, defence: 100 },
  stone_golem: { name: 'Stone golem', hp: 800, attack: 150, defence: 220 },
  lich: { name: 'Lich', hp: 750, attack: 200, defence: 60 },
  dragon: { name: 'Dragon', hp: 1200, attack: 220, defence: 130 },
  warlord: { name: 'Warlord', hp: 1000, attack: 180, defence: 110 },
  hydra: { name: 'Hydra', hp: 1300, attack: 170, defence: 90 },
};

export const STRIKE_TICKS = 40;
export const BOSS_STRIKE_TICKS = 30;
/** Enemies of one wave strike in so many groups, so far apart: a wave costs few patches. */
export const STRIKE_GROUPS = 4;
export const STRIKE_STAGGER_TICKS = 10;
/** A boss passes to the next stage at these, in percent of its HP. */
export const STAGE_PERCENTS = [75, 50, 25] as const;
/** Added to a boss's attack with each stage, percent. */
export const STAGE_ATTACK_PERCENT = 12;
/** How many a boss calls. */
export const STAGE_GUARDS = 2;
/** A boss strikes everyone with this much of its usual blow. */
export const SWEEP_PERCENT = 60;
/** Of the time between its strikes, once a boss is in a frenzy. */
export const FRENZY_PERCENT = 70;
/** Enemies are this many levels up with each wave. */
export const LEVELS_A_WAVE = 2;

export const THREAT_KEPT = { numerator: 9, denominator: 10 } as const;

/** Enemy figures at a level, before kind, difficulty, battle and party: the seed system's own lines. */
export const enemyHpAt = (level: number): number => 100 + 50 * level;
export const enemyAttackAt = (level: number): number => 10 + 5 * level;
export const enemyDefenceAt = (level: number): number => 5 + 3 * level;

/** Enemy HP and rewards of the usual, and the chance of loot a roll. */
export const DIFFICULTIES: Record<Difficulty, { hpPercent: number; rewardPercent: number; lootPercent: number }> = {
  easy: { hpPercent: 100, rewardPercent: 100, lootPercent: 10 },
  normal: { hpPercent: 150, rewardPercent: 150, lootPercent: 20 },
  hard: { hpPercent: 250, rewardPercent: 250, lootPercent: 30 },
  elite: { hpPercent: 400, rewardPercent: 400, lootPercent: 40 },
  legendary: { hpPercent: 600, rewardPercent: 600, lootPercent: 50 },
};

/** What one stat point adds. Attack and defence keep pace with enemyHpAt and enemyAttackAt at the standard spread. */
export const POINT = { attack: 3, defence: 3, hp: 15, stamina: 2 } as const;
export const HP_A_LEVEL = 20;
/** HP in a battle for each point of a player's HP: minutes of blows that are each worth some points. */
export const HP_IN_BATTLE = 5;
/** What the wire's fields hold. */
const HP_MOST = 65_535;

/** Stat points spent, each on one stat. */
export interface SpentPoints {
  attack: number;
  defence: number;
  hp: number;
  stamina: number;
}

/** A player's own strength: start, level and points. Equipment and pets are added by whoever seats the player. */
export function fighterStats(level: number, spent: SpentPoints): FighterStats {
  return {
    attack: START_ATTACK + spent.attack * POINT.attack,
    defence: START_DEFENCE + spent.defence * POINT.defence,
    hp: START_HP + (level - 1) * HP_A_LEVEL + spent.hp * POINT.hp,
    stamina: START_STAMINA + spent.stamina * POINT.stamina,
  };
}

export const hpInBattle = ({ hp }: FighterStats): number => Math.min(HP_MOST, hp * HP_IN_BATTLE);

/** How house bots and the simulation spend: of ten points four on attack, three on defence, two on HP, one on stamina. */
export function standardPoints(points: number): SpentPoints {
  const defence = Math.floor((points * 3) / 10);
  const hp = Math.floor((points * 2) / 10);
  const stamina = Math.floor(points / 10);
  return { attack: points - defence - hp - stamina, defence, hp, stamina };
}

export interface Blow {
  attack: number;
  defence: number;
  /** How much of the defence counts. */
  armourPercent: number;
  /** Of the action, or of the enemy's scale. */
  perMille: number;
}

/** A blow before chance, in thousandths of a point of HP: max(1, attack − ⌊defence·armour⌋) × perMille. */
export const blow = ({ attack, defence, armourPercent, perMille }: Blow): number =>
  Math.max(1, attack - Math.floor((defence * armourPercent) / 100)) * perMille;

/** The blow as struck, in points of HP, 1 at least: one draw for its spread, one for a critical. */
export function struck(thousandths: number, random: Random): { damage: number; critical: boolean } {
  const damage = Math.max(1, Math.floor((thousandths * (SPREAD_LEAST + random.below(SPREAD_DRAWS))) / 1_000_000));
  const critical = random.below(100) < CRITICAL_PERCENT;
  return { damage: critical ? damage * 2 : damage, critical };
}

/** Stamina points of a fighter at a tick. */
export const staminaAt = ({ stamina, staminaMax, staminaSince, staminaPerSecond }: Fighter, tick: number): number =>
  Math.min(staminaMax, stamina + Math.floor(((tick - staminaSince) * staminaPerSecond) / TICKS_PER_SECOND));

/** Cumulative percent. */
export const RARITIES: readonly [LootRoll['rarity'], number][] = [
  ['common', 60],
  ['uncommon', 85],
  ['rare', 95],
  ['epic', 99],
  ['legendary', 100],
];
