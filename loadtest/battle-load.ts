// What every side of the battle benchmark is given alike: the same battle, the same party, the same rules of play. Enemies
// outlast the run and stamina never runs short, so every move that may be accepted is, and no fight ends.
import type { BattleDefinition, FighterStats } from '../rules/battle-types.ts';

export const PARTY = 4;
export const STEP_MS = 50;
export const STEPS_PER_SECOND = 1_000 / STEP_MS;
export const ENEMIES = 4;

export const BENCH_BATTLE: BattleDefinition = {
  battleId: 'bench',
  name: 'Bench',
  levelRequired: 1,
  partyMin: PARTY,
  partyMax: PARTY,
  boss: false,
  difficulty: 'easy',
  waves: [{ count: ENEMIES, kinds: ['orc'], boss: null }],
  hpPerMille: 1_000_000,
  blowPerMille: [1],
};

export const BENCH_STATS: FighterStats = { attack: 20, defence: 20, hp: 1_000, stamina: 1_000 };

/** A move is sent to an enemy of the only wave, by the seat's number. */
export const targetOf = (seat: number): string => `e${(seat % ENEMIES) + 1}`;
