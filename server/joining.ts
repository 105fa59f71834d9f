// How a player comes by a seat, whichever door they ask at: options checked first, then Colyseus' matchmaker, then the room
// itself is asked to keep the seat. The seat is for that player alone.
import { type AuthContext, matchMaker, ServerError } from '@colyseus/core';
import { Refusal, REFUSALS, type RefusalCode, refuseUnless } from '../rules/refusal.ts';
import { type Asked, type CheckedOptions, type HouseRoomClass, type Seated, SEATED } from '../rooms/house-room.ts';
import { seating } from '../rooms/seating.ts';
import type { House, Visitor } from './house.ts';
import { PromisedSeats } from './promised-seats.ts';

export interface Joining {
  method: Asked['method'];
  /** A room's name, or with `joinById` a room's id. */
  name: string;
  /** As the client sent them; nothing in them is trusted. */
  options: unknown;
  visitor: Visitor;
}

export type Join = (joining: Joining) => Promise<matchMaker.ISeatReservation>;

/** Rooms a player may be in at once, watching included. */
const ROOMS_A_PLAYER_MAX = 12;
const TRIES_MAX = 4;

export function joinRooms(house: House, classes: ReadonlyMap<string, HouseRoomClass>): Join {
  const promised = new PromisedSeats();
  return async ({ method, name, options, visitor }) => {
    refuseUnless(seating.of(visitor.playerId).size < ROOMS_A_PLAYER_MAX, 'limit_reached');
    const game = method === 'joinById' ? await gameOf(name) : name;
    const room = classes.get(game);
    refuseUnless(room, 'room_unknown');
    const checked = await room.check(options, { visitor, method, house });
    const find = () => findSeat({ method, name, game, checked, visitor });
    if (method === 'create') return find();
    return promised.seat(JSON.stringify([visitor.playerId, visitor.sessionId, method, name, checked]), find);
  };
}

interface Finding {
  method: Asked['method'];
  name: string;
  game: string;
  checked: CheckedOptions;
  visitor: Visitor;
}

async function findSeat({ method, name, game, checked, visitor }: Finding): Promise<matchMaker.ISeatReservation> {
  const watch = checked.watch === true;
  const seated: Seated = { visitor, watch };
  const context: AuthContext & { [SEATED]: Seated } = { token: '', headers: new Headers(), ip: '', [SEATED]: seated };
  const claim = (roomId: string): Promise<RefusalCode | null> =>
    matchMaker.remoteRoomCall(roomId, 'claim', [visitor, watch]).catch(refuseInWords);
  const known = method === 'joinById' ? name : method === 'joinOrCreate' && !watch ? await ownRoom(game, checked, visitor) : null;
  if (known !== null) {
    // Asked before anything is reserved there, so that no reservation is left behind by who is refused.
    const refused = await claim(known);
    if (refused === null) return matchMaker.joinById(known, checked, context).catch(refuseInWords);
    if (refused !== 'room_full' || method === 'joinById') throw new Refusal(refused);
  }
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const seat = await matchMaker[method](name, checked, context).catch(refuseInWords);
    const refused = await claim(seat.roomId);
    if (refused === null) return seat;
    if (refused !== 'room_full') throw new Refusal(refused);
  }
  throw new Refusal('room_full');
}

/** Colyseus' own numbers (520 … 526) are not HTTP and collide with a well-known proxy's; each has its word here. */
const COLYSEUS: Readonly<Record<number, RefusalCode>> = {
  520: 'room_unknown',
  521: 'room_unknown',
  522: 'room_unknown',
  524: 'not_seated',
  525: 'unauthenticated',
};

export function refusalIn(error: unknown): RefusalCode {
  if (!(error instanceof Error)) return 'internal';
  const named = REFUSALS.find((code) => code === error.message);
  if (named !== undefined) return named;
  if (/ is (already full\.|locked)$/.test(error.message)) return 'room_full';
  return error instanceof ServerError ? (COLYSEUS[error.code] ?? 'internal') : 'internal';
}

/** Whoever asks, REST and the line among them, meets a refusal, not one of Colyseus' errors. */
function refuseInWords(error: unknown): never {
  const code = refusalIn(error);
  throw code === 'internal' ? error : new Refusal(code);
}

async function gameOf(roomId: string): Promise<string> {
  const listing = await matchMaker.driver.findOne({ roomId });
  refuseUnless(listing, 'room_unknown');
  return listing.name;
}

/** A room of this game and options where the player is already: coming again, from wherever, leads back to that seat. */
async function ownRoom(game: string, checked: CheckedOptions, { playerId }: Visitor): Promise<string | null> {
  for (const roomId of seating.of(playerId)) {
    const listing = await matchMaker.driver.findOne({ roomId });
    if (listing?.name !== game) continue;
    const differs = Object.entries(checked).some(
      ([key, value]) => key !== 'free' && key !== 'watch' && listing.metadata?.[key] !== value,
    );
    if (!differs) return roomId;
  }
  return null;
}
