// Small battles, and what tests of their rules say often.
import { ACTIONS, WAVE_PAUSE_TICKS } from '../../rules/battle-figures.ts';
import type { BattleDefinition, BattleEvent, BattleInput, PartyMember } from '../../rules/battle-types.ts';
import { createBattle, joinBattle, queueInput, startBattle, stepBattle, type Battle } from '../../rules/battle.ts';
import type { Random } from '../../rules/random.ts';

export const MILL: BattleDefinition = {
  battleId: 'mill',
  name: 'Mill',
  levelRequired: 3,
  partyMin: 1,
  partyMax: 3,
  boss: false,
  difficulty: 'easy',
  waves: [
    { count: 2, kinds: ['goblin'], boss: null },
    { count: 1, kinds: ['goblin'], boss: null },
  ],
  hpPerMille: 1000,
  blowPerMille: [1000, 1000, 1000],
};
export const LAIR: BattleDefinition = { ...MILL, boss: true, waves: [{ count: 0, kinds: ['wolf'], boss: 'goblin_king' }] };

/** Middle of every spread, never a critical, the first of all equals. */
export const even: Random = { below: (limit) => (limit === 201 ? 100 : limit === 100 ? 99 : 0) };
export const noChance: Random = {
  below() {
    throw new Error('nothing is drawn here');
  },
};

export const member = (playerId: string, more: Partial<PartyMember> = {}): PartyMember => ({
  playerId,
  name: playerId,
  level: 3,
  bot: false,
  stats: { attack: 30, defence: 10, hp: 100, stamina: 100 },
  ...more,
});

export function lobby(players: PartyMember[], definition = MILL): Battle {
  const made = createBattle(definition);
  for (const player of players) joinBattle(made, player);
  return made;
}

/** Started and stepped until its first enemies are there. */
export function fought(players: PartyMember[], definition = MILL): Battle {
  const made = lobby(players, definition);
  startBattle(made, null);
  run(made, WAVE_PAUSE_TICKS);
  return made;
}

export function run(made: Battle, ticks: number, random = even): BattleEvent[] {
  const events: BattleEvent[] = [];
  for (let step = 0; step < ticks; step++) events.push(...stepBattle(made, random));
  return events;
}

export const ask = (made: Battle, playerId: string, input: BattleInput): BattleEvent[] => {
  queueInput(made, playerId, input);
  return run(made, 1);
};

export const act = (targetId = 'e1', action: keyof typeof ACTIONS = 'normal'): BattleInput => ({ kind: 'act', action, targetId });
export const snapshot = (made: Battle) => structuredClone({ ...made, make: null });
export const mighty = member('ann', { stats: { attack: 1_000_000, defence: 1_000_000, hp: 100, stamina: 1000 } });
export const frail = (playerId: string, more: Partial<PartyMember> = {}) =>
  member(playerId, { stats: { attack: 1, defence: 0, hp: 1, stamina: 100 }, ...more });
/** Until `playerId` is down. */
export function runUntilFallen(made: Battle, playerId: string): void {
  while (!made.view.fighters.get(playerId)!.fallen) run(made, 1);
}
