// Prints how bots of the listed level fare in every battle, by party size; with --choose also the figures to put into
// rules/battle-content.ts after a change of any scale.
import { parseArgs } from 'node:util';
import { BATTLES } from '../rules/battle-content.ts';
import type { BattleDefinition } from '../rules/battle-types.ts';
import { figuresOf, type BattleFigures } from './simulate-battle.ts';

const HELP = `node loadtest/balance.ts [--battle <battleId>] [--battles N] [--choose]
  --battle   this one alone
  --battles  fights for each line (400)
  --choose   search the figures that meet the goals, instead of printing those in use (some minutes)`;

/** Percent of fights won. The first battles of all are kinder; elsewhere the middle of what rules.md asks. */
const GOALS = { first: 76, ordinary: 70, boss: 50 };
/** Length of a won fight, seconds. */
const LENGTHS = { ordinary: 170, boss: 200 };
const CHOOSING_SEED = 7;
const PRINTING_SEED = 1_000_003;

const { values } = parseArgs({
  options: {
    battle: { type: 'string' },
    battles: { type: 'string', default: '400' },
    choose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const battles = Number(values.battles);
const chosen = BATTLES.filter(({ battleId }) => values.battle === undefined || values.battle === battleId);

if (values.help) console.log(HELP);
else for (const definition of chosen) printLines(values.choose ? choose(definition) : definition);

function printLines(definition: BattleDefinition): void {
  for (const size of sizesOf(definition))
    console.log(line(definition, size, figuresOf(definition, { size, battles, seed: PRINTING_SEED })));
  if (values.choose)
    console.log(`  hpPerMille: ${definition.hpPerMille},\n  blowPerMille: [${definition.blowPerMille.join(', ')}],`);
}

function line({ battleId, levelRequired, boss }: BattleDefinition, size: number, figures: BattleFigures): string {
  const won = `${figures.wonPercent.toFixed(1)} % won`.padStart(12);
  const minutes = `${(figures.secondsWon / 60).toFixed(1)} min`.padStart(9);
  const level = `level ${String(levelRequired).padStart(2)}`;
  return `${battleId.padEnd(16)} ${level} ${boss ? 'boss' : '    '} party ${String(size).padStart(2)} ${won} ${minutes}`;
}

/** HP is set by the largest party's time, then each party's blows by its wins. */
function choose(definition: BattleDefinition): BattleDefinition {
  const length = definition.boss ? LENGTHS.boss : LENGTHS.ordinary;
  const { secondsWon } = tried(definition, definition.partyMax, searchBlow(definition, definition.partyMax));
  const scaled = { ...definition, hpPerMille: Math.round((definition.hpPerMille * length) / secondsWon) };
  return { ...scaled, blowPerMille: sizesOf(definition).map((size) => searchBlow(scaled, size)) };
}

/** The hardest blows at which the goal is still met, by halving: more of them never helps the party. */
function searchBlow(definition: BattleDefinition, size: number): number {
  const goal = definition.boss ? GOALS.boss : definition.levelRequired === 1 ? GOALS.first : GOALS.ordinary;
  let least = 10;
  let most = 4000;
  while (most - least > Math.max(1, least / 200)) {
    const middle = Math.round((least + most) / 2);
    if (tried(definition, size, middle).wonPercent >= goal) least = middle;
    else most = middle;
  }
  return least;
}

function tried(definition: BattleDefinition, size: number, blow: number): BattleFigures {
  const alike = { ...definition, blowPerMille: sizesOf(definition).map(() => blow) };
  return figuresOf(alike, { size, battles, seed: CHOOSING_SEED });
}

function sizesOf({ partyMin, partyMax }: BattleDefinition): number[] {
  return Array.from({ length: partyMax - partyMin + 1 }, (_, more) => partyMin + more);
}
