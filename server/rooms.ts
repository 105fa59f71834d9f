import { matchMaker } from '@colyseus/core';
import { HouseRoom } from '../rooms/house-room.ts';
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
      const listings = await matchMaker.query({});
      const here = listings.map(({ roomId }) => matchMaker.getLocalRoomById(roomId));
      for (const room of here) if (room instanceof HouseRoom) room.dismiss(who);
    },
  };
}
