/** Which rooms of this process each player is in: bounds how many at once, and finds the seat a player left on another device. */
class Seating {
  #rooms = new Map<string, Set<string>>();
  /** When a player, in no room before, came into the first, and when they were last reminded; epoch ms. */
  #here = new Map<string, { since: number; remindedAt: number }>();

  /** `now` is epoch ms. */
  enter(playerId: string, roomId: string, now: number): void {
    const rooms = this.#rooms.get(playerId);
    if (rooms) return void rooms.add(roomId);
    this.#rooms.set(playerId, new Set([roomId]));
    this.#here.set(playerId, { since: now, remindedAt: now });
  }

  /** Players who have been in rooms for `everyMs` since they came or were last reminded; they count as reminded now. */
  toRemind(now: number, everyMs: number): { playerId: string; since: number }[] {
    const due = [...this.#here].filter(([, { remindedAt }]) => now - remindedAt >= everyMs);
    for (const [, here] of due) here.remindedAt = now;
    return due.map(([playerId, { since }]) => ({ playerId, since }));
  }

  leave(playerId: string, roomId: string): void {
    const rooms = this.#rooms.get(playerId);
    if (!rooms?.delete(roomId) || rooms.size > 0) return;
    this.#rooms.delete(playerId);
    this.#here.delete(playerId);
  }

  close(roomId: string): void {
    for (const playerId of [...this.#rooms.keys()]) this.leave(playerId, roomId);
  }

  of(playerId: string): ReadonlySet<string> {
    return this.#rooms.get(playerId) ?? NONE;
  }
}

const NONE: ReadonlySet<string> = new Set();

export const seating = new Seating();
