import { joinBattle, createBattle, queueInput, startBattle, stepBattle, type Battle } from './battle.ts';
import { BATTLE_TICKS_MAX } from './battle-figures.ts';
import type { BattleDefinition, BattleOutcome, BattleReward, PartyMember, TakenInput } from './battle-types.ts';
import type { Random } from './random.ts';

/** All that is needed to fight it again: what the round has stored, and its stream from the first draw. */
export interface BattleRecord {
  definition: BattleDefinition;
  party: readonly PartyMember[];
  /** In the order they were taken. */
  inputs: readonly TakenInput[];
  random: Random;
}

export interface BattleEnd {
  outcome: BattleOutcome;
  ticks: number;
  rewards: BattleReward[];
  digest: string;
}

/**
 * Fights a recorded battle again to the same end, passing over the steps in which nothing was due. A record that was tampered
 * with throws, by a Refusal or a RangeError, or ends in another digest.
 */
export function replayBattle({ definition, party, inputs, random }: BattleRecord): BattleEnd {
  const battle = createBattle(definition);
  for (const member of party) joinBattle(battle, member);
  startBattle(battle, null);
  let next = 0;
  while (battle.view.phase === 'fighting') {
    const due = Math.min(battle.dueTick, inputs[next]?.tick ?? BATTLE_TICKS_MAX);
    if (due <= battle.tick) throw new RangeError(`input ${next} is out of order`);
    battle.tick = due - 1;
    for (; inputs[next]?.tick === due; next++) queueInput(battle, inputs[next]!.playerId, inputs[next]!.input);
    stepBattle(battle, random);
  }
  if (next < inputs.length) throw new RangeError(`input ${next} comes after the end`);
  return { outcome: outcomeOf(battle), ticks: battle.tick, rewards: battle.rewards, digest: digestOf(battle) };
}

/** FNV-1a, 64 bits, 16 hex digits, over a finished battle: its outcome, tick, wave, fighters, enemies and rewards in order. */
export function digestOf(battle: Battle): string {
  let hash = FNV_OFFSET;
  for (const whole of figuresOf(battle)) {
    for (let shift = 0; shift < 32; shift += 8) hash = BigInt.asUintN(64, (hash ^ BigInt((whole >>> shift) & 255)) * FNV_PRIME);
  }
  return hash.toString(16).padStart(16, '0');
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ */
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

function outcomeOf({ view: { phase } }: Battle): BattleOutcome {
  if (phase === 'won' || phase === 'lost') return phase;
  throw new Error(`no outcome while ${phase}`);
}

function* figuresOf({ view, tick, combatants, rewards }: Battle): Generator<number> {
  yield* [view.phase === 'won' ? 1 : 0, tick, view.wave];
  for (const { playerId, shown, left } of combatants.values()) {
    yield* lettersOf(playerId);
    yield* [shown.hp, shown.hpMax, shown.stamina, shown.staminaSince, shown.damage, left ? 1 : 0];
  }
  for (const { hp, hpMax, stage } of view.enemies.values()) yield* [hp, hpMax, stage];
  for (const { coins, xp, loot } of rewards) {
    yield* [coins, xp];
    for (const { rarity, pick } of loot) yield* [...lettersOf(rarity), pick];
  }
}

const lettersOf = (text: string): number[] => [
  text.length,
  ...Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)),
];
