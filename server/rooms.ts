import { matchMaker } from '@colyseus/core';
import type { Store } from '../persistence/store.ts';
import { HouseRoom } from '../rooms/house-room.ts';
import { seating } from '../rooms/seating.ts';
import { REALITY_CHECK_MS } from '../rules/limits.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { Rooms, SeatReservation } from './house.ts';
import type { Join } from './joining.ts';

/** Rooms as `http/` sees them, over Colyseus' matchmaker. Everything that crosses is JSON. */
export function matchmakerRooms(join: () => Join): Rooms {
  return {
    async reserve(game, options, visitor) {
      const seat = await join()({ method: 'joinOrCreate', name: game, options, visitor });
      const { name, sessionId, roomId, processId, publicAddress } = seat;
      return {
        name,
        sessionId,
        roomId,
        processId: processId ?? '',
        ...(publicAddress !== undefined && { publicAddress }),
      } satisfies SeatReservation;
    },

    async sit(game, options, visitor) {
      const { roomId } = await this.reserve(game, options, visitor);
      const seated = await this.call(roomId, 'sit', {}, visitor);
      if ('refused' in seated) throw new Refusal(seated.refused);
      return { roomId, ...(seated.answer as { seat: string; state: unknown }) };
    },

    async call(roomId, move, args, visitor) {
      const listing = await matchMaker.driver.findOne({ roomId });
      refuseUnless(listing, 'room_unknown');
      return matchMaker.remoteRoomCall(roomId, 'callMove', [move, visitor, args]);
    },

    async dismiss(who) {
      for (const room of await localRooms()) room.dismiss(who);
    },
  };
}

/**
 * The reality check: each player who has been in rooms for another hour is told how long, and what went and came back.
 * For the schedule; `now` is epoch ms.
 */
export async function remindPlayers({ store, now }: { store: Store; now: Date }): Promise<void> {
  const rooms = await localRooms();
  for (const { playerId, since } of seating.toRemind(now.getTime(), REALITY_CHECK_MS)) {
    const played = await store.limits.playedSince(playerId, new Date(since));
    const minutes = Math.floor((now.getTime() - since) / 60_000);
    for (const room of rooms) room.notify(playerId, 'reality_check', { minutes, played });
  }
}

async function localRooms(): Promise<HouseRoom<object>[]> {
  const listings = await matchMaker.query({});
  return listings.map(({ roomId }) => matchMaker.getLocalRoomById(roomId)).filter((room) => room instanceof HouseRoom);
}
