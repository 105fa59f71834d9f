/** Seats promised to players whose socket is on its way. */
export class Claims {
  #until = new Map<string, number>();

  /** `now` is epoch ms. */
  keep(playerId: string, now: number): void {
    this.#until.set(playerId, now + CLAIM_MS);
  }

  drop(playerId: string): void {
    this.#until.delete(playerId);
  }

  /** How many are promised to others than this player. */
  besides(playerId: string, now: number): number {
    return [...this.#until].filter(([claimer, until]) => claimer !== playerId && until >= now).length;
  }

  /** Forgets those whose socket never came; true when there were any. */
  lapse(now: number): boolean {
    if (this.#until.size === 0) return false;
    const late = [...this.#until].filter(([, until]) => until < now);
    for (const [claimer] of late) this.#until.delete(claimer);
    return late.length > 0;
  }
}

/** As long as Colyseus keeps a reservation. */
const CLAIM_MS = 15_000;
