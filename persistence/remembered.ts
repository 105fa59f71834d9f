/** Answers kept for a short while, at most `max` of them: the oldest go first. */
export class Remembered<Value> {
  #entries = new Map<string, { value: Value; untilMs: number }>();
  #max: number;
  #forMs: number;

  constructor({ max, forMs }: { max: number; forMs: number }) {
    this.#max = max;
    this.#forMs = forMs;
  }

  get(key: string, nowMs: number): Value | null {
    const entry = this.#entries.get(key);
    if (!entry) return null;
    if (nowMs < entry.untilMs) return entry.value;
    this.#entries.delete(key);
    return null;
  }

  set(key: string, value: Value, nowMs: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#max) this.#dropOldest();
    this.#entries.set(key, { value, untilMs: nowMs + this.#forMs });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  deleteWhere(matches: (value: Value) => boolean): void {
    for (const [key, { value }] of this.#entries) if (matches(value)) this.#entries.delete(key);
  }

  #dropOldest(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
