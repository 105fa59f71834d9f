// The end of a process, wanted or not: nobody new sits down, rounds get their time to end, the rest is void, every file
// is closed. Colyseus' own shutdown knows no limit of time and no database, so it is turned off.
import { setTimeout as sleep } from 'node:timers/promises';
import { matchMaker } from '@colyseus/core';
import { CLOSE, HouseRoom } from '../rooms/house-room.ts';
import type { Log } from './house.ts';

export interface Closing {
  log: Log;
  drainMs: number;
  stopMatchmaking: () => void;
  /** Once aborted, rounds get no more time. */
  hurry?: AbortSignal;
  /** In order, each even if the one before failed or hung. */
  closers: readonly { name: string; close: () => Promise<unknown> }[];
}

/** Runs once however often it is asked. Resolves true when everything closed cleanly. */
export function shutdown(closing: Closing): () => Promise<boolean> {
  let under: Promise<boolean> | null = null;
  return () => (under ??= run(closing));
}

const LOOK_MS = 200;
const VOID_MS = 10_000;
const CLOSE_MS = 10_000;

async function run({ log, drainMs, stopMatchmaking, closers, hurry }: Closing): Promise<boolean> {
  stopMatchmaking();
  const open = (await houseRooms()).length;
  const left = await roundsLeft(performance.now() + drainMs, hurry);
  log.info('drained', { rooms: open, roundsVoid: left });
  await within(Promise.allSettled((await houseRooms()).map((room) => room.end('server_closing', CLOSE.serverClosing))), VOID_MS);
  let clean = true;
  for (const { name, close } of closers) clean = (await closed(name, close, log)) && clean;
  return clean;
}

/** Waits until no room has a round on, or until `deadline`, or until told to hurry. Resolves with how many still have. */
async function roundsLeft(deadline: number, hurry: AbortSignal | undefined): Promise<number> {
  for (;;) {
    const done = await Promise.all((await houseRooms()).map((room) => room.closeDown()));
    const busy = done.filter((isDone) => !isDone).length;
    if (busy === 0 || hurry?.aborted || performance.now() >= deadline) return busy;
    await sleep(Math.min(LOOK_MS, Math.max(1, deadline - performance.now())));
  }
}

async function houseRooms(): Promise<HouseRoom<object>[]> {
  const listings = await matchMaker.query({ processId: matchMaker.processId });
  return listings.map(({ roomId }) => matchMaker.getLocalRoomById(roomId)).filter((room) => room instanceof HouseRoom);
}

async function closed(name: string, close: () => Promise<unknown>, log: Log): Promise<boolean> {
  try {
    if (await within(close(), CLOSE_MS)) return true;
    log.warn('close_late', { name });
  } catch (error) {
    log.error('close_failed', { name, error });
  }
  return false;
}

/** False: `ms` ran out first. */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController();
  try {
    return await Promise.race([work.then(() => true), sleep(ms, false, { signal: late.signal })]);
  } finally {
    late.abort();
  }
}
