import { z } from 'zod';
import { isCurrency } from '../rules/currency.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { BET_KINDS, applyBet, decideBet, type SideBet } from '../rules/roulette-bets.ts';
import { moveOf, moveOfBet, type RouletteMove } from '../rules/roulette-replay.ts';
import type { Shot } from '../rules/roulette.ts';
import type { House, Visitor } from '../server/house.ts';
import { RouletteBetState, type RouletteState } from '../state/roulette.ts';
import { REQUEST_ID, STAKE } from './formats.ts';

export const BET = z.strictObject({
  pullNo: z.int().min(1).max(1_000),
  kind: z.enum(BET_KINDS),
  targetId: z.string().min(1).max(64),
  stake: STAKE,
  requestId: REQUEST_ID.optional(),
});

export interface Placed {
  betId: string;
  balance: { currency: string; available: string; held: string };
  replayed: boolean;
}

/** The side bets of one table: held, shown, and kept until they are recorded with the pull that decides them. */
export class Betting {
  #house: House;
  #state: RouletteState;
  #roomId: string;
  #taken: RouletteMove[] = [];
  /** This round's, by id. */
  #shown = new Set<string>();

  constructor(house: House, state: RouletteState, roomId: string) {
    this.#house = house;
    this.#state = state;
    this.#roomId = roomId;
  }

  /** What the store records of a shot: the bets taken since the last one, the shot, and what each bet comes to. */
  recordOf(shot: Shot) {
    const returned = shot.bets.filter(({ result }) => result === 'returned');
    const decided = shot.bets.filter(({ result }) => result !== 'returned');
    return {
      moves: [...this.#taken, moveOf(shot)],
      bets: decided.map(({ betId, payout }) => ({ betId, paid: payout })),
      returned: returned.map(({ betId }) => betId),
    };
  }

  recorded(): void {
    this.#taken = [];
  }

  /** Another round begins. */
  forget(): void {
    this.#taken = [];
    this.#shown.clear();
  }

  /**
   * In the table's turn. Refuses as `decideBet`, `bet_invalid` in another currency, and what the store does. The store is asked
   * before the rule: under a key that it knows, the first answer stands, whatever has become of the table.
   */
  async take({ playerId, displayName }: Visitor, { requestId, ...said }: z.infer<typeof BET>): Promise<Placed> {
    const { pullNo, kind, targetId, stake } = said;
    const state = this.#state;
    refuseUnless(stake.currency === state.currency && isCurrency(stake.currency), 'bet_invalid');
    const { rouletteExposureMax: exposureMax } = await this.#house.store.content.live();
    const order = { betId: '', playerId, name: displayName, kind, targetId, pullNo, stake: BigInt(stake.amount) };
    const { roundId, betId, available, held, replayed } = await this.#house.store.rounds.bet({
      roundId: state.roundId,
      playerId,
      kind,
      currency: stake.currency,
      amount: order.stake,
      details: { pullNo, targetId },
      requestId: requestId ?? null,
      said: { roomId: this.#roomId, ...said },
      check: () => void decideBet(state, order, { now: this.#house.now().getTime(), exposureMax }),
    });
    // Also where it was held before and the answer got lost on its way from the database.
    if (roundId === state.roundId && pullNo === state.pullNo && !this.#shown.has(betId))
      this.#show({ ...order, betId, stake: String(order.stake) });
    return { betId, balance: { currency: stake.currency, available: String(available), held: String(held) }, replayed };
  }

  #show(bet: SideBet): void {
    applyBet(this.#state, new RouletteBetState(bet));
    this.#taken.push(moveOfBet(bet));
    this.#shown.add(bet.betId);
  }
}
