// One loop in a process steps and patches every room that has a clock, drift-corrected: the n-th beat is due n · 50 ms after
// the first, however late the one before was. A timer per room would drift as soon as there are hundreds.

export const BEATS_PER_SECOND = 20;
export const BEAT_MS = 1_000 / BEATS_PER_SECOND;

/** What the loop needs of a room. */
export interface Beating {
  /** A step, and its patch. Called 20 times a second. */
  beat(now: number): void;
  /** Told when its beat has thrown: it alone ends. */
  fail(what: string, error: unknown): void;
}

/** Beats behind schedule that are made up for; more are let go, so that a stopped process does not race. */
const BEHIND_MAX = 5;

export class Pulse {
  #rooms = new Set<Beating>();
  #timer: NodeJS.Timeout | null = null;
  #dueAt = 0;
  #now: () => number;

  /** `now` is what rooms are told, epoch ms; the loop itself keeps monotonic time. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#rooms.size;
  }

  add(room: Beating): void {
    this.#rooms.add(room);
    if (this.#timer) return;
    this.#dueAt = performance.now() + BEAT_MS;
    this.#wait();
  }

  remove(room: Beating): void {
    this.#rooms.delete(room);
    if (this.#rooms.size > 0 || !this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): void {
    this.#timer = setTimeout(() => this.#beat(), Math.max(0, this.#dueAt - performance.now()));
  }

  #beat(): void {
    const now = this.#now();
    for (const room of this.#rooms) {
      try {
        room.beat(now);
      } catch (error) {
        room.fail('beat', error);
      }
    }
    if (this.#rooms.size === 0) return void (this.#timer = null);
    this.#dueAt += BEAT_MS;
    const late = performance.now() - this.#dueAt;
    if (late > BEHIND_MAX * BEAT_MS) this.#dueAt += Math.floor(late / BEAT_MS) * BEAT_MS;
    this.#wait();
  }
}
