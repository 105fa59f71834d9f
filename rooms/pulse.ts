// One loop in a process steps and patches every room that has a clock, drift-corrected: the n-th beat is due n · 50 ms after
// the first, however late the one before was. A timer per room would drift as soon as there are hundreds. The rooms take turns
// in parts of the beat: all at once would keep every move that comes meanwhile waiting for the next.

export const BEATS_PER_SECOND = 20;
export const BEAT_MS = 1_000 / BEATS_PER_SECOND;

/** What the loop needs of a room. */
export interface Beating {
  /** A step, and its patch. Called 20 times a second. */
  beat(now: number): void;
  /** Told when its beat has thrown: it alone ends. */
  fail(what: string, error: unknown): void;
}

/** Of a beat; each room keeps its own. */
const PARTS = 5;
const PART_MS = BEAT_MS / PARTS;

/** Beats behind schedule that are made up for; more are let go, so that a stopped process does not race. */
const BEHIND_MAX = 5;

export class Pulse {
  #parts: readonly Set<Beating>[] = Array.from({ length: PARTS }, () => new Set<Beating>());
  #next = 0;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = 0;
  #now: () => number;

  /** `now` is what rooms are told, epoch ms; the loop itself keeps monotonic time. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#parts.reduce((sum, { size }) => sum + size, 0);
  }

  add(room: Beating): void {
    if (this.#parts.some((part) => part.has(room))) return;
    const emptiest = this.#parts.reduce((least, part) => (part.size < least.size ? part : least));
    emptiest.add(room);
    if (this.#timer) return;
    this.#dueAt = performance.now() + PART_MS;
    this.#wait();
  }

  remove(room: Beating): void {
    for (const part of this.#parts) part.delete(room);
    if (this.size > 0 || !this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): void {
    clearTimeout(this.#timer ?? undefined); // a room that came in during a beat has set one already
    this.#timer = setTimeout(() => this.#beat(), Math.max(0, this.#dueAt - performance.now()));
  }

  #beat(): void {
    const now = this.#now();
    const part = this.#parts[this.#next]!;
    this.#next = (this.#next + 1) % PARTS;
    for (const room of part) {
      try {
        room.beat(now);
      } catch (error) {
        room.fail('beat', error);
      }
    }
    if (this.size === 0) return void (this.#timer = null);
    this.#dueAt += PART_MS;
    const late = performance.now() - this.#dueAt;
    if (late > BEHIND_MAX * BEAT_MS) this.#dueAt += Math.floor(late / BEAT_MS) * BEAT_MS;
    this.#wait();
  }
}
