// The end of a process, wanted or not: nobody new sits down, rounds get their time to end, the rest is void, every file
// is closed. Colyseus' own shutdown knows no limit of time and no database, so it is turned off.
import { matchMaker } from '@colyseus/core';
import type { Log } from './house.ts';

/** What a room may offer: resolves when its open round has ended or, told `now`, is void. */
export interface Closable {
  closeDown(options: { now: boolean }): Promise<void>;
}

export interface Closing {
  log: Log;
  drainMs: number;
  stopMatchmaking(): void;
  /** In order, each even if the one before failed. */
  closers: readonly { name: string; close(): Promise<unknown> }[];
}

/** Runs once however often it is asked. Resolves true when everything closed cleanly. */
export function shutdown({ log, drainMs, stopMatchmaking, closers }: Closing): () => Promise<boolean> {
  let under: Promise<boolean> | null = null;
  const run = async () => {
    stopMatchmaking();
    const rooms = await closableRooms();
    log.info('draining', { rooms: rooms.length, drainMs });
    await within(Promise.allSettled(rooms.map((room) => room.closeDown({ now: false }))), drainMs);
    await within(Promise.allSettled((await closableRooms()).map((room) => room.closeDown({ now: true }))), VOID_MS);
    let clean = true;
    for (const { name, close } of closers) {
      try {
        clean = (await within(close(), CLOSE_MS)) && clean;
      } catch (error) {
        clean = false;
        log.error('close_failed', { name, error });
      }
    }
    return clean;
  };
  return () => (under ??= run());
}

const VOID_MS = 10_000;
const CLOSE_MS = 10_000;

async function closableRooms(): Promise<Closable[]> {
  const listings = await matchMaker.query({ processId: matchMaker.processId });
  return listings.map(({ roomId }) => matchMaker.getLocalRoomById(roomId) as unknown).filter(isClosable);
}

const isClosable = (room: unknown): room is Closable =>
  typeof room === 'object' && room !== null && 'closeDown' in room && typeof room.closeDown === 'function';

/** False: `ms` ran out first. */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
