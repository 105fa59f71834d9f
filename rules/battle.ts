// The step, and what comes before it: a battle is made, started, asked for moves and stepped. Everything the players
// may see is in `battle.view`; the rest of a Battle is for the room alone. Integers only, so that a round replays anywhere.
import { spawnWave, strikeBack, type Foe } from './battle-enemies.ts';
import {
  ACTIONS,
  BATTLE_RULES_VERSION,
  BATTLE_TICKS_MAX,
  POTION_COOLDOWN_TICKS,
  RECOVERY_TICKS,
  REVIVES_MAX,
  REVIVE_WINDOW_TICKS,
  WAVE_PAUSE_TICKS,
  WAVE_REST_PERCENT,
  staminaAt,
} from './battle-figures.ts';
import { regain, takeInput } from './battle-moves.ts';
import { checkJoin, isIn, partyOf } from './battle-party.ts';
import { earned } from './battle-rewards.ts';
import type {
  Action,
  BattleDefinition,
  BattleEvent,
  BattleInput,
  BattleMakers,
  BattleOutcome,
  BattleReward,
  BattleView,
  Fighter,
  FighterStats,
  PartyMember,
  TakenInput,
} from './battle-types.ts';
import type { Random } from './random.ts';
import { refuseUnless } from './refusal.ts';

/** The part of a fighter nobody else sees. */
export interface Combatant {
  playerId: string;
  /** Order of joining: the index of this fighter's threat in every foe. */
  seat: number;
  shown: Fighter;
  stats: FighterStats;
  /** First tick whose step may take this fighter's next action; `cool` the same for one action. */
  readyTick: number;
  cool: Record<Action, number>;
  potionTick: number;
  revives: number;
  /** Kinds of input queued for the next step; one act, potion and revival at most. */
  asked: Set<BattleInput['kind']>;
  /** Gone for good: shown as fallen, no target, no reward. */
  left: boolean;
  /** Came into a fight that was on. */
  late: boolean;
  /** Enemies ended by this fighter. */
  defeated: number;
  /** A bot looks again at this tick. */
  thinkTick: number;
}

export interface Battle {
  definition: BattleDefinition;
  view: BattleView;
  make: BattleMakers;
  /** Of the last step; 0 as the fight begins. */
  tick: number;
  /** Steps before this one change nothing. */
  dueTick: number;
  combatants: Map<string, Combatant>;
  /** Living enemies in order of appearance. */
  foes: Foe[];
  enemiesMade: number;
  /** Of the rules it is fought under. */
  version: number;
  /** For how many the wave now fought was made. */
  waveSize: number;
  /** Of all waves cleared, the sum of wave × size: what rewards count. */
  cleared: number;
  /** Ticks of what is to come, 0 for none. */
  waveTick: number;
  lossTick: number;
  queue: { playerId: string; input: BattleInput }[];
  /** All that was taken, for the round's record. A room may empty it as it stores them. */
  taken: TakenInput[];
  /** As they stood when the fight began. */
  party: PartyMember[];
  /** Once the fight is over. */
  rewards: BattleReward[];
}

export { checkJoin, isIn, joinBattle, leaveBattle, partyOf, placesFree, seatConnected, strengthen } from './battle-party.ts';

const NOTHING: readonly BattleEvent[] = Object.freeze([]);

/**
 * A battle in its lobby. `make` is given by rooms, to show it in their synced state; the default shows plain objects. An old
 * record is fought under the `version` of the rules it was made with.
 */
export function createBattle(
  definition: BattleDefinition,
  make: BattleMakers = plainMakers(),
  version = BATTLE_RULES_VERSION,
): Battle {
  const { view } = make;
  view.battleId = definition.battleId;
  view.phase = 'lobby';
  view.waves = definition.waves.length;
  return {
    definition,
    view,
    make,
    tick: 0,
    dueTick: 0,
    combatants: new Map(),
    foes: [],
    enemiesMade: 0,
    version,
    waveSize: 0,
    cleared: 0,
    waveTick: 0,
    lossTick: 0,
    queue: [],
    taken: [],
    party: [],
    rewards: [],
  };
}

/** Plain objects in place of the synced state. */
export function plainMakers(): BattleMakers {
  const view: BattleView = {
    battleId: '',
    phase: 'lobby',
    wave: 0,
    waves: 0,
    leader: '',
    fighters: new Map(),
    enemies: new Map(),
  };
  return { view, fighter: (fields) => fields, enemy: (fields) => fields };
}

/**
 * Whether the fight may begin. `by` is the player who asks, null for the room's own clock.
 * Refuses `not_seated`, `round_over`, `round_open`, `not_leader`, `not_ready` while the party is smaller than the battle asks.
 */
export function checkStart({ view, definition, combatants }: Battle, by: string | null): void {
  refuseUnless(by === null || combatants.has(by), 'not_seated');
  refuseUnless(view.phase !== 'won' && view.phase !== 'lost', 'round_over');
  refuseUnless(view.phase === 'lobby', 'round_open');
  refuseUnless(by === null || by === view.leader, 'not_leader');
  refuseUnless(combatants.size >= definition.partyMin, 'not_ready');
}

/** The fight begins: tick 0, first wave after a pause. Refuses as `checkStart`. */
export function startBattle(battle: Battle, by: string | null): void {
  checkStart(battle, by);
  const { view, combatants } = battle;
  battle.party = partyOf(battle);
  view.phase = 'fighting';
  battle.waveTick = WAVE_PAUSE_TICKS;
  battle.dueTick = WAVE_PAUSE_TICKS;
  for (const { playerId, shown } of combatants.values())
    if (!shown.connected) enqueue(battle, { playerId, input: { kind: 'drop' } });
}

/**
 * Whether the next step would take this input, without asking for it: for a move that is paid for first.
 * Refuses `not_seated`, `round_over`, `not_ready` before the start, and for `act` `fallen`, `target_unknown`,
 * `action_cooling`, `stamina_short`; for `potion` `fallen`, `action_cooling`; for `revive` `not_fallen`, `limit_reached`; for
 * `join` as `joinBattle`.
 */
export function checkInput(battle: Battle, playerId: string, input: BattleInput): void {
  const { phase } = battle.view;
  if (input.kind === 'join') {
    refuseUnless(phase !== 'lobby' && playerId === input.member.playerId, 'not_ready');
    return checkJoin(battle, input.member);
  }
  refuseUnless(isIn(battle, playerId), 'not_seated');
  refuseUnless(phase !== 'won' && phase !== 'lost', 'round_over');
  refuseUnless(phase === 'fighting', 'not_ready');
  const combatant = battle.combatants.get(playerId);
  if (combatant) checkMove(battle, combatant, input);
  else refuseUnless(input.kind === 'drop' || input.kind === 'back' || input.kind === 'leave', 'not_ready');
}

function checkMove(battle: Battle, combatant: Combatant, input: BattleInput): void {
  const { shown, asked } = combatant;
  const tick = battle.tick + 1;
  if (input.kind === 'act') {
    refuseUnless(!shown.fallen, 'fallen');
    refuseUnless((battle.view.enemies.get(input.targetId)?.hp ?? 0) > 0, 'target_unknown');
    refuseUnless(!asked.has('act') && tick >= combatant.readyTick && tick >= combatant.cool[input.action], 'action_cooling');
    refuseUnless(staminaAt(shown, tick) >= ACTIONS[input.action].stamina, 'stamina_short');
  } else if (input.kind === 'potion') {
    refuseUnless(!shown.fallen, 'fallen');
    refuseUnless(!asked.has('potion') && tick >= combatant.potionTick, 'action_cooling');
  } else if (input.kind === 'revive') {
    refuseUnless(shown.fallen && !asked.has('revive'), 'not_fallen');
    refuseUnless(combatant.revives < REVIVES_MAX, 'limit_reached');
  }
}

/**
 * Asks for a move; the next step takes it. Answers with that step's tick, and the first ticks at which this fighter may act
 * again and use this action again. Refuses as `checkInput`; a refusal leaves the battle untouched.
 */
export function queueInput(
  battle: Battle,
  playerId: string,
  input: BattleInput,
): { tick: number; readyTick: number; coolTick: number } {
  checkInput(battle, playerId, input);
  enqueue(battle, { playerId, input });
  const tick = battle.tick + 1;
  if (input.kind === 'potion') return { tick, readyTick: tick, coolTick: tick + POTION_COOLDOWN_TICKS };
  if (input.kind !== 'act') return { tick, readyTick: tick, coolTick: tick };
  return { tick, readyTick: tick + RECOVERY_TICKS, coolTick: tick + ACTIONS[input.action].cooldownTicks };
}

/**
 * One step of 50 ms: inputs in the order they were asked, then the wave, then the enemies. Draws from the round's own
 * stream in that order. What it did is returned in order; a step with nothing due costs two comparisons, and in the lobby or
 * after the end no tick passes.
 */
export function stepBattle(battle: Battle, random: Random): readonly BattleEvent[] {
  if (battle.view.phase !== 'fighting') return NOTHING;
  const tick = ++battle.tick;
  if (tick < battle.dueTick) return NOTHING;
  const events: BattleEvent[] = [];
  takeInputs(battle, random, events);
  if (battle.foes.length === 0 && battle.waveTick === 0) clearWave(battle, random, events);
  if (battle.waveTick === tick) spawnWave(battle, random);
  strikeBack(battle, random, events);
  if (battle.view.phase === 'fighting') endIfLost(battle, random, events);
  battle.dueTick = nextDue(battle);
  return events;
}

function takeInputs(battle: Battle, random: Random, events: BattleEvent[]): void {
  const { queue, tick } = battle;
  for (const { playerId, input } of queue) {
    battle.combatants.get(playerId)?.asked.delete(input.kind);
    battle.taken.push({ tick, playerId, input });
    takeInput(battle, { playerId, input }, random, events);
  }
  queue.length = 0;
}

function clearWave(battle: Battle, random: Random, events: BattleEvent[]): void {
  const { view } = battle;
  events.push({ type: 'wave_cleared', wave: view.wave });
  battle.cleared += view.wave * battle.waveSize;
  if (view.wave === view.waves) return finish(battle, 'won', random, events);
  battle.waveTick = battle.tick + WAVE_PAUSE_TICKS;
  regain(battle, WAVE_REST_PERCENT);
}

/** Nobody on their feet ends it, at once or when the time to be revived is over. */
function endIfLost(battle: Battle, random: Random, events: BattleEvent[]): void {
  const { tick } = battle;
  const all = [...battle.combatants.values()];
  if (all.some(({ shown }) => !shown.fallen)) battle.lossTick = 0;
  else if (!all.some(mayRise)) battle.lossTick = tick;
  else if (battle.lossTick === 0) battle.lossTick = tick + REVIVE_WINDOW_TICKS;
  if (battle.lossTick === tick || tick >= BATTLE_TICKS_MAX) finish(battle, 'lost', random, events);
}

const mayRise = ({ shown, left, revives }: Combatant): boolean => !left && !shown.bot && shown.connected && revives < REVIVES_MAX;

function finish(battle: Battle, outcome: BattleOutcome, random: Random, events: BattleEvent[]): void {
  battle.view.phase = outcome;
  battle.rewards = earned(battle, outcome, random);
  events.push({ type: 'finished', outcome, rewards: battle.rewards });
}

function nextDue(battle: Battle): number {
  let due = BATTLE_TICKS_MAX;
  for (const { strikeTick } of battle.foes) if (strikeTick < due) due = strikeTick;
  if (battle.waveTick > battle.tick && battle.waveTick < due) due = battle.waveTick;
  if (battle.lossTick > battle.tick && battle.lossTick < due) due = battle.lossTick;
  return due;
}

/** Asks the next step for it, unchecked. */
export function enqueue(battle: Battle, asked: { playerId: string; input: BattleInput }): void {
  battle.combatants.get(asked.playerId)?.asked.add(asked.input.kind);
  battle.queue.push(asked);
  battle.dueTick = battle.tick + 1;
}
