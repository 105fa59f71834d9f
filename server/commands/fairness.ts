import { z } from 'zod';
import type { Proof } from '../../persistence/history.ts';
import { replayBattle } from '../../rules/battle-replay.ts';
import type { BattleDefinition, PartyMember, TakenInput } from '../../rules/battle-types.ts';
import { commitmentOf, drawStream, serverSeedBytes } from '../../rules/fairness.ts';
import { rollGear } from '../../rules/equipment.ts';
import { ITEM_RARITIES } from '../../rules/items.ts';
import { hatch, type HatchSetup } from '../../rules/pets.ts';
import type { Random } from '../../rules/random.ts';
import { replayRoulette, type RouletteMove } from '../../rules/roulette-replay.ts';
import { decideSpin, SPIN_TABLE } from '../../rules/spin.ts';
import type { Command } from './index.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const fairness: Command = {
  help: `npm run fairness -- verify <round>   checks a round's seed against its commitment, plays the round again from
                                     seed and moves, and compares; exit 1 where anything differs`,
  anySchema: false,
  takes: (words) => words.length === 2 && words[0] === 'verify' && UUID.test(words[1]!),
  async run([, roundId], { store }) {
    const proof = await store.history.proof(roundId!);
    return proof === null ? { ok: false, line: 'There is no such round.' } : checked(proof);
  },
};

/** What of a round's outcome follows from its seed and moves, played again. */
type Replay = (proof: Proof, random: Random) => Record<string, unknown>;

const object = <T extends object>() => z.custom<T>((value) => typeof value === 'object' && value !== null);

const SPIN = z.object({
  stake: z.string(),
  segments: z.array(z.object({ multiplier: z.int(), weight: z.int() })),
  jackpotOdds: z.int(),
});
const ROULETTE = z.object({ seats: z.array(z.string()), stake: z.string(), rakeBp: z.int() });
const BATTLE = z.object({ definition: object<BattleDefinition>(), party: z.array(object<PartyMember>()) });

const GEAR_BOX = z.object({ rarity: z.enum(ITEM_RARITIES), level: z.int(), quantity: z.int().min(1).max(100) });

/** By game. One that is not here has its seed checked and no more. */
const REPLAYS: Readonly<Record<string, Replay>> = {
  spin({ setup }, random) {
    const { stake, segments, jackpotOdds } = SPIN.parse(setup);
    const table = { ...SPIN_TABLE, segments, jackpot: { ...SPIN_TABLE.jackpot, odds: jackpotOdds } };
    const { segment, multiplier, payout, jackpotHit } = decideSpin(random, BigInt(stake), table);
    return { segment, multiplier, payout: String(payout), jackpotHit };
  },
  egg: ({ setup }, random) => hatch(object<HatchSetup>().parse(setup), random),
  gear({ setup }, random) {
    const { quantity, ...box } = GEAR_BOX.parse(setup);
    return { gear: Array.from({ length: quantity }, () => rollGear(random, box)) };
  },
  roulette({ setup, moves }, random) {
    const { seats, stake, rakeBp } = ROULETTE.parse(setup);
    const played = replayRoulette({
      seats,
      stake: BigInt(stake),
      rakeBp,
      moves: z.array(object<RouletteMove>()).parse(moves),
      random,
    });
    return {
      winner: played.winner,
      firstTurn: played.firstTurn,
      payout: String(played.prize?.payout),
      rake: String(played.prize?.rake),
    };
  },
  battle({ setup, moves, rulesVersion: version }, random) {
    const { definition, party } = BATTLE.parse(setup);
    const { outcome, ticks, digest } = replayBattle({
      definition,
      party,
      inputs: z.array(object<TakenInput>()).parse(moves),
      random,
      version,
    });
    return { outcome, ticks, digest };
  },
};

function checked(proof: Proof): { ok: boolean; line: string } {
  const { game, serverSeed, clientSeeds, nonce, commitment, outcome } = proof;
  if (serverSeed === null)
    return { ok: false, line: 'The seed of this round is not shown yet: it has not ended, or its player has not rotated.' };
  const seed = serverSeedBytes(serverSeed);
  if (commitmentOf(seed) !== commitment)
    return { ok: false, line: `The seed of this ${game} round does not match its commitment.` };
  const replay = REPLAYS[game];
  if (outcome === null || replay === undefined)
    return { ok: true, line: `The seed of this ${game} round matches its commitment; it has no outcome to play again.` };
  const again = replay(proof, drawStream({ serverSeed: seed, clientSeeds, nonce }));
  const differing = Object.keys(again).filter((name) => again[name] !== outcome[name]);
  if (differing.length > 0) return { ok: false, line: `Played again, this ${game} round differs in: ${differing.join(', ')}.` };
  return {
    ok: true,
    line: `This ${game} round is true: the seed matches its commitment, and played again it comes to the same end.`,
  };
}
