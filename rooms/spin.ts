// Spin and win, together: everyone's wheel is their own, the jackpot and the recent wins are shared.
import { StateView } from '@colyseus/schema';
import { z } from 'zod';
import { type Currency, isCurrency } from '../rules/currency.ts';
import { refuseUnless } from '../rules/refusal.ts';
import { WINS_SHOWN, checkStake, decideSpinRound, spinCurrencies } from '../rules/spin.ts';
import type { Visitor } from '../server/house.ts';
import { SpinPlayerState, SpinState, SpinWinState } from '../state/spin.ts';
import { CLIENT_SEED, REQUEST_ID, STAKE } from './formats.ts';
import { type Asked, type CheckedOptions, type Guest, HouseRoom } from './house-room.ts';

const JOIN = z.strictObject({ currency: z.string().max(8).default('COINS') });
const SPIN = z.strictObject({ stake: STAKE, clientSeed: CLIENT_SEED.optional(), requestId: REQUEST_ID.optional() });
const PLAYERS_MAX = 500;
const JACKPOT_MS = 2_000;

export class SpinRoom extends HouseRoom<SpinState> {
  override state = new SpinState();
  #jackpotAt = 0;

  static check(options: unknown, { method, house }: Asked): CheckedOptions {
    if (method === 'joinById') return {};
    const parsed = JOIN.safeParse(options ?? {});
    refuseUnless(parsed.success, 'join_invalid');
    const { currency } = parsed.data;
    refuseUnless(isCurrency(currency) && spinCurrencies().includes(currency), 'currency_unknown');
    refuseUnless(currency !== 'KES' || house.settings.realMoney, 'real_money_off');
    return { currency };
  }

  override messages = {
    spin: this.answer(SPIN, (client, spin) => this.spin(client.auth.visitor, spin)),
  };

  protected override async open({ currency }: CheckedOptions): Promise<void> {
    refuseUnless(typeof currency === 'string' && isCurrency(currency), 'room_unknown');
    this.maxClients = PLAYERS_MAX;
    this.state.currency = currency;
    await this.readJackpot();
    this.startClock();
  }

  busy(): boolean {
    return false;
  }

  /** Spins over REST, and in other rooms, feed the same jackpot: it is read again now and then. */
  beat(now: number): void {
    if (now < this.#jackpotAt || this.clients.length === 0) return;
    this.#jackpotAt = now + JACKPOT_MS;
    this.readJackpot().catch((error: unknown) => this.house.log.warn('jackpot_not_read', { roomId: this.roomId, error }));
  }

  protected override async arrive(client: Guest): Promise<void> {
    const { visitor } = client.auth;
    const { available, held } = await this.house.store.ledger.balance(visitor.playerId, this.currency());
    const player = this.state.players.get(visitor.playerId) ?? new SpinPlayerState({ name: visitor.displayName });
    player.available = String(available);
    player.held = String(held);
    player.connected = true;
    this.state.players.set(visitor.playerId, player);
    this.state.playersCount = this.state.players.size;
    client.view = new StateView();
    client.view.add(player);
  }

  protected override present({ playerId }: Visitor, here: boolean): void {
    const player = this.state.players.get(playerId);
    if (player) player.connected = here;
  }

  protected override depart({ playerId }: Visitor): void {
    this.state.players.delete(playerId);
    this.state.playersCount = this.state.players.size;
  }

  protected override async voidRound(): Promise<void> {
    // Each spin is a whole round in one commit: nothing is ever open here.
  }

  private currency = (): Currency => this.state.currency as Currency;

  /** The store takes a player's spins in turn; players don't wait for each other. */
  private async spin({ playerId, displayName }: Visitor, { stake, clientSeed, requestId }: z.infer<typeof SPIN>) {
    refuseUnless(stake.currency === this.state.currency, 'stake_invalid');
    const amount = BigInt(stake.amount);
    const currency = checkStake(stake.currency, amount);
    const played = await this.house.store.instant.play({
      ...decideSpinRound({ currency, stake: amount }),
      playerId,
      clientSeed: clientSeed ?? null,
      requestId: requestId ?? crypto.randomUUID(),
      roomId: this.roomId,
    });
    const { available, held } = played.balance;
    const player = this.state.players.get(playerId);
    if (player && !played.replayed) Object.assign(player, { available: String(available), held: String(held) });
    const multiplier = Number(played.outcome.multiplier);
    if (played.payout > amount && !played.replayed) {
      const win = {
        roundId: played.roundId,
        playerId,
        name: displayName,
        stake: stake.amount,
        multiplier,
        payout: String(played.payout),
        jackpot: played.prize !== null,
      };
      this.showWin(win);
    }
    return {
      roundId: played.roundId,
      segment: Number(played.outcome.segment),
      multiplier,
      payout: { currency, amount: String(played.payout) },
      jackpot: played.prize === null ? null : { currency, amount: String(played.prize) },
      balance: { currency, available: String(available), held: String(held) },
      fairness: played.fairness,
    };
  }

  private showWin(win: {
    roundId: string;
    playerId: string;
    name: string;
    stake: string;
    multiplier: number;
    payout: string;
    jackpot: boolean;
  }): void {
    const { wins } = this.state;
    wins.set(win.roundId, new SpinWinState({ ...win, at: this.house.now().getTime() }));
    for (const roundId of wins.keys()) {
      if (wins.size <= WINS_SHOWN) break;
      wins.delete(roundId);
    }
    this.broadcast('win', win);
    if (win.jackpot) this.#jackpotAt = 0;
  }

  private async readJackpot(): Promise<void> {
    const pot = String(await this.house.store.ledger.jackpot(this.currency()));
    if (pot === this.state.jackpot) return;
    this.state.jackpot = pot;
    this.changed();
  }
}
