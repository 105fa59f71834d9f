// The moves of the battle benchmark: from each player one a second that is accepted, and one soon after it that is refused
// because its fighter has just struck; at times of each player's own.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Driven {
  /** Sends one move. */
  act(): void;
  /** When the last move that should be accepted was sent (`performance.now()`), 0 once it was seen. */
  actedAt: number;
}

export interface Driving {
  /** No move is sent from now on. */
  stop(): Promise<void>;
}

const PERIOD_MS = { least: 900, spread: 200 };
/** Inside the half second a fighter needs to recover. */
const REFUSED_AFTER_MS = { least: 150, spread: 200 };

export function drive(players: readonly Driven[]): Driving {
  const calendar = new Calendar();
  const now = performance.now();
  for (const player of players) calendar.add(now + Math.random() * 1_000, { player, refused: false });
  let stopping = false;
  const running = run(calendar, () => stopping);
  return {
    stop() {
      stopping = true;
      return running;
    },
  };
}

async function run(calendar: Calendar, stopping: () => boolean): Promise<void> {
  while (!stopping()) {
    const now = performance.now();
    for (const { player, refused } of calendar.due(now)) {
      if (!refused) {
        player.actedAt = performance.now();
        calendar.add(now + drawn(REFUSED_AFTER_MS), { player, refused: true });
        calendar.add(now + drawn(PERIOD_MS), { player, refused: false });
      }
      player.act();
    }
    await sleep(1);
  }
}

const drawn = ({ least, spread }: { least: number; spread: number }): number => least + Math.random() * spread;

interface Planned {
  player: Driven;
  refused: boolean;
}

/** What is due, by the millisecond: thousands of timers would cost more than the moves. */
class Calendar {
  #slots = new Map<number, Planned[]>();
  #next = Math.floor(performance.now());

  add(at: number, planned: Planned): void {
    const slot = Math.max(this.#next, Math.floor(at));
    const there = this.#slots.get(slot);
    if (there) there.push(planned);
    else this.#slots.set(slot, [planned]);
  }

  *due(now: number): Generator<Planned> {
    for (; this.#next <= now; this.#next++) {
      const slot = this.#slots.get(this.#next) ?? [];
      this.#slots.delete(this.#next);
      yield* slot;
    }
  }
}
