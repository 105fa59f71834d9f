import { type AuthContext, type Client, CloseCode, LobbyRoom } from '@colyseus/core';
import { refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { type CheckedOptions, type Dismissed, dismissFrom, HouseRoom } from './house-room.ts';

/** Colyseus' own room listing, for signed-in players. Shows rooms' public metadata: stake, seats, game. */
export class HouseLobby extends LobbyRoom {
  override maxMessagesPerSecond = 10;
  override maxClients = 2_000;
  #house!: House;

  /** The listing is whole and filtered by the client, so a join has no options. */
  static check(options: unknown): CheckedOptions {
    refuseUnless(options == null || (typeof options === 'object' && Object.keys(options).length === 0), 'join_invalid');
    return {};
  }

  static override onAuth(token: string, options: unknown, context: AuthContext) {
    return HouseRoom.onAuth(token, options, context);
  }

  override async onCreate(options: { house: House }): Promise<void> {
    this.#house = options.house;
    this.onMessage('*', (client: Client) => client.leave(CloseCode.WITH_ERROR));
    await super.onCreate(options);
  }

  claim(): null {
    return null;
  }

  /** Nothing is played in a listing. */
  callMove(): { refused: 'not_found' } {
    return { refused: 'not_found' };
  }

  dismiss(who: Dismissed): void {
    dismissFrom(this.clients, who);
  }

  /** A filter of another shape than Colyseus expects throws in its own code; nothing is at stake in a listing. */
  override onUncaughtException(error: Error, method: string): void {
    this.#house.log.warn('lobby_stumbled', { roomId: this.roomId, method, error: error.cause ?? error });
  }
}
