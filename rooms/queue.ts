// Waits until a party is complete, then hands each a seat at one table. Who asks for the same game with the same options
// waits in the same line, first come first.
import { z } from 'zod';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { ROULETTE_STAKES, SEATS_MAX, SEATS_MIN, checkTableOptions } from '../rules/roulette.ts';
import type { SeatReservation, Visitor } from '../server/house.ts';
import { QueueState } from '../state/queue.ts';
import { STAKE } from './formats.ts';
import { type Asked, type CheckedOptions, HouseRoom } from './house-room.ts';

const JOIN = z.discriminatedUnion('game', [
  z.strictObject({ game: z.literal('roulette'), stake: STAKE, seats: z.int().min(SEATS_MIN).max(SEATS_MAX).default(2) }),
  z.strictObject({
    game: z.literal('battle'),
    battleId: z.string().regex(/^[a-z0-9_-]{1,64}$/),
    party: z.int().min(2).max(10).default(2),
  }),
]);
/** More is for raids. */
const PARTY_MAX = 4;
const LINE_MAX = 500;

export class QueueRoom extends HouseRoom<QueueState> {
  override state = new QueueState();
  #options: Record<string, unknown> = {};
  #line: Visitor[] = [];

  /** Guests play with house bots, so there is nobody for them to wait for. */
  static async check(options: unknown, { visitor, method, house }: Asked): Promise<CheckedOptions> {
    if (method === 'joinById') return {};
    const parsed = JOIN.safeParse(options ?? {});
    refuseUnless(parsed.success, 'join_invalid');
    refuseUnless(!visitor.guest, 'forbidden');
    const asked = parsed.data;
    if (asked.game === 'battle') {
      const definition = await house.store.content.battle(asked.battleId);
      refuseUnless(definition, 'battle_unknown');
      refuseUnless(visitor.level >= definition.levelRequired, 'level_short');
      refuseUnless(asked.party <= Math.max(PARTY_MAX, definition.partyMax), 'join_invalid');
      const wanted = Math.max(definition.partyMin, Math.min(asked.party, definition.partyMax));
      return { queueKey: `battle:${asked.battleId}:${wanted}`, game: 'battle', battleId: asked.battleId, wanted };
    }
    const { currency, amount } = asked.stake;
    checkTableOptions({ currency, stake: BigInt(amount), seats: asked.seats });
    refuseUnless(ROULETTE_STAKES[currency] && (currency !== 'KES' || house.settings.realMoney), 'real_money_off');
    return { queueKey: `roulette:${currency}:${amount}:${asked.seats}`, game: 'roulette', currency, amount, wanted: asked.seats };
  }

  override messages = {};

  protected override open({ game, battleId, currency, amount, wanted }: CheckedOptions): void {
    refuseUnless(typeof game === 'string' && typeof wanted === 'number', 'room_unknown');
    this.maxClients = LINE_MAX;
    this.state.game = game;
    this.state.wanted = wanted;
    this.#options = game === 'battle' ? { battleId } : { stake: { currency, amount }, seats: wanted };
  }

  busy(): boolean {
    return false;
  }

  protected override arrive({ auth: { visitor } }: { auth: { visitor: Visitor } }): void {
    if (!this.#line.some(({ playerId }) => playerId === visitor.playerId)) this.#line.push(visitor);
    this.callParty();
  }

  /** A place is kept while its player may still come back; while away, others go before. */
  protected override present(_visitor: Visitor, here: boolean): void {
    if (here) this.callParty();
  }

  protected override depart({ playerId }: Visitor): void {
    this.#line = this.#line.filter((visitor) => visitor.playerId !== playerId);
    this.showLine();
  }

  protected override async voidRound(): Promise<void> {
    // Nothing is staked in a line.
  }

  private callParty(): void {
    this.showLine();
    if (this.#line.length >= this.state.wanted) this.onItsOwn('seat', () => this.seatParty());
  }

  /** The first in line that are connected get a seat each, at a table of their own; it holds their stakes when all are ready. */
  private async seatParty(): Promise<void> {
    const party = this.#line.filter(({ playerId }) => this.clientsOf(playerId).length > 0).slice(0, this.state.wanted);
    if (party.length < this.state.wanted) return;
    this.#line = this.#line.filter((visitor) => !party.includes(visitor));
    let table: { roomId: string } | null = null;
    for (const visitor of party) table = (await this.seat(visitor, table)) ?? table;
    this.callParty();
  }

  /** Null where the house refuses this player a seat; the others go on. */
  private async seat(visitor: Visitor, table: { roomId: string } | null): Promise<SeatReservation | null> {
    try {
      const { game } = this.state;
      const seat = table
        ? await this.house.rooms.reserve(game, {}, visitor, table)
        : await this.house.rooms.reserve(game, this.#options, visitor, 'new');
      this.notify(visitor.playerId, 'seat', seat);
      return seat;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 'room_full') this.#line.unshift(visitor); // somebody else was quicker there; the next table is theirs
      else this.notify(visitor.playerId, 'refused', { code: error.code });
      return null;
    }
  }

  private showLine(): void {
    const { places } = this.state;
    for (const playerId of [...places.keys()])
      if (!this.#line.some((visitor) => visitor.playerId === playerId)) places.delete(playerId);
    for (const [index, { playerId }] of this.#line.entries())
      if (places.get(playerId) !== index + 1) places.set(playerId, index + 1);
    this.state.waiting = this.#line.length;
  }
}
