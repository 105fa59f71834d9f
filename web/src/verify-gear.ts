// Gear is rolled by tables that are the house's: what its open rule makes of the same draws is set beside what it said.
import { GEAR, gearById, type GearRoll, ROLL_RANGES, rollGear } from '../../rules/equipment.ts';
import { ITEM_RARITIES, type ItemRarity } from '../../rules/items.ts';
import { type Draw, drawLine, drawStream, messageLine, type Proof, type Step, type Verdict } from './verify.ts';

/** The verdict with each piece rolled again. One that is hidden, or of another game, stays as it is. */
export async function withGear(proof: Proof, verdict: Verdict): Promise<Verdict> {
  if (proof.game !== 'gear' || proof.serverSeed === null) return verdict;
  const steps = [...verdict.steps, ...(await gearSteps(proof, proof.serverSeed))];
  return { verdict: steps.every(({ agrees }) => agrees !== false) ? 'true' : 'false', steps };
}

async function gearSteps(proof: Proof, serverSeed: string): Promise<Step[]> {
  const { rarity, level, quantity } = proof.setup ?? {};
  const said = proof.outcome?.gear;
  if (!isRarity(rarity) || typeof level !== 'number' || typeof quantity !== 'number' || !Array.isArray(said))
    return [{ title: 'The gear', lines: ['what was rolled is not in the record'], agrees: false }];
  const stream = drawStream(serverSeed, proof.clientSeeds, proof.nonce);
  const steps: Step[] = [];
  for (let number = 0; number < quantity; number++) {
    const draws = [await stream.below(GEAR.length)];
    const [least, most] = ROLL_RANGES[rarity];
    while (draws.length < DRAWS_A_PIECE) draws.push(await stream.below(most - least + 1));
    const rolled = rollGear({ below: fed(draws) }, { rarity, level });
    const lines = [...(number === 0 ? [messageLine(proof, stream)] : []), ...draws.map(drawLine)];
    steps.push({
      title: gearById(rolled.itemId)?.name ?? rolled.itemId,
      lines: [...lines, `rolled: ${worded(rolled)}`, `the house said: ${worded(said[number] as GearRoll)}`],
      agrees: worded(rolled) === worded(said[number] as GearRoll),
    });
  }
  return steps;
}

const DRAWS_A_PIECE = 5;

const isRarity = (word: unknown): word is ItemRarity => (ITEM_RARITIES as readonly unknown[]).includes(word);

function fed(draws: readonly Draw[]): (limit: number) => number {
  let next = 0;
  return (limit) => {
    const draw = draws[next++];
    if (draw?.limit !== limit) throw new Error('the rule draws otherwise than it is written');
    return draw.value;
  };
}

const worded = (roll: GearRoll | undefined): string =>
  roll === undefined
    ? 'nothing'
    : `${roll.rarity} ${roll.itemId}, level ${roll.level}, attack ${roll.stats.attack}, defence ${roll.stats.defence}, health ${roll.stats.hp}, stamina ${roll.stats.stamina}`;
