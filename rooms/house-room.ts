// The room every game extends: who is in it, its moves' queue, its end. Colyseus 0.18 shuts the whole process down for a throw
// in a timer or a step, and answers a failed request with success and no value; so both are caught here.
import { type AuthContext, type Client, CloseCode, Room, ServerError } from '@colyseus/core';
import type { z } from 'zod';
import { Refusal, type RefusalCode, refuseUnless } from '../rules/refusal.ts';
import type { House, Visitor } from '../server/house.ts';
import { CHAT, Chat } from './chat.ts';
import { Outbox } from './outbox.ts';
import { Pulse } from './pulse.ts';
import { seating } from './seating.ts';

export interface Seated {
  visitor: Visitor;
  watch: boolean;
}
/** A client that has come in; `onAuth` refuses those without `auth`. */
export type Guest = Client<{ auth: Seated }> & { auth: Seated };
export type HouseOptions<State extends object> = { state: State; client: Guest };

/** What a join asks for, before any room exists. */
export interface Asked {
  visitor: Visitor;
  method: 'joinOrCreate' | 'create' | 'joinById';
  house: House;
}
/** Options as checked: strings and numbers, those of `matchBy` among them. */
export type CheckedOptions = Record<string, string | number | boolean>;

/** A class of rooms that can be joined: it checks the options of a join, and may refuse it, before a room is made. */
export interface HouseRoomClass {
  new (): Room;
  check(options: unknown, asked: Asked): CheckedOptions | Promise<CheckedOptions>;
}

/** Under this key the joining code in `server/` hands over who is joining; nothing from the wire can be a symbol. */
export const SEATED = Symbol('seated');

/** Close codes of ours, beside Colyseus' 4000 … 4010. The SDK does not reconnect by itself after these. */
export const CLOSE = { sessionEnded: 4101, seatTakenOver: 4102, roomFailed: 4104, serverClosing: 4105 } as const;

const RECONNECT_SECONDS = 30;
/** Left to itself Colyseus ticks the clock of a room without patches 60 times a second; it times the bound on messages alone. */
const CLOCK_MS = 100;
const MESSAGES_PER_SECOND_MAX = 40;
const BUFFERED_BYTES_MAX = 1_048_576;

interface Ask {
  reject(reason: { code: RefusalCode }): unknown;
}

/** A dropped client's time to come back; `reject` ends it now. */
interface Absence {
  sessionId: string;
  reject(reason: unknown): void;
}

/** Whose sockets are closed: those of an ended session or of a player. */
export type Dismissed = { sessionId: string } | { playerId: string };

export function dismissFrom(clients: Iterable<Client>, who: Dismissed): void {
  for (const client of [...clients]) {
    const { visitor } = (client.auth as Seated | undefined) ?? {};
    if (!visitor) continue;
    const meant = 'sessionId' in who ? visitor.sessionId === who.sessionId : visitor.playerId === who.playerId;
    if (meant) client.leave(CLOSE.sessionEnded);
  }
}

let pulse: Pulse | null = null;

export abstract class HouseRoom<State extends object> extends Room<HouseOptions<State>> {
  protected house!: House;
  override maxMessagesPerSecond = MESSAGES_PER_SECOND_MAX;
  #turn: Promise<unknown> = Promise.resolve();
  #patching = false;
  #outbox = new Outbox();
  #ending = false;
  /** The server waits for rounds to end: none begins any more. */
  protected closing = false;
  #reconnectSeconds = RECONNECT_SECONDS;
  /** Dropped players who may still come back, by player id. */
  #absent = new Map<string, Absence>();
  /** Sockets that Colyseus closes because their client has come back on another one. */
  #replaced = new WeakSet<Client>();
  #chat!: Chat;
  /** Players who sit here without a socket, and when they were last heard, epoch ms. */
  protected afar = new Map<string, number>();
  /** Moves that clients without a socket may make by REST, by name. */
  protected calls: Record<string, (visitor: Visitor, args: unknown) => unknown> = {};

  static override async onAuth(_token: string, _options: unknown, context: AuthContext): Promise<Seated> {
    const seated = (context as AuthContext & { [SEATED]?: Seated })[SEATED];
    if (!seated) throw new ServerError(401, 'unauthenticated');
    return seated;
  }

  /** `reconnectSeconds` comes with the room's entry in `server/games.ts`, never from a client. */
  override async onCreate(options: { house: House; reconnectSeconds?: number } & CheckedOptions): Promise<void> {
    this.house = options.house;
    this.#chat = new Chat({
      house: this.house,
      clients: () => this.clients,
      send: (line, except) => this.broadcast('chat', line, { except }),
    });
    this.#reconnectSeconds = options.reconnectSeconds ?? RECONNECT_SECONDS;
    this.setTimestep(() => undefined, CLOCK_MS);
    this.patchRate = null;
    // Colyseus' own answer to an unknown type quotes it as the close reason, and one of over 123 bytes throws out of the socket.
    this.onMessage('*', (client: Client) => client.leave(CloseCode.WITH_ERROR));
    try {
      await this.open(options);
    } catch (error) {
      throw this.refusal('create', error);
    }
  }

  /** Sets the room up. */
  protected abstract open(options: CheckedOptions): void | Promise<void>;
  /** A client has come in, for the first time or from another device (`again`). May refuse. */
  protected abstract arrive(client: Guest, again: boolean): void | Promise<void>;
  /** A player is gone: left, or stayed away past 30 s. Nobody else of that player is here. */
  protected abstract depart(visitor: Visitor, watch: boolean): void | Promise<void>;
  /** A player's socket has dropped (`false`) or come back (`true`). */
  protected abstract present(visitor: Visitor, here: boolean): void;
  /** Gives back what is staked in an unfinished round, and shows it void. Safe to repeat. */
  protected abstract voidRound(reason: string): Promise<void>;
  /** Whether a round is on, or someone is seated without a socket: the room stays though nobody is connected. */
  abstract busy(): boolean;
  /** Keeps a seat for this player, or says why not; asked by joining code before the socket comes. */
  claim(_visitor: Visitor, _watch: boolean): RefusalCode | null {
    return null;
  }
  /** Settles when everything that may be seen here is committed; a socket that comes in waits for it. */
  protected committed(): Promise<unknown> {
    return Promise.resolve();
  }

  override async onJoin(client: Guest): Promise<void> {
    this.#outbox.serve(client);
    const { visitor } = client.auth;
    const others = this.clientsOf(visitor.playerId).filter((other) => other !== client);
    try {
      await this.committed();
      await this.arrive(client, others.length > 0);
    } catch (error) {
      throw this.refusal('join', error);
    }
    for (const other of others) other.leave(CLOSE.seatTakenOver);
    this.#absent.get(visitor.playerId)?.reject(false); // the seat is here now, not where its player may come back to
    seating.enter(visitor.playerId, this.roomId, this.house.now().getTime());
    this.stay();
    this.changed();
  }

  override onDrop(client: Guest, code?: number): void {
    const { visitor } = client.auth;
    // Colyseus calls this for those it has kicked, too; they have no claim to come back by themselves.
    const kicked = code !== undefined && code >= 4_000 && code !== CloseCode.MAY_TRY_RECONNECT;
    if (kicked && !this.#replaced.has(client)) return;
    if (this.clientsOf(visitor.playerId).length > 0) return;
    const absence = this.allowReconnection(client, this.#reconnectSeconds);
    absence.catch(() => undefined); // then onLeave follows
    if (!('reject' in absence)) return; // it had not quite come in
    this.#absent.set(visitor.playerId, { sessionId: client.sessionId, reject: (reason) => absence.reject(reason) });
    this.present(visitor, false);
    this.changed();
  }

  /** A client that comes back before its old socket is known to be dead: Colyseus closes that one as if kicked. */
  override checkReconnectionToken(token: string): string {
    const old = this.clients.find((client) => client.reconnectionToken === token);
    if (old) this.#replaced.add(old);
    return super.checkReconnectionToken(token);
  }

  override async onReconnect(client: Guest): Promise<void> {
    this.#outbox.serve(client);
    const { visitor } = client.auth;
    try {
      client.auth.visitor = await this.house.store.sessions.visitorOf(visitor.sessionId);
      await this.committed();
    } catch (error) {
      client.leave(CLOSE.sessionEnded);
      throw this.refusal('reconnect', error);
    }
    this.#absent.delete(visitor.playerId);
    this.present(visitor, true);
    this.changed();
  }

  override async onLeave(client: Guest): Promise<void> {
    client.view?.dispose();
    const { visitor, watch } = client.auth;
    if (this.#absent.get(visitor.playerId)?.sessionId === client.sessionId) this.#absent.delete(visitor.playerId);
    if (this.clientsOf(visitor.playerId).length > 0 || this.#absent.has(visitor.playerId)) return;
    seating.leave(visitor.playerId, this.roomId);
    try {
      await this.depart(visitor, watch);
    } catch (error) {
      // Thrown on, it would leave Colyseus' count of clients wrong, and the room would never be disposed of.
      if (!(error instanceof Refusal)) this.fail('leave', error);
    }
    this.stay();
    this.changed();
  }

  /** A round that never began ends here; one that did has kept the room. */
  override async onDispose(): Promise<void> {
    pulse?.remove(this as never);
    seating.close(this.roomId);
    if (this.#ending) return;
    this.#ending = true;
    await this.giveUp('closed');
  }

  /** A throw outside `answer` is our bug. */
  override onUncaughtException(error: Error, method: string): void {
    const fault = error.cause ?? error;
    if (!(fault instanceof Refusal || fault instanceof ServerError)) this.fail(method, fault);
  }

  /** This room ends, its round is void, the others go on. */
  fail(method: string, error: unknown): void {
    if (this.#ending) return;
    this.house.log.error('room_failed', { room: this.roomName, roomId: this.roomId, method, error });
    this.end('failed', CLOSE.roomFailed).catch((late: unknown) => {
      this.house.log.error('room_not_closed', { room: this.roomName, roomId: this.roomId, error: late });
    });
  }

  /** Voids what is open and closes this room, alone. */
  async end(reason: string, closeCode: number): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    pulse?.remove(this as never);
    await this.giveUp(reason);
    await this.disconnect(closeCode);
  }

  /** No outcome comes any more: what asks for one is refused. */
  protected get ending(): boolean {
    return this.#ending;
  }

  private async giveUp(reason: string): Promise<void> {
    try {
      await this.voidRound(reason);
      this.tellAfar();
    } catch (error) {
      // The store's sweep voids it when this process has not been seen for a while.
      this.house.log.error('round_not_voided', { room: this.roomName, roomId: this.roomId, error });
    }
  }

  /** Asked by the server while it closes: `true` once no round is on. */
  async closeDown(): Promise<boolean> {
    this.closing = true;
    await this.lock();
    return !this.busy();
  }

  /** A REST client's move. A refusal crosses as a value, since an error's code would not survive another process. */
  async callMove(move: string, visitor: Visitor, args: unknown): Promise<{ refused: RefusalCode } | { answer: unknown }> {
    try {
      refuseUnless(Object.hasOwn(this.calls, move), 'not_found');
      return { answer: (await this.calls[move]!(visitor, args)) ?? {} };
    } catch (error) {
      return { refused: this.codeOf(move, error) };
    }
  }

  /** Closes the sockets of an ended session or of a player. */
  dismiss(who: Dismissed): void {
    dismissFrom(this.clients, who);
  }

  /** Something for one player's own eyes, on each of their sockets here. */
  notify(playerId: string, type: string, message: object): void {
    for (const client of this.clientsOf(playerId)) client.send(type, message);
  }

  /** A message handler: checks the payload, runs `reply`, turns a throw into a rejection. */
  protected answer<Payload>(format: z.ZodType<Payload>, reply: (client: Guest, payload: Payload) => unknown) {
    return (client: Client, raw: unknown, ask: Ask) => {
      const refused = (error: unknown) => ask.reject({ code: this.codeOf('message', error) });
      const given = (answer: unknown) => {
        this.changed();
        return answer ?? {};
      };
      try {
        const answer = reply(client as Guest, this.read(format, raw));
        return answer instanceof Promise ? answer.then(given).catch(refused) : given(answer);
      } catch (error) {
        return refused(error);
      }
    };
  }

  protected read<Payload>(format: z.ZodType<Payload>, raw: unknown): Payload {
    const payload = format.safeParse(raw ?? {});
    refuseUnless(payload.success, 'malformed');
    return payload.data;
  }

  /** Runs `work` after everything before it in this room's queue. Whatever moves money, decides or settles goes through here. */
  protected inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      refuseUnless(!this.#ending, 'round_over');
      return work();
    });
    this.#turn = turn.then(
      () => this.changed(),
      () => undefined,
    );
    return turn;
  }

  /** The same for what nobody asked for (a timer, a departure): a throw is our bug. */
  protected onItsOwn(what: string, work: () => unknown): void {
    this.inTurn(work).catch((error: unknown) => this.fail(what, error));
  }

  /** Puts this room on the one clock of the process; `beat` is called 20 times a second. */
  protected startClock(): void {
    pulse ??= new Pulse(() => this.house.now().getTime());
    pulse.add(this as never);
  }
  protected stopClock(): void {
    pulse?.remove(this as never);
  }

  /** For rooms without a clock: what has changed in this turn of the event loop goes out at its end, once. */
  protected changed(): void {
    if (this.#patching) return;
    this.#patching = true;
    setImmediate(() => {
      this.#patching = false;
      if (this.#ending) return;
      try {
        this.broadcastPatch();
        this.tellAfar();
      } catch (error) {
        this.fail('patch', error);
      }
      this.cutSlow();
    });
  }

  /** Who sits here without a socket sees on their event stream what the others are sent. */
  private tellAfar(): void {
    for (const playerId of this.afar.keys())
      this.house.notices.say(playerId, 'game_state', () => ({ roomId: this.roomId, state: this.state }));
  }

  /** What `work` sends, all of it synchronous, leaves in one write a client. */
  protected inOneWrite(work: () => void): void {
    this.#outbox.gather(work);
  }

  /** A client that does not read is cut, so that nobody waits for it and its buffer stays bounded. */
  protected cutSlow(): void {
    for (const client of this.clients) {
      const socket = client.ref as unknown as { bufferedAmount: number; terminate(): void };
      // A close frame would wait behind everything that is not read.
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) socket.terminate();
    }
  }

  protected chat() {
    return this.answer(CHAT, ({ auth: { visitor } }, { text }) => this.#chat.say(visitor, text));
  }

  /** A dropped player whose time to come back is not over. */
  protected mayComeBack(playerId: string): boolean {
    return this.#absent.has(playerId);
  }

  protected clientsOf(playerId: string): Guest[] {
    return this.clients.filter((client) => client.auth?.visitor.playerId === playerId);
  }

  /** A room with a round on outlives its last socket; Colyseus disposes of any other. */
  protected stay(): void {
    this.autoDispose = !this.busy();
  }

  protected codeOf(method: string, error: unknown): RefusalCode {
    if (error instanceof Refusal) return error.code;
    this.house.log.error('move_failed', { room: this.roomName, roomId: this.roomId, method, error });
    return 'internal';
  }

  protected refusal(method: string, error: unknown): ServerError {
    return new ServerError(409, this.codeOf(method, error));
  }
}
