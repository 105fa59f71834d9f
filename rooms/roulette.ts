// A roulette table. Bets, pulls, departures and the clock take turns in the room's queue: decided, committed, then shown.
import { z } from 'zod';
import { isCurrency } from '../rules/currency.ts';
import { drawStream, serverSeedHex } from '../rules/fairness.ts';
import { Refusal, type RefusalCode, refuseUnless } from '../rules/refusal.ts';
import { BET_KINDS, applyBet, decideBet } from '../rules/roulette-bets.ts';
import { moveOf, moveOfBet } from '../rules/roulette-replay.ts';
import * as rules from '../rules/roulette.ts';
import type { Visitor } from '../server/house.ts';
import { RouletteBetState, RouletteSeatState, RouletteState } from '../state/roulette.ts';
import { CLIENT_SEED, NOTHING, REQUEST_ID, STAKE } from './formats.ts';
import { type Asked, type CheckedOptions, CLOSE, type Guest, HouseRoom } from './house-room.ts';

const JOIN = z.strictObject({ stake: STAKE, seats: z.int().min(rules.SEATS_MIN).max(rules.SEATS_MAX).default(2), watch: z.boolean().default(false) });
const JOIN_BY_ID = z.strictObject({ watch: z.boolean().default(false) });
const READY = z.strictObject({ clientSeed: CLIENT_SEED.optional() });
const BET = z.strictObject({
  pullNo: z.int().min(1).max(1_000),
  kind: z.enum(BET_KINDS),
  targetId: z.string().min(1).max(64),
  stake: STAKE,
  requestId: REQUEST_ID.optional(),
});
const PULL = z.strictObject({ pullNo: z.int().min(1).max(1_000) });

/** How long a finished table is looked at before it is laid again. */
const SHOW_RESULT_MS = 7_000;
const SEAT_CLAIM_MS = 15_000;

export class RouletteRoom extends HouseRoom<RouletteState> {
  override state = new RouletteState();
  #cylinder: rules.Cylinder | null = null;
  #round: { roundId: string; serverSeed: Uint8Array } | null = null;
  #clientSeeds = new Map<string, string>();
  /** Seats promised to players whose socket is on its way, until when. */
  #claims = new Map<string, number>();
  #socketless = new Set<string>();
  #botsAt = 0;
  #clearAt = 0;
  #deciding = false;

  /** A guest's table is the guest's own: guests play with house bots until they upgrade. */
  static check(options: unknown, { visitor, method, house }: Asked): CheckedOptions {
    if (method === 'joinById') {
      const { watch } = parse(JOIN_BY_ID, options);
      return { watch };
    }
    const { stake, seats, watch } = parse(JOIN, options);
    refuseUnless(!watch || method === 'joinOrCreate', 'join_invalid');
    rules.checkTableOptions({ currency: stake.currency, stake: BigInt(stake.amount), seats });
    refuseUnless(stake.currency !== 'KES' || house.settings.realMoney, 'real_money_off');
    const stakeKey = `${stake.currency}:${stake.amount}`;
    return { stakeKey, seats, watch, party: visitor.guest && !watch ? visitor.playerId : 'registered', ...(!watch && { free: 'yes' }) };
  }

  override messages = {
    ready: this.answer(READY, (client, { clientSeed }) => this.ready(client.auth.visitor, clientSeed ?? null)),
    bet: this.answer(BET, (client, bet) => this.bet(client.auth.visitor, bet)),
    pull: this.answer(PULL, (client, { pullNo }) => this.pull(client.auth.visitor.playerId, pullNo)),
    bots: this.answer(NOTHING, (client) => this.callBots(client.auth.visitor.playerId)),
    chat: this.chat(),
  };

  protected override calls = {
    sit: (visitor: Visitor) => this.sitWithoutSocket(visitor),
    state: () => this.state.toJSON(),
    ready: (visitor: Visitor, args: unknown) => this.ready(visitor, this.read(READY, args).clientSeed ?? null),
    bots: (visitor: Visitor) => this.callBots(visitor.playerId),
    'place-bet': (visitor: Visitor, args: unknown) => this.bet(visitor, this.read(BET, args)),
    'pull-trigger': (visitor: Visitor, args: unknown) => this.pull(visitor.playerId, this.read(PULL, args).pullNo),
    leave: (visitor: Visitor) => this.leaveWithoutSocket(visitor),
  };

  protected override async open({ stakeKey, seats, watch }: CheckedOptions): Promise<void> {
    refuseUnless(typeof stakeKey === 'string' && typeof seats === 'number' && !watch, 'room_unknown');
    const [currency, stake] = stakeKey.split(':') as [string, string];
    this.maxClients = seats + rules.WATCHERS_MAX;
    this.state.currency = currency;
    this.state.stake = stake;
    this.state.capacity = seats;
    await this.layTable();
    this.startClock();
  }

  override claim(playerId: string, watch: boolean): boolean {
    if (watch || this.state.seats.has(playerId)) return true;
    const now = this.now();
    for (const [claimer, until] of this.#claims) if (until < now) this.#claims.delete(claimer);
    const taken = new Set([...this.state.seats.keys(), ...this.#claims.keys()]);
    if (this.state.phase !== 'waiting' || (taken.size >= this.state.capacity && !taken.has(playerId))) return false;
    this.#claims.set(playerId, now + SEAT_CLAIM_MS);
    this.showFree();
    return true;
  }

  busy(): boolean {
    return this.state.phase === 'turn' || this.#deciding || this.#socketless.size > 0;
  }

  protected override arrive({ auth: { visitor, watch } }: Guest, again: boolean): void {
    const seat = this.state.seats.get(visitor.playerId);
    if (seat) {
      seat.connected = true;
      this.#socketless.delete(visitor.playerId);
    } else if (!watch) this.sit(visitor);
    else if (!again) this.state.watchers++;
  }

  protected override present({ playerId }: Visitor, here: boolean): void {
    const seat = this.state.seats.get(playerId);
    if (seat) seat.connected = here;
  }

  protected override async depart({ playerId }: Visitor, watch: boolean): Promise<void> {
    if (!this.state.seats.has(playerId)) {
      if (watch) this.state.watchers = Math.max(0, this.state.watchers - 1);
      return;
    }
    await this.inTurn(() => this.leave(playerId));
  }

  /** 20 times a second: what is due by the clock joins the queue as an ordinary move. */
  beat(now: number): void {
    if (this.#deciding) return;
    const { state } = this;
    if (state.phase === 'turn') {
      const bot = state.seats.get(state.turn)?.bot;
      if (bot ? now >= rules.botPullsAt(state) : rules.turnIsUp(state, now)) this.decideByItself(() => this.tablePulls(bot === true));
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
    await this.house.store.rounds.void(round.roundId, reason);
    rules.voidRound(this.state);
    this.state.serverSeed = serverSeedHex(round.serverSeed);
    this.#round = null;
  }

  private now = (): number => this.house.now().getTime();

  /** A new round's seed is stored and its commitment shown before anyone gives a client seed. */
  private async layTable(): Promise<void> {
    const { state } = this;
    const round = await this.house.store.rounds.open({ game: 'roulette', roomId: this.roomId, rulesVersion: rules.ROULETTE_RULES_VERSION });
    this.#round = round;
    this.#cylinder = null;
    this.#clientSeeds.clear();
    for (const playerId of this.#socketless) if (state.seats.get(playerId)) state.seats.get(playerId)!.connected = false;
    this.#socketless.clear();
    rules.clearTable(state, { commitment: round.commitment });
    for (const [seatId, seat] of state.seats) if (seat.bot) state.seats.delete(seatId);
    this.showFree();
    this.stay();
    this.changed();
  }

  private sit(visitor: Visitor): void {
    this.#claims.delete(visitor.playerId);
    const people = [...this.state.seats].filter(([, seat]) => !seat.bot);
    refuseUnless(!visitor.guest || people.length === 0, 'forbidden');
    refuseUnless(this.state.seats.has(visitor.playerId) || this.claimable(visitor.playerId), 'room_full');
    rules.sit(this.state, visitor.playerId, new RouletteSeatState({ name: visitor.displayName }));
    this.showFree();
  }

  private claimable(playerId: string): boolean {
    const claims = [...this.#claims].filter(([claimer, until]) => claimer !== playerId && until >= this.now() && !this.state.seats.has(claimer));
    return this.state.seats.size + claims.length < this.state.capacity;
  }

  private sitWithoutSocket(visitor: Visitor): { seat: string; state: unknown } {
    if (!this.state.seats.has(visitor.playerId)) this.sit(visitor);
    if (this.clientsOf(visitor.playerId).length === 0) this.#socketless.add(visitor.playerId);
    this.stay();
    this.changed();
    return { seat: visitor.playerId, state: this.state.toJSON() };
  }

  private async leaveWithoutSocket({ playerId }: Visitor): Promise<object> {
    refuseUnless(this.state.seats.has(playerId), 'not_seated');
    for (const client of this.clientsOf(playerId)) client.leave();
    await this.inTurn(() => this.leave(playerId));
    return {};
  }

  private ready({ playerId }: Visitor, clientSeed: string | null): Promise<{ ready: true }> {
    return this.inTurn(async () => {
      rules.readyUp(this.state, playerId);
      this.#clientSeeds.set(playerId, clientSeed ?? playerId);
      if (rules.allReady(this.state)) await this.start(playerId);
      return { ready: true };
    });
  }

  /** Holds every seat's stake, all or none; a seat whose player can't pay stands up again. */
  private async start(askedBy: string | null): Promise<void> {
    const { state } = this;
    const round = this.#round;
    refuseUnless(round && isCurrency(state.currency), 'not_ready');
    const order = rules.seatOrder(state);
    const clientSeeds = order.map((seatId) => this.#clientSeeds.get(seatId) ?? seatId);
    const { rouletteRakeBp: rakeBp } = await this.house.store.content.live();
    const stakes = order.map((seat) => ({ seat, playerId: state.seats.get(seat)!.bot ? null : seat, amount: BigInt(state.stake) }));
    const setup = { seats: order, stake: state.stake, currency: state.currency, rakeBp };
    const starting = this.house.store.rounds.start({ roundId: round.roundId, clientSeeds, setup, currency: state.currency, stakes });
    const { short } = await starting.catch((error: unknown) => {
      void this.end('failed', CLOSE.roomFailed); // whether the stakes are held is not known here; voiding settles it
      throw error;
    });
    if (short.length > 0) return this.standShort(short, askedBy);
    const random = drawStream({ serverSeed: round.serverSeed, clientSeeds, nonce: 0 });
    this.#cylinder = rules.startRound(state, { roundId: round.roundId, random, now: this.now(), rakeBp });
    this.#botsAt = 0;
    this.stay();
  }

  private standShort(short: readonly { seat: string; code: RefusalCode }[], askedBy: string | null): void {
    for (const { seat, code } of short) {
      this.state.seats.get(seat)!.ready = false;
      for (const client of this.clientsOf(seat)) client.send('refused', { code });
    }
    const own = short.find(({ seat }) => seat === askedBy);
    if (own) throw new Refusal(own.code);
  }

  private bet({ playerId, displayName }: Visitor, { pullNo, kind, targetId, stake, requestId }: z.infer<typeof BET>) {
    return this.inTurn(async () => {
      const { state } = this;
      refuseUnless(stake.currency === state.currency && isCurrency(stake.currency), 'bet_invalid');
      const { rouletteExposureMax: exposureMax } = await this.house.store.content.live();
      const order = { betId: '', playerId, name: displayName, kind, targetId, pullNo, stake: BigInt(stake.amount) };
      const shown = decideBet(state, order, { now: this.now(), exposureMax });
      const held = await this.house.store.rounds.bet({
        roundId: state.roundId,
        playerId,
        kind,
        currency: stake.currency,
        amount: order.stake,
        details: { pullNo, targetId },
        requestId: requestId ?? crypto.randomUUID(),
      });
      if (!state.bets.has(held.betId)) applyBet(state, new RouletteBetState({ ...shown, betId: held.betId }));
      this.#bets.push(moveOfBet({ ...shown, betId: held.betId }));
      return { betId: held.betId, balance: { currency: stake.currency, available: String(held.available), held: String(held.held) } };
    });
  }
  /** Bets since the last pull; they are recorded with it. */
  #bets: ReturnType<typeof moveOfBet>[] = [];

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
    this.#socketless.delete(seatId);
    if (state.phase === 'waiting') {
      rules.standUp(state, seatId);
      this.#clientSeeds.delete(seatId);
      this.showFree();
    } else if (state.phase === 'turn' && this.#cylinder) {
      const shot = rules.decideDeparture(state, this.#cylinder, seatId);
      if (shot) await this.carryOut(shot, 'table');
    } else this.present({ playerId: seatId } as Visitor, false);
    this.stay();
  }

  /** Commits what was decided, and only then shows it. A commit that fails voids the round. */
  private async carryOut(shot: rules.Shot, by: 'player' | 'table' | 'bot'): Promise<void> {
    const { state } = this;
    const bots = [...state.seats.values()].some(({ bot }) => bot);
    const end = shot.winner === null || !shot.prize ? null : {
      outcome: { winner: shot.winner, firstTurn: state.firstTurn, payout: String(shot.prize.payout), rake: String(shot.prize.rake) },
      payouts: [{ seat: shot.winner, amount: shot.prize.payout }],
      rake: shot.prize.rake,
      counts: !bots && state.capacity > 2,
    };
    this.#deciding = true;
    try {
      const decided = shot.bets.filter(({ result }) => result !== 'returned').map(({ betId, payout }) => ({ betId, paid: payout }));
      const returned = shot.bets.filter(({ result }) => result === 'returned').map(({ betId }) => betId);
      await this.house.store.rounds.move({ roundId: state.roundId, moves: [...this.#bets, moveOf(shot)], bets: decided, returned, end });
    } catch (error) {
      void this.end('failed', CLOSE.roomFailed);
      throw error;
    } finally {
      this.#deciding = false;
    }
    this.#bets = [];
    rules.applyShot(state, this.#cylinder!, shot, this.now());
    const bets = shot.bets.map(({ betId, playerId, payout }) => ({ betId, playerId, paid: String(payout) }));
    this.broadcast('pulled', { pullNo: shot.pullNo, seatId: shot.seatId, hit: shot.hit, fired: shot.fired, by, bets });
    if (shot.winner !== null) this.showResult(shot);
  }

  private showResult(shot: rules.Shot): void {
    const { state } = this;
    state.serverSeed = serverSeedHex(this.#round!.serverSeed);
    this.#clearAt = this.now() + SHOW_RESULT_MS;
    this.broadcast('settled', {
      roundId: state.roundId,
      winner: shot.winner,
      payout: String(shot.prize!.payout),
      rake: String(shot.prize!.rake),
      serverSeed: state.serverSeed,
    });
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
    if (state.phase !== 'waiting') return;
    for (let number = 1; state.seats.size < state.capacity; number++) {
      rules.sit(state, `bot-${number}`, new RouletteSeatState({ name: BOT_NAMES[number - 1] ?? `Bot ${number}`, bot: true, ready: true }));
    }
    this.showFree();
    if (rules.allReady(state)) await this.start(null);
  }

  private decideByItself(work: () => Promise<void>): void {
    this.#deciding = true;
    this.onItsOwn('clock', async () => {
      try {
        await work();
      } finally {
        this.#deciding = false;
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

const BOT_NAMES = ['Dusty', 'Marlowe', 'Ruby', 'Ivan', 'Odette'];

function parse<T>(format: z.ZodType<T>, options: unknown): T {
  const parsed = format.safeParse(options ?? {});
  refuseUnless(parsed.success, 'join_invalid');
  return parsed.data;
}
