// Bots of the listed level fight a battle to its end, as fast as the machine goes.
import { botInput, botMember } from '../rules/battle-bot.ts';
import { TICKS_PER_SECOND, type BattleDefinition, type PartyMember } from '../rules/battle-types.ts';
import { createBattle, joinBattle, queueInput, startBattle, stepBattle, type Battle } from '../rules/battle.ts';
import type { Random } from '../rules/random.ts';

/** xorshift32, near enough to uniform for figures; rounds for players draw from `rules/fairness.ts`. */
export function seeded(seed: number): Random {
  let word = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) | 1;
  return {
    below(limit) {
      word ^= word << 13;
      word ^= word >>> 17;
      word ^= word << 5;
      return Math.floor(((word >>> 0) / 2 ** 32) * limit);
    },
  };
}

export const botParty = (definition: BattleDefinition, size: number): PartyMember[] =>
  Array.from({ length: size }, (_, seat) => botMember(definition, seat + 1));

/** Fought to its end by bots alone. */
export function fight(definition: BattleDefinition, { size, seed }: { size: number; seed: number }): Battle {
  const battle = createBattle(definition);
  const party = botParty(definition, size);
  for (const member of party) joinBattle(battle, member);
  startBattle(battle, null);
  const random = seeded(seed);
  while (battle.view.phase === 'fighting') {
    for (const { playerId } of party) {
      const input = botInput(battle, playerId);
      if (input) queueInput(battle, playerId, input);
    }
    stepBattle(battle, random);
  }
  return battle;
}

export interface BattleFigures {
  wonPercent: number;
  /** Of the middle battle, won or lost, and of the middle one won. */
  seconds: number;
  secondsWon: number;
}

export function figuresOf(
  definition: BattleDefinition,
  { size, battles, seed }: { size: number; battles: number; seed: number },
): BattleFigures {
  const ends = Array.from({ length: battles }, (_, index) => fight(definition, { size, seed: seed + index }));
  const won = ends.filter(({ view }) => view.phase === 'won');
  return {
    wonPercent: (won.length / battles) * 100,
    seconds: middle(ends.map(({ tick }) => tick)) / TICKS_PER_SECOND,
    secondsWon: middle(won.map(({ tick }) => tick)) / TICKS_PER_SECOND,
  };
}

const middle = (numbers: number[]): number => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
