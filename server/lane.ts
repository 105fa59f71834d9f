// Work that goes on behind an answer: so many at a time, the rest in line. What does not fit in the line is dropped, so only
// work that somebody finds again (a row in the database) may be put here.
export class Lane {
  readonly #waiting: (() => Promise<unknown>)[] = [];
  readonly #options: { abreast: number; waitingMax: number; failed(error: unknown): void };
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(options: { abreast: number; waitingMax: number; failed(error: unknown): void }) {
    this.#options = options;
  }

  /** False: the line is full, and the work was not taken. */
  add(work: () => Promise<unknown>): boolean {
    if (this.#waiting.length >= this.#options.waitingMax) return false;
    this.#waiting.push(work);
    this.#next();
    return true;
  }

  /** Drops what waits. Resolves when what runs has ended. */
  close(): Promise<void> {
    this.#waiting.length = 0;
    return this.idle();
  }

  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void> {
    if (this.#running === 0 && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #next(): void {
    while (this.#running < this.#options.abreast && this.#waiting.length > 0) {
      this.#running++;
      void this.#run(this.#waiting.shift()!);
    }
  }

  async #run(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.failed(error);
    }
    this.#running--;
    this.#next();
    if (this.#running > 0 || this.#waiting.length > 0) return;
    for (const tell of this.#idle.splice(0)) tell();
  }
}
