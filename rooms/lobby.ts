import { type AuthContext, LobbyRoom } from '@colyseus/core';
import { refuseUnless } from '../rules/refusal.ts';
import { type CheckedOptions, HouseRoom } from './house-room.ts';

/** Colyseus' own room listing, for signed-in players. Shows rooms' public metadata: stake, seats, game. */
export class HouseLobby extends LobbyRoom {
  override maxMessagesPerSecond = 10;
  override maxClients = 2_000;

  /** The listing is whole and filtered by the client, so a join has no options. */
  static check(options: unknown): CheckedOptions {
    refuseUnless(options == null || (typeof options === 'object' && Object.keys(options).length === 0), 'join_invalid');
    return {};
  }

  static override onAuth(token: string, options: unknown, context: AuthContext) {
    return HouseRoom.onAuth(token, options, context);
  }

  claim(): boolean {
    return true;
  }
}
