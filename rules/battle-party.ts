// Who is in a battle: joining its lobby or a fight that is on, leaving, a socket that comes and goes.
import { type Battle, type Combatant, enqueue } from './battle.ts';
import { BOT_STAGGER_TICKS, STAMINA_PER_SECOND, hpInBattle } from './battle-figures.ts';
import type { Fighter, PartyMember } from './battle-types.ts';
import { refuseUnless } from './refusal.ts';

/** Places that are given away twice over, to those who come for others who have left, end here. */
const PLACES_FACTOR = 2;

/**
 * Takes a place in the lobby; the first to join leads. In a fight that allows it, asks for the next step to let them in.
 * Refuses `round_over`, `already_seated`, `round_open`, `room_full`, `level_short`.
 */
export function joinBattle(battle: Battle, member: PartyMember): void {
  checkJoin(battle, member);
  const { playerId, bot } = member;
  if (battle.view.phase === 'fighting') return enqueue(battle, { playerId, input: { kind: 'join', member } });
  enter(battle, member);
  if (battle.view.leader === '' && !bot) battle.view.leader = playerId;
}

/** Refuses as `joinBattle`, and changes nothing. */
export function checkJoin(battle: Battle, { playerId, level }: Pick<PartyMember, 'playerId' | 'level'>): void {
  const { view, definition } = battle;
  refuseUnless(view.phase !== 'won' && view.phase !== 'lost', 'round_over');
  refuseUnless(!view.fighters.has(playerId) && !isComing(battle, playerId), 'already_seated');
  refuseUnless(view.phase === 'lobby' || definition.lateJoin, 'round_open');
  refuseUnless(placesFree(battle) > 0, 'room_full');
  refuseUnless(level >= definition.levelRequired, 'level_short');
}

/** How many more may come in now. */
export function placesFree({ definition: { partyMax }, combatants, queue }: Battle): number {
  const coming = queue.filter(({ input }) => input.kind === 'join').length;
  const here = [...combatants.values()].filter(({ left }) => !left).length;
  return Math.min(partyMax - here, partyMax * PLACES_FACTOR - combatants.size) - coming;
}

/** The place itself, full of life; checked before. */
export function enter(battle: Battle, member: PartyMember): void {
  const { view, combatants, foes, tick } = battle;
  const { playerId, stats } = member;
  const shown = battle.make.fighter(fresh(member, tick));
  view.fighters.set(playerId, shown);
  const seat = combatants.size;
  combatants.set(playerId, {
    playerId,
    seat,
    shown,
    stats,
    readyTick: 0,
    cool: { quick: 0, normal: 0, power: 0, critical: 0, ultimate: 0 },
    potionTick: 0,
    revives: 0,
    asked: new Set(),
    left: false,
    late: view.phase === 'fighting',
    defeated: 0,
    thinkTick: seat * BOT_STAGGER_TICKS,
  });
  for (const foe of foes) foe.threat.push(0);
}

/**
 * Goes for good: from the lobby at once, and the next to have joined leads; from a fight by an input of the next step; from a
 * finished battle nothing changes. Refuses `not_seated`.
 */
export function leaveBattle(battle: Battle, playerId: string): void {
  const { view, combatants } = battle;
  refuseUnless(isIn(battle, playerId), 'not_seated');
  if (view.phase === 'fighting') enqueue(battle, { playerId, input: { kind: 'leave' } });
  if (view.phase !== 'lobby') return;
  combatants.delete(playerId);
  view.fighters.delete(playerId);
  for (const [seat, combatant] of [...combatants.values()].entries()) combatant.seat = seat;
  if (view.leader === playerId) view.leader = [...combatants.values()].find(({ shown }) => !shown.bot)?.playerId ?? '';
}

/** A seat's socket came or went. In a fight it is an input, because it decides who may still be revived. Refuses `not_seated`. */
export function seatConnected(battle: Battle, playerId: string, connected: boolean): void {
  refuseUnless(isIn(battle, playerId), 'not_seated');
  if (battle.view.phase === 'fighting') enqueue(battle, { playerId, input: { kind: connected ? 'back' : 'drop' } });
  else battle.combatants.get(playerId)!.shown.connected = connected;
}

/** In the party, or let in by the next step, and not gone for good. */
export const isIn = (battle: Battle, playerId: string): boolean =>
  battle.combatants.get(playerId)?.left === false || isComing(battle, playerId);

const isComing = ({ queue }: Battle, playerId: string): boolean =>
  queue.some((asked) => asked.playerId === playerId && asked.input.kind === 'join');

/** Everyone who is in the lobby is from now on as strong as their member says; who is not named stays as they are. */
export function strengthen({ combatants, view, tick }: Battle, party: readonly PartyMember[]): void {
  refuseUnless(view.phase === 'lobby', 'round_open');
  for (const member of party) {
    const combatant = combatants.get(member.playerId);
    if (!combatant) continue;
    combatant.stats = member.stats;
    const { level, hp, hpMax, stamina, staminaMax } = fresh(member, tick);
    Object.assign(combatant.shown, { level, hp, hpMax, stamina, staminaMax });
  }
}

/** Who would fight, in order of joining: with the seed and the inputs, all that replays the battle. */
export const partyOf = ({ combatants }: Battle): PartyMember[] =>
  [...combatants.values()].map(({ playerId, shown: { name, level, bot, stamina }, stats }) => ({
    playerId,
    name,
    level,
    bot,
    stats,
    staminaNow: stamina < stats.stamina ? stamina : null,
  }));

/** For how many a wave is made: those who are there, within what the battle is made for. Version 1: those who began. */
export function sizeOf({ version, party, definition: { partyMin, partyMax }, combatants }: Battle): number {
  if (version === 1) return party.length;
  const here = [...combatants.values()].filter(({ left }) => !left).length;
  return Math.min(partyMax, Math.max(partyMin, here));
}

/** Whether this fighter has a part in what everyone who stayed is sure of. */
export const stayed = ({ left, late }: Combatant): boolean => !left && !late;

function fresh({ name, level, bot, stats, staminaNow }: PartyMember, tick: number): Fighter {
  return {
    name,
    level,
    bot,
    connected: true,
    hp: hpInBattle(stats),
    hpMax: hpInBattle(stats),
    stamina: Math.min(stats.stamina, staminaNow ?? stats.stamina),
    staminaMax: stats.stamina,
    staminaSince: tick,
    staminaPerSecond: STAMINA_PER_SECOND,
    damage: 0,
    fallen: false,
  };
}
