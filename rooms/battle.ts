// A battle: fixed steps of 50 ms under a seeded rule, every input recorded. What is shown of an end waits for its commit.
import { z } from 'zod';
import { ACTION_NAMES, BATTLE_RULES_VERSION, REVIVE_GEMS } from '../rules/battle-figures.ts';
import { botInput, botMember } from '../rules/battle-bot.ts';
import { digestOf } from '../rules/battle-replay.ts';
import type { BattleDefinition, BattleEvent, BattleInput, Enemy, Fighter, PartyMember } from '../rules/battle-types.ts';
import * as rules from '../rules/battle.ts';
import { drawStream } from '../rules/fairness.ts';
import { itemById } from '../rules/items.ts';
import type { Random } from '../rules/random.ts';
import { Refusal, type RefusalCode, refuseUnless } from '../rules/refusal.ts';
import type { Visitor } from '../server/house.ts';
import { BattleState, EnemyState, FighterState } from '../state/battle.ts';
import { Charges, type Paying, type Price } from './battle-charges.ts';
import { earned } from './battle-earnings.ts';
import { Claims } from './claims.ts';
import { NOTHING, REQUEST_ID } from './formats.ts';
import { type Asked, type CheckedOptions, type Guest, HouseRoom } from './house-room.ts';
import { BEAT_MS } from './pulse.ts';

const JOIN = z.strictObject({
  battleId: z.string().regex(/^[a-z0-9_-]{1,64}$/),
  /** Into a fight that is on, where one has a place free. */
  late: z.boolean().default(false),
});
const ACT = z.strictObject({ action: z.enum(ACTION_NAMES), targetId: z.string().min(1).max(16) });
const USE = z.strictObject({ itemId: z.string().min(1).max(64), requestId: REQUEST_ID.optional() });
const REVIVE = z.strictObject({ requestId: REQUEST_ID.optional() });

const START_BY_ITSELF_MS = 20_000;
const CATCH_UP_STEPS_MAX = 4;
/** How long the end is looked at before the room closes. */
const SHOW_END_MS = 60_000;
const SLOW_LOOK_STEPS = 20;
/** House bots fill a party up to this, or to what the battle asks at least. */
const BOT_PARTY = 4;

export class BattleRoom extends HouseRoom<BattleState> {
  override state = new BattleState();
  #battle!: rules.Battle;
  #definition!: BattleDefinition;
  #random: Random | null = null;
  #round: { roundId: string; serverSeed: Uint8Array } | null = null;
  #claims = new Claims();
  #charges!: Charges;
  #bots: string[] = [];
  /** Who went for good while the start was being committed. */
  #goneAtStart = new Set<string>();
  #startedAt = 0;
  #closeAt = 0;
  #starting = false;
  /** Something besides a step may have changed the state of a fight. */
  #stirred = false;
  #settling = false;
  #settled = false;

  static async check(options: unknown, { visitor, method, house }: Asked): Promise<CheckedOptions> {
    if (method === 'joinById') return {};
    const parsed = JOIN.safeParse(options ?? {});
    refuseUnless(parsed.success, 'join_invalid');
    const definition = await house.store.content.battle(parsed.data.battleId);
    refuseUnless(definition, 'battle_unknown');
    refuseUnless(visitor.level >= definition.levelRequired, 'level_short');
    return { battleId: definition.battleId, free: parsed.data.late ? 'late' : 'yes' };
  }

  override messages = {
    start: this.answer(NOTHING, (client) => this.start(client.auth.visitor.playerId)),
    act: this.answer(ACT, (client, { action, targetId }) => this.act(client.auth.visitor, { action, targetId })),
    use: this.answer(USE, (client, use) => this.use(client.auth.visitor, use)),
    revive: this.answer(REVIVE, (client, { requestId }) => this.revive(client.auth.visitor, requestId)),
    bots: this.answer(NOTHING, (client) => this.seatBots(client.auth.visitor.playerId)),
    chat: this.chat(),
  };

  protected override calls = {
    act: (visitor: Visitor, args: unknown) => this.act(visitor, this.read(ACT, args)),
    state: () => this.look(),
  };

  protected override async open({ battleId }: CheckedOptions): Promise<void> {
    refuseUnless(typeof battleId === 'string', 'room_unknown');
    const definition = await this.house.store.content.battle(battleId);
    refuseUnless(definition, 'battle_unknown');
    this.#definition = definition;
    this.#charges = new Charges(this.house);
    this.maxClients = 2 * definition.partyMax; // each may come from another device before the old socket is gone
    const round = await this.house.store.rounds.open({ game: 'battle', roomId: this.roomId, rulesVersion: BATTLE_RULES_VERSION });
    this.#round = round;
    const make = {
      view: this.state,
      fighter: (fields: Fighter) => new FighterState(fields),
      enemy: (fields: Enemy) => new EnemyState(fields),
    };
    this.#battle = rules.createBattle(definition, make);
    this.state.roundId = round.roundId;
    this.state.commitment = round.commitment;
    this.startClock();
  }

  override claim({ playerId }: Visitor): RefusalCode | null {
    if (this.state.fighters.has(playerId)) return null;
    const now = this.house.now().getTime();
    if (!this.takesIn() || rules.placesFree(this.#battle) <= this.#claims.besides(playerId, now)) return 'room_full';
    this.#claims.keep(playerId, now);
    this.showFree();
    return null;
  }

  busy(): boolean {
    return this.#starting || this.#settling || this.state.phase === 'fighting';
  }

  protected override async arrive({ auth: { visitor } }: Guest): Promise<void> {
    const { playerId } = visitor;
    this.#goneAtStart.delete(playerId);
    if (this.state.fighters.has(playerId)) this.present(visitor, true);
    else await this.join(visitor);
  }

  private async join({ playerId, displayName: name }: Visitor): Promise<void> {
    const { busy, ...strength } = await this.house.store.battles.fighter(playerId, this.state.roundId);
    if (this.isIn(playerId)) return;
    refuseUnless(!this.#starting, 'round_open'); // the party that starts is the one that is recorded
    const member: PartyMember = { playerId, name, bot: false, ...strength };
    if (this.state.phase === 'fighting') refuseUnless(!busy, 'in_battle');
    if (this.state.phase === 'fighting') await this.noteLate(member);
    if (this.isIn(playerId)) return; // another device of theirs was quicker
    rules.joinBattle(this.#battle, member);
    this.#claims.drop(playerId);
    if (this.gathering() && this.state.startsAt === 0) this.state.startsAt = this.house.now().getTime() + START_BY_ITSELF_MS;
    this.broadcast('player_joined', { playerId, name });
    this.showFree();
  }

  /** Who comes into a fight is noted with its round first, so that what holds for who is in a battle holds for them. */
  private async noteLate(member: PartyMember): Promise<void> {
    rules.checkJoin(this.#battle, member);
    await this.house.store.battles.joinLate(this.state.roundId, member);
    refuseUnless(!this.#settling && !this.ending, 'round_over');
  }

  protected override present({ playerId }: Visitor, here: boolean): void {
    if (this.isIn(playerId)) rules.seatConnected(this.#battle, playerId, here);
  }

  protected override depart({ playerId }: Pick<Visitor, 'playerId'>): void {
    if (!this.isIn(playerId)) return;
    if (this.#starting) return void this.#goneAtStart.add(playerId);
    rules.leaveBattle(this.#battle, playerId);
    if (this.state.leader === '') this.state.startsAt = 0;
    this.broadcast('player_left', { playerId });
    this.showFree();
  }

  /** 20 times a second. A loop that came late makes up for it, a few steps at a time. */
  beat(now: number): void {
    const { phase } = this.state;
    if (this.#claims.lapse(now)) this.showFree();
    if (phase === 'lobby') this.waitInLobby(now);
    else if (phase === 'fighting') this.fight(now);
    else if (this.#settled && now >= this.#closeAt) void this.disconnect();
  }

  protected override async voidRound(reason: string): Promise<void> {
    if (this.#settled || !this.#round) return;
    const was = await this.house.store.rounds.void(this.#round.roundId, reason);
    if (was) await this.#charges.giveBackAll();
  }

  /** The clock's patch serves; between beats nothing goes out of a fight, and nothing of its end before the commit. */
  protected override changed(): void {
    if (this.state.phase === 'fighting') this.#stirred = true;
    else if (!this.#settling) super.changed();
  }

  protected override async committed(): Promise<void> {
    if (this.#settling) await this.inTurn(() => undefined).catch(() => undefined); // a failed room refuses them anyway
  }

  /** By REST, as by socket, an end is seen after its commit. */
  private async look(): Promise<unknown> {
    await this.committed();
    refuseUnless(!this.ending, 'round_over');
    return this.state.toJSON();
  }

  private gathering = (): boolean => this.state.phase === 'lobby' && !this.#starting;

  /** In the party, and not gone for good: one who left a fight stays to be seen. */
  private isIn = (playerId: string): boolean => rules.isIn(this.#battle, playerId);

  /** Whether a place may be taken: in the lobby, or in a fight that allows it. */
  private takesIn = (): boolean =>
    this.gathering() || (this.state.phase === 'fighting' && this.#definition.lateJoin === true && !this.#settling);

  private waitInLobby(now: number): void {
    if (this.state.startsAt === 0 || now < this.state.startsAt || this.#starting || this.closing) return;
    this.state.startsAt = 0;
    const enough = this.state.fighters.size >= this.#definition.partyMin;
    if (enough) this.onItsOwn('start', () => this.start(null));
    else this.state.startsAt = now + START_BY_ITSELF_MS;
    this.changed();
  }

  private async start(by: string | null): Promise<object> {
    const battle = this.#battle;
    const round = this.#round;
    refuseUnless(!this.#starting && round, 'round_open');
    refuseUnless(!this.closing, 'unavailable');
    rules.checkStart(battle, by);
    this.#starting = true;
    this.showFree();
    try {
      const { roundId } = round;
      const asked = { roundId, definition: this.#definition, party: rules.partyOf(battle) };
      const { party, busy } = await this.house.store.battles.begin(asked);
      if (busy.length > 0) return await this.startWithout(busy, by);
      rules.strengthen(battle, party);
    } catch (error) {
      if (!(error instanceof Refusal)) this.fail('start', error);
      throw error;
    } finally {
      this.#starting = false;
    }
    refuseUnless(!this.ending, 'round_over');
    this.#random = drawStream({ serverSeed: round.serverSeed, clientSeeds: [], nonce: 0 });
    rules.startBattle(battle, null);
    this.#startedAt = this.house.now().getTime();
    this.state.startedAt = this.#startedAt;
    this.state.startsAt = 0;
    this.stay();
    for (const playerId of this.#goneAtStart) this.depart({ playerId });
    return {};
  }

  /** Who is in another battle is told so and steps out. The room's own clock looks again at its next beat. */
  private async startWithout(busy: readonly string[], by: string | null): Promise<object> {
    this.#starting = false;
    if (by === null) this.state.startsAt = this.house.now().getTime();
    for (const playerId of [...busy, ...this.#goneAtStart]) this.depart({ playerId });
    for (const playerId of busy) this.notify(playerId, 'refused', { code: 'in_battle' });
    this.#goneAtStart.clear();
    refuseUnless(by === null || !busy.includes(by), 'in_battle');
    return by === null ? {} : this.start(by);
  }

  private fight(now: number): void {
    const random = this.#random;
    if (this.#settling || !random) return;
    const steps = this.stepsDue(now);
    const quiet = !this.#stirred && this.#bots.length === 0 && this.#battle.tick + steps < this.#battle.dueTick;
    if (!quiet) this.inOneWrite(() => this.step(steps, random));
    else for (let step = 0; step < steps; step++) rules.stepBattle(this.#battle, random);
    if (this.#battle.tick % SLOW_LOOK_STEPS > 0) return;
    this.cutSlow();
    if (this.#definition.lateJoin) this.showFree();
  }

  private step(steps: number, random: Random): void {
    this.#stirred = false;
    for (let step = 0; step < steps; step++) {
      this.askBots();
      const events = rules.stepBattle(this.#battle, random);
      if (events.length > 0 && this.tell(events)) return;
    }
    this.broadcastPatch();
  }

  /**
   * One a beat, as long as the fight is within a step of its time: beats come a little early and late, and a room that asked
   * the time alone would take none in one and two in the next.
   */
  private stepsDue(now: number): number {
    const behind = (now - this.#startedAt) / BEAT_MS - this.#battle.tick;
    if (behind < 0) return 0;
    return behind < 2 ? 1 : Math.min(Math.floor(behind), CATCH_UP_STEPS_MAX);
  }

  private askBots(): void {
    for (const bot of this.#bots) {
      const input = botInput(this.#battle, bot);
      if (input) rules.queueInput(this.#battle, bot, input);
    }
  }

  /** Tells what a step did. True when it was the last: nothing of that one is told or patched before its commit. */
  private tell(events: readonly BattleEvent[]): boolean {
    const end = events.find((event) => event.type === 'finished');
    if (end) {
      this.#settling = true;
      this.onItsOwn('settle', () => this.settle(end.outcome, events));
      return true;
    }
    this.broadcastEvents(events);
    return false;
  }

  private broadcastEvents(events: readonly BattleEvent[]): void {
    for (const event of events) {
      if (event.type === 'lapsed') this.#charges.giveBack(event.input, this.roomId);
      else if (event.type !== 'finished') this.broadcast(event.type, event);
    }
  }

  private async settle(outcome: 'won' | 'lost', events: readonly BattleEvent[]): Promise<void> {
    const battle = this.#battle;
    const { roundId } = this.#round!;
    const people = battle.rewards.filter(({ playerId }) => !this.#bots.includes(playerId));
    const end = {
      outcome: { outcome, ticks: battle.tick, digest: digestOf(battle) },
      payouts: [],
      rake: 0n,
      counts: false,
      rewards: people.map((reward) => earned(battle, reward, this.house.now())),
      spent: this.#charges.spentBy(events),
    };
    await this.house.store.rounds.move({ roundId, moves: battle.taken as never, end });
    this.#settled = true;
    this.#settling = false;
    this.#closeAt = this.house.now().getTime() + SHOW_END_MS;
    this.broadcastEvents(events);
    this.broadcastPatch();
    this.broadcast('finished', {
      roundId,
      outcome,
      rewards: end.rewards.map(({ playerId, coins, xp, items, shareBp, won }) => ({
        ...{ playerId, items, shareBp, won },
        coins: String(coins),
        xp: String(xp),
      })),
    });
    this.stay();
  }

  private act({ playerId }: Visitor, { action, targetId }: z.infer<typeof ACT>) {
    refuseUnless(!this.#settling, 'round_over');
    return rules.queueInput(this.#battle, playerId, { kind: 'act', action, targetId });
  }

  private use(visitor: Visitor, { itemId, requestId }: z.infer<typeof USE>) {
    const potion = itemById(itemId)?.potion;
    refuseUnless(potion, 'item_unknown');
    const input: BattleInput = { kind: 'potion', hpPercent: potion.hpPercent, staminaPercent: potion.staminaPercent };
    const price: Price = { currency: 'COINS', amount: potion.priceCoins, reason: `potion:${itemId}`, item: itemId };
    return this.paidFor(visitor, { input, price, operation: 'use', requestId });
  }

  private revive(visitor: Visitor, requestId: string | undefined) {
    const price: Price = { currency: 'GEMS', amount: REVIVE_GEMS, reason: 'revive', item: null };
    return this.paidFor(visitor, { input: { kind: 'revive' }, price, operation: 'revive', requestId });
  }

  private paidFor(
    { playerId }: Visitor,
    { input, ...priced }: Pick<Paying, 'input' | 'price' | 'operation' | 'requestId'>,
  ): Promise<object> {
    return this.#charges.once({
      ...priced,
      playerId,
      roundId: this.state.roundId,
      input,
      check: () => {
        refuseUnless(!this.#settling, 'round_over');
        rules.checkInput(this.#battle, playerId, input);
      },
      ask: () => {
        refuseUnless(!this.#settling && !this.ending, 'round_over');
        return rules.queueInput(this.#battle, playerId, input);
      },
    });
  }

  private seatBots(playerId: string): { seated: number } {
    const { state } = this;
    refuseUnless(state.fighters.has(playerId), 'not_seated');
    refuseUnless(this.gathering(), 'round_open');
    const { partyMin, partyMax } = this.#definition;
    const target = Math.max(partyMin, Math.min(partyMax, BOT_PARTY));
    const before = state.fighters.size;
    const promised = this.#claims.besides('', this.house.now().getTime());
    for (let number = 1; state.fighters.size + promised < target; number++) {
      if (state.fighters.has(`bot-${number}`)) continue;
      rules.joinBattle(this.#battle, botMember(this.#definition, number));
      this.#bots.push(`bot-${number}`);
    }
    this.showFree();
    return { seated: state.fighters.size - before };
  }

  /** Who asks for a lobby is not led into a fight, and the other way round. */
  private showFree(): void {
    const promised = this.#claims.besides('', this.house.now().getTime());
    const places = this.takesIn() && rules.placesFree(this.#battle) > promised;
    const free = !places ? 'no' : this.gathering() ? 'yes' : 'late';
    if (this.metadata?.free !== free) void this.setMatchmaking({ metadata: { ...this.metadata, free } });
  }
}
