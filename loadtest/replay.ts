// npm run bench's part on replays: battles of every kind, fought by bots and stored as rooms store them, fought again against the
// time they took. From their records alone, as a page that watches one does; and as the replay endpoint does, with the record
// read, the seed unsealed, and the loop left free between slices.
import { digestAgain } from '../http/battles.ts';
import type { Proof } from '../persistence/history.ts';
import { BATTLES } from '../rules/battle-content.ts';
import { botInput } from '../rules/battle-bot.ts';
import { BATTLE_RULES_VERSION } from '../rules/battle-figures.ts';
import { digestOf, replayBattle } from '../rules/battle-replay.ts';
import { type BattleDefinition, type PartyMember, type TakenInput, TICKS_PER_SECOND } from '../rules/battle-types.ts';
import { type Battle, createBattle, joinBattle, queueInput, startBattle, stepBattle } from '../rules/battle.ts';
import { drawStream, serverSeedBytes } from '../rules/fairness.ts';
import { memoryStore } from '../test/support/store.ts';
import { benchOptions, figureOf, finish, interleave, progress, ratioOf } from './bench-kit.ts';
import { botParty } from './simulate-battle.ts';

const BENCH = 'replay';
const GOAL = { atLeast: 200 };
/** Of each battle, of its smallest party and its largest. */
const FIGHTS = { quick: 2, full: 6 };

const options = benchOptions('Stored battles fought again, in seconds of battle a second.');
const { store, close } = await memoryStore();
const rounds: string[] = [];
for (const definition of BATTLES) {
  progress(`${BENCH}: fighting ${definition.name}`);
  for (const size of [definition.partyMin, definition.partyMax])
    for (let fight = 0; fight < FIGHTS[options.quick ? 'quick' : 'full']; fight++) rounds.push(await stored(definition, size));
}
const proofs = await Promise.all(rounds.map(async (roundId) => (await store.history.proof(roundId))!));
await finishAll();
await close();

async function finishAll(): Promise<void> {
  const sides = {
    records: (seconds: number) => battleSeconds(seconds, (at) => Promise.resolve(again(proofs[at]!))),
    endpoint: (seconds: number) => battleSeconds(seconds, (at) => asked(rounds[at]!)),
  };
  const figures = await interleave(BENCH, sides, options);
  const realTime = figures.records.map(() => 1);
  const said = { bench: BENCH, unit: 'battle s/s', goal: GOAL };
  finish(BENCH, [
    ratioOf({ ...said, what: `${rounds.length} battles from their records, against real time` }, figures.records, realTime),
    ratioOf({ ...said, what: 'the same as the endpoint does it' }, figures.endpoint, realTime),
    figureOf({ bench: BENCH, what: 'the longest of them, whole', unit: 'ms' }, longestMs(options.rounds)),
  ]);
}

/** Fought by bots in one go, and kept as a room keeps it. */
async function stored(definition: BattleDefinition, size: number): Promise<string> {
  const { roundId, serverSeed } = await store.rounds.open({ game: 'battle', roomId: BENCH, rulesVersion: BATTLE_RULES_VERSION });
  const party = botParty(definition, size);
  const setup = { battleId: definition.battleId, definition, party };
  await store.rounds.start({ roundId, clientSeeds: [], setup, currency: null, stakes: [] });
  const battle = fought(definition, party, serverSeed);
  const outcome = { outcome: battle.view.phase, ticks: battle.tick, digest: digestOf(battle) };
  await store.rounds.move({ roundId, moves: battle.taken as never, end: { outcome, payouts: [], rake: 0n, counts: false } });
  return roundId;
}

function fought(definition: BattleDefinition, party: readonly PartyMember[], serverSeed: Uint8Array): Battle {
  const battle = createBattle(definition);
  for (const member of party) joinBattle(battle, member);
  startBattle(battle, null);
  const random = drawStream({ serverSeed, clientSeeds: [], nonce: 0 });
  while (battle.view.phase === 'fighting') {
    for (const { playerId } of party) {
      const input = botInput(battle, playerId);
      if (input) queueInput(battle, playerId, input);
    }
    stepBattle(battle, random);
  }
  return battle;
}

/** Seconds of battle fought again in a second, each checked. */
async function battleSeconds(seconds: number, replay: (at: number) => Promise<string | null>): Promise<number> {
  const began = performance.now();
  let ticks = 0;
  for (let turn = 0; performance.now() - began < seconds * 1_000; turn++) {
    const at = turn % rounds.length;
    const { ticks: length, digest } = proofs[at]!.outcome as { ticks: number; digest: string };
    if ((await replay(at)) !== digest) throw new Error(`${rounds[at]} came to another end`);
    ticks += length;
  }
  return ticks / TICKS_PER_SECOND / ((performance.now() - began) / 1_000);
}

function again({ serverSeed, setup, moves, rulesVersion: version }: Proof): string {
  const { definition, party } = setup as unknown as { definition: BattleDefinition; party: PartyMember[] };
  const random = drawStream({ serverSeed: serverSeedBytes(serverSeed!), clientSeeds: [], nonce: 0 });
  return replayBattle({ definition, party, inputs: moves as TakenInput[], random, version }).digest;
}

async function asked(roundId: string): Promise<string | null> {
  const { serverSeed, setup, moves, rulesVersion: version } = (await store.history.proof(roundId))!;
  return digestAgain({ serverSeed: serverSeed!, setup, moves, version });
}

function longestMs(times: number): number[] {
  return Array.from({ length: times }, () =>
    Math.max(
      ...proofs.map((proof) => {
        const began = performance.now();
        again(proof);
        return performance.now() - began;
      }),
    ),
  );
}
