// A recorded battle fought again: at once, to check its end, or step by step, to watch it.
import { joinBattle, createBattle, queueInput, startBattle, stepBattle, type Battle } from './battle.ts';
import { BATTLE_RULES_VERSION, BATTLE_TICKS_MAX } from './battle-figures.ts';
import type { BattleDefinition, BattleEvent, BattleOutcome, BattleReward, PartyMember, TakenInput } from './battle-types.ts';
import type { Random } from './random.ts';

/** All that is needed to fight it again: what the round has stored, and its stream from the first draw. */
export interface BattleRecord {
  definition: BattleDefinition;
  party: readonly PartyMember[];
  /** In the order they were taken. */
  inputs: readonly TakenInput[];
  random: Random;
  /** Of the rules it was fought under, as the round has it: `rulesVersion`. */
  version: number;
}

export interface BattleEnd {
  outcome: BattleOutcome;
  ticks: number;
  rewards: BattleReward[];
  digest: string;
}

export interface Replay {
  /** As it stands after the last step; not to be written to. */
  readonly battle: Battle;
  /** Of the last step, 1/20 s each; 0 as the fight begins. */
  readonly tick: number;
  readonly done: boolean;
  /** One step of 50 ms, and what it did; nothing once done. Throws where the record is no possible battle. */
  step(): readonly BattleEvent[];
  /** The next step in which anything is due, passing over those before it. */
  leap(): readonly BattleEvent[];
  /** Once done. */
  end(): BattleEnd;
}

/**
 * A recorded battle, ready for its first step. A record that was tampered with throws on the way, by a Refusal or a RangeError,
 * or ends in another digest.
 */
export function openReplay({ definition, party, inputs, random, version }: BattleRecord): Replay {
  if (!(version >= 1 && version <= BATTLE_RULES_VERSION)) throw new RangeError(`rules of version ${version}`);
  const battle = createBattle(definition, undefined, version);
  for (const member of party) if (!member.late) joinBattle(battle, member);
  startBattle(battle, null);
  let next = 0;
  const stepTo = (tick: number): readonly BattleEvent[] => {
    if (!Number.isInteger(tick)) throw new RangeError(`input ${next} is at no tick`);
    battle.tick = tick - 1;
    for (; inputs[next]?.tick === tick; next++) queueInput(battle, inputs[next]!.playerId, inputs[next]!.input);
    const events = stepBattle(battle, random);
    const comes = inputs[next]?.tick ?? Infinity;
    if (comes <= tick) throw new RangeError(`input ${next} is out of order`);
    if (battle.view.phase !== 'fighting' && next < inputs.length) throw new RangeError(`input ${next} comes after the end`);
    return events;
  };
  return {
    battle,
    get tick() {
      return battle.tick;
    },
    get done() {
      return battle.view.phase !== 'fighting';
    },
    step: () => (battle.view.phase === 'fighting' ? stepTo(battle.tick + 1) : []),
    leap() {
      if (battle.view.phase !== 'fighting') return [];
      const due = Math.min(battle.dueTick, inputs[next]?.tick ?? BATTLE_TICKS_MAX);
      return stepTo(Math.max(due, battle.tick + 1));
    },
    end: () => ({ outcome: outcomeOf(battle), ticks: battle.tick, rewards: battle.rewards, digest: digestOf(battle) }),
  };
}

/** Fights a recorded battle again to its end, without a pause. Throws as a replay's steps do. */
export function replayBattle(record: BattleRecord): BattleEnd {
  const replay = openReplay(record);
  while (!replay.done) replay.leap();
  return replay.end();
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
    for (const { rarity, pick, gear } of loot) {
      yield* [...lettersOf(rarity), pick];
      if (gear !== undefined) yield gear === null ? 0 : 1;
    }
  }
}

const lettersOf = (text: string): number[] => [
  text.length,
  ...Array.from({ length: text.length }, (_, at) => text.charCodeAt(at)),
];
