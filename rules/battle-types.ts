import type { GearRoll } from './equipment.ts';

/** Steps a second; every tick and `…Ticks` of a battle is in these. */
export const TICKS_PER_SECOND = 20;

export type BattlePhase = 'lobby' | 'fighting' | 'won' | 'lost';
export type BattleOutcome = 'won' | 'lost';
export type Action = 'quick' | 'normal' | 'power' | 'critical' | 'ultimate';
export type Difficulty = 'easy' | 'normal' | 'hard' | 'elite' | 'legendary';

/** What everyone sees of a fighter; `state/battle.ts` and a plain object both fit. */
export interface Fighter {
  name: string;
  level: number;
  bot: boolean;
  connected: boolean;
  hp: number;
  hpMax: number;
  /** Points at the tick `staminaSince`; `staminaAt` gives them now. */
  stamina: number;
  staminaMax: number;
  staminaSince: number;
  staminaPerSecond: number;
  damage: number;
  fallen: boolean;
}

export interface Enemy {
  kind: string;
  level: number;
  hp: number;
  hpMax: number;
  boss: boolean;
  stage: number;
}

/** What everyone sees of a battle: the synced state in a room, a plain object elsewhere. */
export interface BattleView {
  battleId: string;
  phase: BattlePhase;
  wave: number;
  waves: number;
  leader: string;
  fighters: Map<string, Fighter>;
  enemies: Map<string, Enemy>;
}

/** Where the synced state comes from. A room hands in its schema's constructors; the default makes plain objects. */
export interface BattleMakers {
  view: BattleView;
  fighter: (fields: Fighter) => Fighter;
  enemy: (fields: Enemy) => Enemy;
}

/** A fighter's strength: level, stat points, equipment and pets summed by whoever seats the player. */
export interface FighterStats {
  attack: number;
  defence: number;
  /** As in the profile; a battle counts HP_IN_BATTLE for each. */
  hp: number;
  stamina: number;
}

/** As recorded with the round: with the seed and the inputs it replays the battle. Order of joining matters. */
export interface PartyMember {
  playerId: string;
  name: string;
  level: number;
  bot: boolean;
  stats: FighterStats;
  /** Points on entering, up to `stats.stamina`; null or left out: all of them. */
  staminaNow?: number | null;
  /** In a record: let in while the fight was on, by an input that says when. */
  late?: boolean;
}

/** What a seat may ask of the next step. `potion` and `revive` are queued after their price is paid. */
export type BattleInput =
  | { kind: 'act'; action: Action; targetId: string }
  | { kind: 'potion'; hpPercent: number; staminaPercent: number }
  | { kind: 'revive' }
  | { kind: 'drop' }
  | { kind: 'back' }
  | { kind: 'leave' }
  /** Comes into a fight that is on, where the battle allows it. */
  | { kind: 'join'; member: PartyMember };

/** An input and the tick whose step took it. */
export interface TakenInput {
  tick: number;
  playerId: string;
  input: BattleInput;
}

export interface LootRoll {
  rarity: 'common' | 'uncommon' | 'rare' | 'epic' | 'legendary';
  /** 0 … 65,535: names the item among those of this rarity, by `pick % count` of the stored list. */
  pick: number;
  /** The piece, where the find is gear; `pick` counts for nothing then. Left out before version 2. */
  gear?: GearRoll | null;
}

export interface BattleReward {
  playerId: string;
  coins: number;
  xp: number;
  loot: LootRoll[];
}

/** What a step did, in order. Rooms broadcast all but the last two; `lapsed` asks the room to give back what was paid. */
export type BattleEvent =
  | {
      type: 'attack';
      by: 'fighter' | 'enemy';
      from: string;
      to: string;
      action: Action | 'strike';
      damage: number;
      critical: boolean;
      fatal: boolean;
    }
  | { type: 'mended'; by: string; to: string; hp: number }
  | { type: 'enemy_defeated'; enemyId: string; kind: string; boss: boolean; by: string }
  | { type: 'wave_cleared'; wave: number }
  | { type: 'finished'; outcome: BattleOutcome; rewards: BattleReward[] }
  | { type: 'lapsed'; playerId: string; input: BattleInput };

export type EnemyKind = 'goblin' | 'wolf' | 'orc' | 'archer' | 'troll' | 'knight' | 'wraith' | 'imp' | 'brute' | 'shaman';
export type BossKind = 'goblin_king' | 'ogre_chief' | 'stone_golem' | 'lich' | 'dragon' | 'warlord' | 'hydra';

/** What a boss does on passing a stage: calls ordinary enemies of its wave, strikes everyone at once, strikes faster from then on. */
export type StageDeed = 'guards' | 'sweep' | 'frenzy';

export interface WaveDefinition {
  /** Ordinary enemies in this wave, each of a kind drawn from `kinds`. */
  count: number;
  kinds: readonly EnemyKind[];
  boss: BossKind | null;
}

export interface BattleDefinition {
  /** Slug, also the room's option. */
  battleId: string;
  name: string;
  levelRequired: number;
  partyMin: number;
  partyMax: number;
  /** Whether the last wave holds a boss. */
  boss: boolean;
  difficulty: Difficulty;
  waves: readonly WaveDefinition[];
  /** Of the usual enemy HP for each fighter, in per mille; decides how long the battle takes. */
  hpPerMille: number;
  /**
   * Of an enemy's usual blow, in per mille, for a party of partyMin, partyMin + 1 … partyMax. Like `hpPerMille` chosen by
   * `loadtest/balance.ts` for bots of the required level.
   */
  blowPerMille: readonly number[];
  /** Whether a free place may be taken while the fight is on. */
  lateJoin?: boolean;
  /** What its boss does at 75, 50 and 25 % of its HP; left out: calls guards at 50. */
  stages?: readonly (readonly StageDeed[])[];
}
