// A roulette table. Bets, pulls, departures and the clock take turns in the room's queue: decided, committed, then shown.
import { CloseCode } from '@colyseus/core';
import { z } from 'zod';
import { isCurrency } from '../rules/currency.ts';
import { drawStream, serverSeedHex } from '../rules/fairness.ts';
import { Refusal, type RefusalCode, refuseUnless } from '../rules/refusal.ts';
import * as rules from '../rules/roulette.ts';
import type { Visitor } from '../server/house.ts';
import { RouletteSeatState, RouletteState } from '../state/roulette.ts';
import { Claims } from './claims.ts';
import { CLIENT_SEED, NOTHING } from './formats.ts';
import { type Asked, type CheckedOptions, type Guest, HouseRoom } from './house-room.ts';
import { BET, Betting } from './roulette-betting.ts';
import { checkJoin } from './roulette-joining.ts';
import { seating } from './seating.ts';

const READY = z.strictObject({ clientSeed: CLIENT_SEED.optional() });
const PULL = z.strictObject({ pullNo: z.int().min(1).max(1_000) });

/** How long a finished table is looked at before it is laid again. */
const SHOW_RESULT_MS = 7_000;
/** A seat without a socket from which nothing is heard for so long, not even a look at the table, is given up between rounds. */
const SOCKETLESS_IDLE_MS = 120_000;

export class RouletteRoom extends HouseRoom<RouletteState> {
  override state = new RouletteState();
  #cylinder: rules.Cylinder | null = null;
  #round: { roundId: string; serverSeed: Uint8Array } | null = null;
  #clientSeeds = new Map<string, string>();
  #claims = new Claims();
  #watchers = new Set<string>();
  /** A guest's id at that guest's own table, else `registered`. */
  #party = 'registered';
  #betting!: Betting;
  #botsAt = 0;
  #clearAt = 0;
  #deciding = false;

  static check(options: unknown, asked: Asked): CheckedOptions {
    return checkJoin(options, asked);
  }

  override messages = {
    ready: this.answer(READY, (client, { clientSeed }) => this.ready(client.auth.visitor, clientSeed ?? null)),
    bet: this.answer(BET, (client, bet) => this.inTurn(() => this.#betting.take(client.auth.visitor, bet))),
    pull: this.answer(PULL, (client, { pullNo }) => this.pull(client.auth.visitor.playerId, pullNo)),
    bots: this.answer(NOTHING, (client) => this.callBots(client.auth.visitor.playerId)),
    chat: this.chat(),
  };

  protected override calls = {
    sit: (visitor: Visitor) => this.sitWithoutSocket(visitor),
    state: () => this.state.toJSON(),
    ready: (visitor: Visitor, args: unknown) => this.ready(visitor, this.read(READY, args).clientSeed ?? null),
    bots: (visitor: Visitor) => this.callBots(visitor.playerId),
    'place-bet': (visitor: Visitor, args: unknown) => {
      const bet = this.read(BET, args);
      return this.inTurn(() => this.#betting.take(visitor, bet));
    },
    'pull-trigger': (visitor: Visitor, args: unknown) => this.pull(visitor.playerId, this.read(PULL, args).pullNo),
    leave: (visitor: Visitor) => this.leaveWithoutSocket(visitor),
  };

  protected override async open({ stakeKey, seats, watch, party }: CheckedOptions): Promise<void> {
    refuseUnless(
      typeof stakeKey === 'string' && typeof seats === 'number' && typeof party === 'string' && !watch,
      'room_unknown',
    );
    const [currency, stake] = stakeKey.split(':') as [string, string];
    this.maxClients = seats + rules.WATCHERS_MAX;
    this.#party = party;
    this.state.currency = currency;
    this.state.stake = stake;
    this.state.capacity = seats;
    this.#betting = new Betting(this.house, this.state, this.roomId);
    await this.layTable();
    this.startClock();
  }

  override claim(visitor: Visitor, watch: boolean): RefusalCode | null {
    const { playerId } = visitor;
    if (this.state.seats.has(playerId)) return null;
    if (watch) return this.#watchers.has(playerId) || this.#watchers.size < rules.WATCHERS_MAX ? null : 'room_full';
    if (!this.welcomes(visitor)) return 'forbidden';
    if (this.state.phase !== 'waiting' || !this.claimable(playerId)) return 'room_full';
    this.#claims.keep(playerId, this.now());
    this.showFree();
    return null;
  }

  busy(): boolean {
    return this.state.phase === 'turn' || this.#deciding || this.afar.size > 0;
  }

  protected override arrive({ auth: { visitor, watch } }: Guest): void {
    const { playerId } = visitor;
    const seat = this.state.seats.get(playerId);
    if (seat) {
      seat.connected = true;
      this.afar.delete(playerId);
    } else if (watch) this.watch(playerId);
    else this.sit(visitor);
  }

  protected override present({ playerId }: Pick<Visitor, 'playerId'>, here: boolean): void {
    const seat = this.state.seats.get(playerId);
    if (seat) seat.connected = here;
  }

  protected override async depart({ playerId }: Visitor): Promise<void> {
    this.unwatch(playerId);
    if (this.state.seats.has(playerId)) await this.inTurn(() => this.leave(playerId));
  }

  override callMove(move: string, visitor: Visitor, args: unknown) {
    if (this.afar.has(visitor.playerId)) this.afar.set(visitor.playerId, this.now());
    return super.callMove(move, visitor, args);
  }

  /** 20 times a second: what is due by the clock joins the queue as an ordinary move. */
  beat(now: number): void {
    if (this.#deciding) return;
    const { state } = this;
    if (this.#claims.lapse(now)) this.showFree();
    if (state.phase === 'waiting') this.standIdle(now);
    if (state.phase === 'turn') {
      const bot = state.seats.get(state.turn)?.bot;
      if (bot ? now >= rules.botPullsAt(state) : rules.turnIsUp(state, now))
        this.decideByItself(() => this.tablePulls(bot === true));
    } else if (this.#botsAt !== 0 && now >= this.#botsAt) {
      this.#botsAt = 0;
      this.decideByItself(() => this.seatBots());
    } else if (this.#clearAt !== 0 && now >= this.#clearAt) {
      this.#clearAt = 0;
      this.decideByItself(() => this.layTable());
    }
  }

  protected override async voidRound(reason: string): Promise<void> {
    const round = this.#round;
    if (!round || this.state.phase === 'over') return;
    this.#round = null;
    if (!(await this.house.store.rounds.void(round.roundId, reason))) return; // it had ended: what is paid stays paid
    rules.voidRound(this.state);
    this.state.serverSeed = serverSeedHex(round.serverSeed);
    this.broadcastPatch();
  }

  private now = (): number => this.house.now().getTime();

  /** A new round's seed is stored and its commitment shown before anyone gives a client seed. */
  private async layTable(): Promise<void> {
    const { state } = this;
    const round = await this.house.store.rounds.open({
      game: 'roulette',
      roomId: this.roomId,
      rulesVersion: rules.ROULETTE_RULES_VERSION,
    });
    if (this.ending) return void (await this.house.store.rounds.void(round.roundId, 'closed'));
    this.#round = round;
    this.#cylinder = null;
    this.#clientSeeds.clear();
    this.#betting.forget();
    const keep = new Set([...state.seats.keys()].filter((playerId) => this.mayComeBack(playerId)));
    rules.clearTable(state, { commitment: round.commitment, keep });
    this.removeBots();
    this.showFree();
    this.stay();
    this.changed();
  }

  private sit(visitor: Visitor): void {
    const { playerId } = visitor;
    this.#claims.drop(playerId);
    refuseUnless(this.welcomes(visitor), 'forbidden');
    refuseUnless(this.claimable(playerId), 'room_full');
    rules.sit(this.state, playerId, new RouletteSeatState({ name: visitor.displayName }));
    this.unwatch(playerId);
    this.showFree();
  }

  /** Guests sit only with house bots until they upgrade, so nobody else sits at a guest's table. */
  private welcomes({ playerId, guest }: Visitor): boolean {
    return this.#party === playerId || (this.#party === 'registered' && !guest);
  }

  private claimable(playerId: string): boolean {
    return this.state.seats.size + this.#claims.besides(playerId, this.now()) < this.state.capacity;
  }

  private watch(playerId: string): void {
    refuseUnless(this.#watchers.has(playerId) || this.#watchers.size < rules.WATCHERS_MAX, 'room_full');
    this.#watchers.add(playerId);
    this.state.watchers = this.#watchers.size;
  }

  private unwatch(playerId: string): void {
    if (this.#watchers.delete(playerId)) this.state.watchers = this.#watchers.size;
  }

  private sitWithoutSocket(visitor: Visitor): { seat: string; state: unknown } {
    const { playerId } = visitor;
    if (!this.state.seats.has(playerId)) this.sit(visitor);
    if (this.clientsOf(playerId).length === 0) {
      this.afar.set(playerId, this.now());
      seating.enter(playerId, this.roomId, this.now());
    }
    this.stay();
    this.changed();
    return { seat: playerId, state: this.state.toJSON() };
  }

  private standIdle(now: number): void {
    for (const [playerId, heardAt] of this.afar) {
      if (now - heardAt < SOCKETLESS_IDLE_MS) continue;
      this.afar.delete(playerId);
      this.onItsOwn('idle', () => this.leave(playerId));
    }
  }

  private async leaveWithoutSocket({ playerId }: Visitor): Promise<void> {
    refuseUnless(this.state.seats.has(playerId), 'not_seated');
    for (const client of this.clientsOf(playerId)) client.leave(CloseCode.CONSENTED);
    await this.inTurn(() => this.leave(playerId));
  }

  private ready({ playerId }: Visitor, clientSeed: string | null): Promise<{ ready: true }> {
    return this.inTurn(async () => {
      refuseUnless(!this.closing, 'unavailable');
      rules.readyUp(this.state, playerId);
      this.#clientSeeds.set(playerId, clientSeed ?? playerId);
      if (rules.allReady(this.state)) await this.start(playerId);
      return { ready: true };
    });
  }

  /** Holds every seat's stake, all or none; a seat whose player can't pay stands up again. */
  private async start(askedBy: string | null): Promise<void> {
    const { state } = this;
    const { currency } = state;
    const round = this.#round;
    refuseUnless(round && isCurrency(currency), 'not_ready');
    const order = rules.seatOrder(state);
    const clientSeeds = order.map((seatId) => this.#clientSeeds.get(seatId) ?? seatId);
    const { rouletteRakeBp: rakeBp } = await this.house.store.content.live();
    const amount = BigInt(state.stake);
    const stakes = order.map((seat) => ({ seat, playerId: state.seats.get(seat)!.bot ? null : seat, amount }));
    const setup = { seats: order, stake: state.stake, currency, rakeBp };
    const { roundId } = round;
    const { short } = await this.committing(() =>
      this.house.store.rounds.start({ roundId, clientSeeds, setup, currency, stakes }),
    );
    if (short.length > 0) return this.standShort(short, askedBy);
    const random = drawStream({ serverSeed: round.serverSeed, clientSeeds, nonce: 0 });
    this.#cylinder = rules.startRound(state, { roundId: round.roundId, random, now: this.now(), rakeBp });
    this.#botsAt = 0;
    this.stay();
  }

  private standShort(short: readonly { seat: string; code: RefusalCode }[], askedBy: string | null): void {
    for (const { seat, code } of short) {
      this.standUp(seat);
      if (this.clientsOf(seat).length > 0) this.watch(seat);
      this.notify(seat, 'refused', { code });
    }
    const own = short.find(({ seat }) => seat === askedBy);
    if (own) throw new Refusal(own.code);
  }

  private pull(seatId: string, pullNo: number) {
    return this.inTurn(async () => {
      const { state } = this;
      refuseUnless(state.seats.has(seatId), 'not_seated');
      refuseUnless(this.#cylinder, state.phase === 'over' || state.phase === 'void' ? 'round_over' : 'not_ready');
      const shot = rules.decidePull(state, this.#cylinder, { seatId, pullNo, now: this.now() });
      await this.carryOut(shot, 'player');
      return { pullNo, hit: shot.hit, winner: shot.winner };
    });
  }

  private async tablePulls(bot: boolean): Promise<void> {
    const due = bot || rules.turnIsUp(this.state, this.now());
    if (this.state.phase !== 'turn' || !this.#cylinder || !due) return;
    await this.carryOut(rules.decideTimeout(this.state, this.#cylinder), bot ? 'bot' : 'table');
  }

  private async leave(seatId: string): Promise<void> {
    const { state } = this;
    this.afar.delete(seatId);
    if (this.clientsOf(seatId).length === 0) seating.leave(seatId, this.roomId);
    if (state.phase === 'waiting') this.standUp(seatId);
    else {
      const shot = this.#cylinder && rules.decideDeparture(state, this.#cylinder, seatId);
      if (shot) await this.carryOut(shot, 'table');
      this.present({ playerId: seatId }, false);
    }
    this.stay();
  }

  private standUp(seatId: string): void {
    rules.standUp(this.state, seatId);
    this.#clientSeeds.delete(seatId);
    this.afar.delete(seatId);
    if (![...this.state.seats.values()].some(({ bot }) => !bot)) this.removeBots();
    this.showFree();
  }

  /** Commits what was decided, and only then shows it. */
  private async carryOut(shot: rules.Shot, by: 'player' | 'table' | 'bot'): Promise<void> {
    const { state } = this;
    const end =
      shot.winner === null || !shot.prize
        ? null
        : {
            outcome: {
              winner: shot.winner,
              firstTurn: state.firstTurn,
              payout: String(shot.prize.payout),
              rake: String(shot.prize.rake),
            },
            payouts: [{ seat: shot.winner, amount: shot.prize.payout }],
            rake: shot.prize.rake,
            counts: state.capacity > 2 && ![...state.seats.values()].some(({ bot }) => bot),
          };
    const record = this.#betting.recordOf(shot);
    await this.committing(() => this.house.store.rounds.move({ roundId: state.roundId, ...record, end }));
    this.#betting.recorded();
    rules.applyShot(state, this.#cylinder!, shot, this.now());
    const bets = shot.bets.map(({ betId, playerId, payout }) => ({ betId, playerId, paid: String(payout) }));
    this.broadcast('pulled', { pullNo: shot.pullNo, seatId: shot.seatId, hit: shot.hit, fired: shot.fired, by, bets });
    if (shot.winner !== null) this.showResult(shot);
  }

  /** While it runs nothing else is decided. If it fails, whether it took effect is not known here: voiding settles it. */
  private async committing<T>(commit: () => Promise<T>): Promise<T> {
    this.#deciding = true;
    try {
      return await commit();
    } catch (error) {
      this.fail('commit', error);
      throw error;
    } finally {
      this.#deciding = false;
    }
  }

  private showResult(shot: rules.Shot): void {
    const { roundId } = this.state;
    const { payout, rake } = shot.prize!;
    const serverSeed = serverSeedHex(this.#round!.serverSeed);
    this.state.serverSeed = serverSeed;
    this.#clearAt = this.now() + SHOW_RESULT_MS;
    this.broadcast('settled', { roundId, winner: shot.winner, payout: String(payout), rake: String(rake), serverSeed });
    this.stay();
  }

  private callBots(playerId: string): { seated: number } {
    refuseUnless(this.state.seats.has(playerId), 'not_seated');
    refuseUnless(this.state.currency === 'COINS', 'bots_unavailable');
    refuseUnless(this.state.phase === 'waiting', 'round_open');
    this.#botsAt ||= this.now() + rules.QUEUE_BOT_MS;
    return { seated: this.state.capacity - this.state.seats.size };
  }

  private async seatBots(): Promise<void> {
    const { state } = this;
    if (state.phase !== 'waiting' || state.seats.size === 0 || this.closing) return;
    for (let number = 1; state.seats.size < state.capacity; number++) {
      rules.sit(state, `bot-${number}`, new RouletteSeatState({ name: rules.BOT_NAMES[number - 1]!, bot: true, ready: true }));
    }
    this.showFree();
    if (rules.allReady(state)) await this.start(null);
  }

  private removeBots(): void {
    this.#botsAt = 0;
    for (const [seatId, { bot }] of this.state.seats) if (bot) this.state.seats.delete(seatId);
  }

  private decideByItself(work: () => Promise<void>): void {
    this.#deciding = true;
    this.onItsOwn('clock', async () => {
      try {
        await work();
      } finally {
        this.#deciding = false;
        this.stay();
      }
    });
  }

  /** A table without a free seat leaves seat matching by its metadata; watchers find it still. */
  private showFree(): void {
    const free = this.state.phase === 'waiting' && this.claimable('') ? 'yes' : 'no';
    if (this.metadata?.free === free) return;
    void this.setMatchmaking({ metadata: { ...this.metadata, free } });
  }
}
