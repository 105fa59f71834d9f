import { z } from 'zod';
import { isCurrency } from '../rules/currency.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { BET_KINDS, applyBet, decideBet } from '../rules/roulette-bets.ts';
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
  #taken: RouletteMove[] = [];
  /** This round's by player and request: said again, a request gets its first answer. */
  #answers = new Map<string, { asked: string; placed: Placed }>();

  constructor(house: House, state: RouletteState) {
    this.#house = house;
    this.#state = state;
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
    this.#answers.clear();
  }

  /** In the table's turn. Refuses as `decideBet`, `bet_invalid` in another currency, and what the store does. */
  async take(visitor: Visitor, { requestId = crypto.randomUUID(), ...bet }: z.infer<typeof BET>): Promise<Placed> {
    const key = `${visitor.playerId}:${requestId}`;
    const asked = JSON.stringify(bet);
    const known = this.#answers.get(key);
    if (known) {
      refuseUnless(known.asked === asked, 'request_reused');
      return { ...known.placed, replayed: true };
    }
    const placed = await this.#place(visitor, { requestId, ...bet });
    this.#answers.set(key, { asked, placed });
    return placed;
  }

  async #place({ playerId, displayName }: Visitor, bet: z.infer<typeof BET> & { requestId: string }): Promise<Placed> {
    const { pullNo, kind, targetId, stake, requestId } = bet;
    const state = this.#state;
    refuseUnless(stake.currency === state.currency && isCurrency(stake.currency), 'bet_invalid');
    const { rouletteExposureMax: exposureMax } = await this.#house.store.content.live();
    const order = { betId: '', playerId, name: displayName, kind, targetId, pullNo, stake: BigInt(stake.amount) };
    const shown = decideBet(state, order, { now: this.#house.now().getTime(), exposureMax });
    const { betId, available, held } = await this.#house.store.rounds.bet({
      roundId: state.roundId,
      playerId,
      kind,
      currency: stake.currency,
      amount: order.stake,
      details: { pullNo, targetId },
      requestId,
    });
    applyBet(state, new RouletteBetState({ ...shown, betId }));
    this.#taken.push(moveOfBet({ ...shown, betId }));
    return { betId, balance: { currency: stake.currency, available: String(available), held: String(held) }, replayed: false };
  }
}
