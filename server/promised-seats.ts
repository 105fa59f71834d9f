// Seats that were given to somebody and not yet taken. Whoever asks the same again is given the same seat again, so that asking
// over and over uses up no more of a room than asking once.
import { matchMaker } from '@colyseus/core';

type Seat = matchMaker.ISeatReservation;

interface Promised {
  seat: Promise<Seat>;
  atMs: number;
}

/** A reservation lasts 15 s; what is given out again must leave its socket time to come. */
const AGAIN_MS = 8_000;

export class PromisedSeats {
  /** Oldest first. */
  readonly #byAsker = new Map<string, Promised>();

  /** `asker` names who asks, from which session, for what; `give` finds a seat where none is promised. */
  async seat(asker: string, give: () => Promise<Seat>): Promise<Seat> {
    this.#forgetOld(performance.now());
    const known = this.#byAsker.get(asker);
    if (known && (await isFree(known.seat))) return known.seat;
    if (this.#byAsker.get(asker) !== known) return this.seat(asker, give); // somebody was quicker
    const promised = { seat: give(), atMs: performance.now() };
    this.#byAsker.delete(asker);
    this.#byAsker.set(asker, promised);
    return promised.seat;
  }

  #forgetOld(nowMs: number): void {
    for (const [asker, { atMs }] of this.#byAsker) {
      if (nowMs - atMs < AGAIN_MS) return;
      this.#byAsker.delete(asker);
    }
  }
}

/** Whether that seat still waits for its socket; while it is being found it does. */
async function isFree(seat: Promise<Seat>): Promise<boolean> {
  try {
    const { roomId, sessionId } = await seat;
    if (!(await matchMaker.driver.findOne({ roomId }))) return false;
    return (await matchMaker.remoteRoomCall(roomId, 'hasReservedSeat', [sessionId])) === true;
  } catch {
    return false; // refused, or its room has just gone: asking anew tells
  }
}
