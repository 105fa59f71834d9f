/** Which rooms of this process each player is in: bounds how many at once, and finds the seat a player left on another device. */
class Seating {
  #rooms = new Map<string, Set<string>>();

  enter(playerId: string, roomId: string): void {
    const rooms = this.#rooms.get(playerId);
    if (rooms) rooms.add(roomId);
    else this.#rooms.set(playerId, new Set([roomId]));
  }

  leave(playerId: string, roomId: string): void {
    const rooms = this.#rooms.get(playerId);
    if (rooms?.delete(roomId) && rooms.size === 0) this.#rooms.delete(playerId);
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
