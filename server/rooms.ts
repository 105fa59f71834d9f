import { matchMaker } from '@colyseus/core';
import type { Store } from '../persistence/store.ts';
import { HouseRoom } from '../rooms/house-room.ts';
import { HouseLobby } from '../rooms/lobby.ts';
import { seating } from '../rooms/seating.ts';
import { REALITY_CHECK_MS } from '../rules/limits.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { Notices, Rooms, SeatReservation } from './house.ts';
import type { Join } from './joining.ts';

const WAYS = { any: 'joinOrCreate', new: 'create' } as const;

/** Rooms as `http/` sees them, over Colyseus' matchmaker. Everything that crosses is JSON. */
export function matchmakerRooms(join: () => Join, notices: Pick<Notices, 'dismiss'>): Rooms {
  return {
    async reserve(game, options, visitor, where = 'any') {
      const seat = await join()({
        ...(typeof where === 'string' ? { method: WAYS[where], name: game } : { method: 'joinById', name: where.roomId }),
        options,
        visitor,
      });
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
      notices.dismiss(who);
      for (const room of await localRooms(isDismissing)) room.dismiss(who);
    },
  };
}

/**
 * The reality check: each player who has been in rooms for another hour is told how long, and what went and came back.
 * For the schedule; `now` is epoch ms.
 */
export async function remindPlayers({ store, now }: { store: Store; now: Date }): Promise<void> {
  const rooms = await localRooms(isHouseRoom);
  for (const { playerId, since } of seating.toRemind(now.getTime(), REALITY_CHECK_MS)) {
    const played = await store.limits.playedSince(playerId, new Date(since));
    const minutes = Math.floor((now.getTime() - since) / 60_000);
    for (const room of rooms) room.notify(playerId, 'reality_check', { minutes, played });
  }
}

const isHouseRoom = (room: unknown): room is HouseRoom<object> => room instanceof HouseRoom;
const isDismissing = (room: unknown): room is HouseRoom<object> | HouseLobby => isHouseRoom(room) || room instanceof HouseLobby;

async function localRooms<Kind>(isMeant: (room: unknown) => room is Kind): Promise<Kind[]> {
  const listings = await matchMaker.query({});
  return listings.map(({ roomId }): unknown => matchMaker.getLocalRoomById(roomId)).filter(isMeant);
}
