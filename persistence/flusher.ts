// Group commit: many callers, one statement a flush, one flush at a time in a process.
import { Refusal } from '../rules/refusal.ts';

interface Waiter<Item, Answer> {
  item: Item;
  keys: readonly string[];
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export interface FlusherOptions<Item, Answer> {
  /** Runs one batch in one transaction; answers in the order given. Must be safe to repeat, word for word. */
  run(items: Item[]): Promise<Answer[]>;
  /** What may occur once in a batch only (ids, holds); an item that clashes waits for the next flush. */
  keys(item: Item): readonly string[];
  batchMax?: number;
  /** Callers beyond this are refused `unavailable` rather than queued. */
  waitingMax?: number;
}

/** The database did not say whether the batch was committed, or asked for another try: say exactly the same again. */
const ASK_AGAIN = new Set(
  '40001 40P01 55P03 57P01 57P02 57P03 08000 08003 08006 53300 ECONNRESET ECONNREFUSED EPIPE ETIMEDOUT'.split(' '),
);
const CUT_OFF = /terminated unexpectedly|Connection terminated|not queryable|timeout exceeded when trying to connect/;
const PATIENCE_MS = 10_000;

export class Flusher<Item, Answer> {
  #waiting: Waiter<Item, Answer>[] = [];
  #running = false;
  #options: Required<FlusherOptions<Item, Answer>>;

  constructor(options: FlusherOptions<Item, Answer>) {
    this.#options = { batchMax: 1_000, waitingMax: 20_000, ...options };
  }

  /**
   * Settles when the item's batch is committed. Rejects after 10 s of a database that does not answer: outcome unknown,
   * repeat with the same id. Refuses `unavailable` when too many wait.
   */
  async add(item: Item): Promise<Answer> {
    const keys = this.#options.keys(item);
    if (this.#waiting.length >= this.#options.waitingMax) throw new Refusal('unavailable');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, keys, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      void this.#loop();
    });
  }

  async #loop() {
    while (this.#waiting.length > 0) {
      // Lets callers gather; and PGlite resolves in microtasks only, so without it timers and sockets would starve.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#flush(this.#nextBatch());
    }
    this.#running = false;
  }

  #nextBatch(): Waiter<Item, Answer>[] {
    const taken = new Set<string>();
    const batch: Waiter<Item, Answer>[] = [];
    const clashing: Waiter<Item, Answer>[] = [];
    let seen = 0;
    for (; seen < this.#waiting.length && batch.length < this.#options.batchMax; seen++) {
      const waiter = this.#waiting[seen]!;
      const fits = !waiter.keys.some((key) => taken.has(key));
      (fits ? batch : clashing).push(waiter);
      if (fits) for (const key of waiter.keys) taken.add(key);
    }
    this.#waiting = [...clashing, ...this.#waiting.slice(seen)];
    // In id order: two processes that post the same ids wait for each other one way only.
    return batch.sort((one, other) => (one.keys[0]! < other.keys[0]! ? -1 : 1));
  }

  async #flush(batch: Waiter<Item, Answer>[]): Promise<void> {
    const until = Date.now() + PATIENCE_MS;
    for (let tries = 0; ; tries++) {
      try {
        const answers = await this.#options.run(batch.map(({ item }) => item));
        return batch.forEach(({ resolve }, index) => resolve(answers[index]!));
      } catch (error) {
        const passing = asksAgain(error);
        if (passing && Date.now() < until) {
          await new Promise((resolve) => setTimeout(resolve, Math.min(5 * 2 ** tries, 500) * (0.5 + Math.random())));
          continue;
        }
        if (passing || batch.length === 1) return batch.forEach(({ reject }) => reject(error));
        // One poisoned item: halve until it stands alone, and let the others through.
        const half = batch.length >> 1;
        await this.#flush(batch.slice(0, half));
        return this.#flush(batch.slice(half));
      }
    }
  }
}

const asksAgain = (error: unknown): boolean =>
  error instanceof Error && (('code' in error && ASK_AGAIN.has(String(error.code))) || CUT_OFF.test(error.message));
