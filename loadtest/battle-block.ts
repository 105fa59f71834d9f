// One block of the battle benchmark: a side plays for some seconds, and what it cost is read from outside it.
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from './bench-kit.ts';
import { drive } from './battle-drive.ts';
import { STEPS_PER_SECOND } from './battle-load.ts';
import type { BenchPlayer, Side } from './battle-sides.ts';

export interface Block {
  /** Of the server's processor time. */
  microsecondsAPlayerStep: number;
  /** Read from each player's socket, frame headers included. */
  bytesAPlayerSecond: number;
  stepsASecond: number;
  /** Of each player. */
  acceptedASecond: number;
  refusedASecond: number;
  /** From a move's sending to its `attack` at another client of the room, ms; 0 where that is not looked at. */
  seenMs: { p50: number; p99: number; count: number };
  /** Part of a core. */
  serverBusy: number;
  generatorBusy: number;
}

const TRIES_MAX = 3;
/** A generator busier than this measures itself. */
const GENERATOR_BUSY_MAX = 0.7;
/** Below this the machine was elsewhere, and the figures are of a server that stood still. */
const STEPS_LEAST = 18;

/** A block in which the machine had no room for the measurement is measured again, twice at most. */
export async function measure(side: Side, times: { warmSeconds: number; seconds: number }): Promise<Block> {
  for (let tries = 1; ; tries++) {
    const block = await measureOnce(side, times);
    if (tries === TRIES_MAX || (block.generatorBusy <= GENERATOR_BUSY_MAX && block.stepsASecond >= STEPS_LEAST)) return block;
  }
}

async function measureOnce(side: Side, { warmSeconds, seconds }: { warmSeconds: number; seconds: number }): Promise<Block> {
  await side.resume();
  const driving = drive(side.players);
  await sleep(warmSeconds * 1_000);
  const read = beginReading(side);
  await sleep(seconds * 1_000);
  const block = read();
  await driving.stop();
  await side.pause();
  return block;
}

function beginReading({ pid, players, tally }: Side): () => Block {
  Object.assign(tally, { accepted: 0, refused: 0, seenMs: [] });
  for (const player of players) Object.assign(player, { first: null, last: null });
  const bytesRead = () => players.reduce((sum, player) => sum + player.bytesRead(), 0);
  const began = { at: performance.now(), server: cpuSeconds(pid), generator: process.cpuUsage(), bytes: bytesRead() };
  return () => {
    const seconds = (performance.now() - began.at) / 1_000;
    const server = cpuSeconds(pid) - began.server;
    const generator = process.cpuUsage(began.generator);
    const stepsASecond = stepRate(players);
    const seen = tally.seenMs.toSorted((one, other) => one - other);
    return {
      microsecondsAPlayerStep: (server * 1_000_000) / (players.length * stepsASecond * seconds),
      bytesAPlayerSecond: (bytesRead() - began.bytes) / players.length / seconds,
      stepsASecond,
      acceptedASecond: tally.accepted / players.length / seconds,
      refusedASecond: tally.refused / players.length / seconds,
      seenMs: { p50: at(seen, 0.5), p99: at(seen, 0.99), count: seen.length },
      serverBusy: server / seconds,
      generatorBusy: (generator.user + generator.system) / 1_000_000 / seconds,
    };
  };
}

const at = (sorted: readonly number[], part: number): number => sorted[Math.floor(sorted.length * part)] ?? 0;

/** By the ticks that answers name. */
function stepRate(players: readonly BenchPlayer[]): number {
  let ticks = 0;
  let ms = 0;
  for (const { first, last } of players) {
    if (!first || !last) continue;
    ticks += last.tick - first.tick;
    ms += last.at - first.at;
  }
  return ms === 0 ? STEPS_PER_SECOND : (ticks / ms) * 1_000;
}
