// What is paid for in a battle: a potion, a revival. Paid once however often the request is said, given back where nothing comes
// of it.
import type { BattleEvent, BattleInput } from '../rules/battle-types.ts';
import { refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';

export interface Price {
  currency: 'COINS' | 'GEMS';
  amount: bigint;
  reason: string;
  /** Taken of the player's own stack, where there is any, in place of the price. */
  item: string | null;
}

interface Paid extends Price {
  playerId: string;
  requestId: string;
}

export interface Paying {
  playerId: string;
  roundId: string;
  input: BattleInput;
  price: Price;
  /** `use` or `revive`: a key is one of either. */
  operation: string;
  requestId: string | undefined;
  /** Refuses what cannot be done, before anything is paid. */
  check: () => void;
  /** Asks for it, once paid; a refusal gives it back. */
  ask: () => object;
}

export class Charges {
  #house: House;
  /** What was paid for and not given back. */
  #paid = new Map<BattleInput, Paid>();
  /** Of it, what nothing came of. */
  #owed = new Set<BattleInput>();
  /** By player, operation and request: said again, a request is neither paid nor taken again. */
  #requests = new Map<string, { reason: string; answer: Promise<object> }>();

  constructor(house: House) {
    this.#house = house;
  }

  /**
   * Refused for free; else paid and answered once. A key that has paid in another battle, or before this process, is refused
   * `request_reused` by the store.
   */
  once(paying: Paying): Promise<object> {
    const { playerId, operation, price, requestId = crypto.randomUUID() } = paying;
    const key = `${playerId}:${operation}:${requestId}`;
    const known = this.#requests.get(key);
    refuseUnless(!known || known.reason === price.reason, 'request_reused');
    if (known) return known.answer;
    paying.check();
    const answer = this.#pay(paying, { playerId, requestId, ...price });
    this.#requests.set(key, { reason: price.reason, answer });
    return answer;
  }

  /** Not in the room's turn: a room that ends meanwhile still gives back. */
  giveBack(input: BattleInput, roomId: string): void {
    const paid = this.#paid.get(input);
    if (!paid) return;
    this.#owed.add(input);
    const given = this.#house.store.battles.refund(paid).then(() => this.#paid.delete(input) && this.#owed.delete(input));
    given.catch((error: unknown) => this.#house.log.error('not_refunded', { roomId, reason: paid.reason, error }));
  }

  /** Charges that had their effect by a battle's last step, of which these are the events: the end gives back all others. */
  spentBy(events: readonly BattleEvent[]): string[] {
    const lapsed = new Set(events.flatMap((event) => (event.type === 'lapsed' ? event.input : [])));
    const spent = [...this.#paid].filter(([input]) => !lapsed.has(input) && !this.#owed.has(input));
    return spent.map(([, paid]) => this.#house.store.battles.chargeIdOf(paid));
  }

  async giveBackAll(): Promise<void> {
    for (const paid of this.#paid.values()) await this.#house.store.battles.refund(paid);
  }

  async #pay({ roundId, input, ask }: Paying, paid: Paid): Promise<object> {
    const { battles } = this.#house.store;
    const { available, left } = await battles.charge({ ...paid, roundId });
    try {
      const asked = ask();
      this.#paid.set(input, paid);
      const balance = available === null ? null : { currency: paid.currency, available: String(available) };
      return { ...asked, balance, left };
    } catch (error) {
      await battles.refund(paid);
      throw error;
    }
  }
}
