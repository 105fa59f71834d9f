import type { Battle, Combatant } from './battle.ts';
import { DIFFICULTIES, RARITIES } from './battle-figures.ts';
import { stayed } from './battle-party.ts';
import type { BattleDefinition, BattleOutcome, BattleReward, LootRoll } from './battle-types.ts';
import { rollGear } from './equipment.ts';
import type { Random } from './random.ts';

/** For each fighter and wave cleared, before difficulty: 100·wave coins and 50·wave XP. */
const COINS_A_WAVE = 100;
const XP_A_WAVE = 50;
/** Who began and stayed has this much of an equal share, also when down at the end; the rest goes by damage. */
const FLOOR_PERCENT = 50;
/** A lost battle teaches something and pays nothing, so that losing on purpose is no trade. */
const LOST_XP_PERCENT = 50;
/** A boss pays twice over, in coins, XP and loot rolls. */
const BOSS_FACTOR = 2;
/** How often a find is a piece of gear. */
const GEAR_PERCENT = 50;

/**
 * What each fighter who has not left has earned, bots too, in order of joining: a floor for who began and stayed, and a part
 * by damage; who came late has that part alone. What leavers did is nobody's. A won battle's loot is rolled here, from the
 * round's own stream: per roll `below(100)`, on a find `below(100)` for rarity, `below(100)` for gear and `below(65536)` for the
 * item; after all of these the gear itself, which has rules of its own and no part in the digest.
 */
export function earned(battle: Battle, outcome: BattleOutcome, random: Random): BattleReward[] {
  const all = [...battle.combatants.values()];
  const worked = all.reduce((sum, { shown }) => sum + shown.damage, 0);
  const shares = battle.version === 1 ? sharesAsOnce(battle, outcome) : sharesOf(battle, outcome);
  const found = all
    .filter(({ left }) => !left)
    .map((combatant) => ({ combatant, finds: outcome === 'won' ? findsOf(battle, combatant, { worked, random }) : [] }));
  return found.map(({ combatant, finds }) => ({
    playerId: combatant.playerId,
    coins: shareOf(shares.coins, combatant, worked),
    xp: shareOf(shares.xp, combatant, worked),
    loot: finds.map((find) => lootOf(find, battle, random)),
  }));
}

/** What one is sure of, and what all divide by damage. */
interface Shares {
  floor: number;
  byWork: number;
}

/** The floor counts the waves that were cleared, the rest how many each of them was made for. */
function sharesOf({ view, definition, cleared }: Battle, outcome: BattleOutcome): { coins: Shares; xp: Shares } {
  const waves = outcome === 'won' ? view.wave : Math.max(0, view.wave - 1);
  const each = (waves * (waves + 1)) / 2;
  const shares = (one: number): Shares => {
    const percent = rewardPercent(definition) * one;
    const floor = Math.floor((Math.floor((each * percent) / 100) * FLOOR_PERCENT) / 100);
    const pool = Math.floor((cleared * percent) / 100);
    return { floor, byWork: pool - Math.floor((pool * FLOOR_PERCENT) / 100) };
  };
  if (outcome === 'won') return { coins: shares(COINS_A_WAVE), xp: shares(XP_A_WAVE) };
  return { coins: { floor: 0, byWork: 0 }, xp: shares((XP_A_WAVE * LOST_XP_PERCENT) / 100) };
}

/** Version 1: the same for all who were there, whoever left. */
function sharesAsOnce({ view, definition, combatants: { size } }: Battle, outcome: BattleOutcome): { coins: Shares; xp: Shares } {
  const waves = outcome === 'won' ? view.wave : Math.max(0, view.wave - 1);
  const parts = (size * rewardPercent(definition) * waves * (waves + 1)) / 2;
  const shares = (pool: number): Shares => {
    const floors = Math.floor((pool * FLOOR_PERCENT) / 100);
    return { floor: Math.floor(floors / size), byWork: pool - floors };
  };
  if (outcome === 'won')
    return { coins: shares(Math.floor((parts * COINS_A_WAVE) / 100)), xp: shares(Math.floor((parts * XP_A_WAVE) / 100)) };
  return { coins: shares(0), xp: shares(Math.floor((parts * XP_A_WAVE * LOST_XP_PERCENT) / 10_000)) };
}

const rewardPercent = ({ difficulty, boss }: BattleDefinition): number =>
  DIFFICULTIES[difficulty].rewardPercent * (boss ? BOSS_FACTOR : 1);

function shareOf({ floor, byWork }: Shares, combatant: Combatant, worked: number): number {
  const part = worked === 0 ? 0 : Math.floor((byWork * combatant.shown.damage) / worked);
  return stayed(combatant) ? floor + part : part;
}

interface Find {
  rarity: LootRoll['rarity'];
  gear: boolean;
  pick: number;
}

/** Whether the end is this fighter's too: they began and stayed, or have done at least half of an equal part. */
export const hasPart = ({ waveSize }: Battle, combatant: Combatant, worked: number): boolean =>
  stayed(combatant) || (!combatant.left && combatant.shown.damage * 2 * waveSize >= worked);

/** Whether this was a battle of this fighter's: they began and stayed, or came late and struck or drank at least once. */
export const hasFought = (combatant: Combatant): boolean =>
  stayed(combatant) || (!combatant.left && (combatant.shown.damage > 0 || combatant.potionTick > 0));

function findsOf(battle: Battle, combatant: Combatant, { worked, random }: { worked: number; random: Random }): Find[] {
  const { definition, version } = battle;
  if (!hasPart(battle, combatant, worked)) return [];
  const finds: Find[] = [];
  for (let roll = 0; roll < (definition.boss ? BOSS_FACTOR : 1); roll++) {
    if (random.below(100) >= DIFFICULTIES[definition.difficulty].lootPercent) continue;
    const drawn = random.below(100);
    const [rarity] = RARITIES.find(([, upTo]) => drawn < upTo)!;
    const gear = version > 1 && random.below(100) < GEAR_PERCENT;
    finds.push({ rarity, gear, pick: random.below(65_536) });
  }
  return finds;
}

function lootOf({ rarity, gear, pick }: Find, { version, definition }: Battle, random: Random): LootRoll {
  if (version === 1) return { rarity, pick };
  return { rarity, pick, gear: gear ? rollGear(random, { rarity, level: definition.levelRequired }) : null };
}
