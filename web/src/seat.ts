// A place in a room: joining, coming back after a lost connection, asking and hearing. What the room's state says is handed
// on as plain objects, so that no screen knows Colyseus.
import type { Room } from '@colyseus/sdk';
import { signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { heardReality } from './reality.tsx';
import { accessToken, HOUSE } from './session.ts';
import { codeOf, Refused } from './words.ts';

export type SeatStatus = 'joining' | 'here' | 'reconnecting' | 'gone';

export interface Seat<State> {
  status: ReadonlySignal<SeatStatus>;
  /** Why there is no seat, or no more. */
  refusal: ReadonlySignal<string | null>;
  state: ReadonlySignal<State | null>;
  roomId: ReadonlySignal<string | null>;
  /** Refused with the house's code, or `offline`. */
  ask<T>(move: string, payload?: object): Promise<T>;
  /** What the room calls out. Set before the first call-out can come. */
  hear(heard: (type: string, message: unknown) => void): void;
  again(): void;
  leave(): void;
}

/** `back`: what is said on coming back to a room that is known by its id. */
export type Join = ({ room: string } | { roomId: string }) & { options: object; back?: object };

const TRIES = 3;
const RETRY_MS = 400;
/** What the house means by closing a socket; the connection itself was lost where it says nothing. */
const CLOSED: Record<number, string> = {
  4000: 'not_seated',
  4001: 'unavailable',
  4002: 'rate_limited',
  4101: 'token_expired',
  4102: 'seat_taken_over',
  4103: 'too_slow',
  4104: 'round_void',
  4105: 'unavailable',
};

/** Joins when it is first drawn and leaves with the screen. `key` changes with what is joined. */
export function useSeat<State>(join: Join, key: string): Seat<State> {
  const seat = useMemo(() => takeSeat<State>(join), [key]);
  useEffect(() => () => seat.leave(), [seat]);
  return seat;
}

export function takeSeat<State>(join: Join): Seat<State> {
  const status = signal<SeatStatus>('joining');
  const refusal = signal<string | null>(null);
  const state = signal<State | null>(null);
  const roomId = signal<string | null>('roomId' in join ? join.roomId : null);
  let heard: (type: string, message: unknown) => void = () => {};
  let room: Room | null = null;
  let left = false;

  async function enter(how: Join): Promise<void> {
    status.value = 'joining';
    refusal.value = null;
    try {
      const entered = await joined(how);
      if (left) return void entered.leave();
      settle(entered);
    } catch (error) {
      const code = codeOf(error);
      // Where the very room is gone, whichever was meant will do.
      if (code === 'room_unknown' && how !== join && 'room' in join) return enter(join);
      refusal.value = code;
      status.value = 'gone';
    }
  }

  function settle(entered: Room): void {
    room = entered;
    roomId.value = entered.roomId;
    entered.reconnection.minUptime = 0;
    entered.onStateChange((fresh: { toJSON(): unknown }) => {
      state.value = fresh.toJSON() as State;
    });
    entered.onMessage(
      '*',
      (type: string | number, message: unknown) => heardReality(String(type), message) || heard(String(type), message),
    );
    entered.onDrop(() => void (status.value = 'reconnecting'));
    entered.onReconnect(() => void (status.value = 'here'));
    entered.onLeave((code) => {
      if (left || room !== entered) return;
      room = null;
      refusal.value = CLOSED[code] ?? 'offline';
      status.value = 'gone';
    });
    entered.onError((_code, message) => void (refusal.value = message ?? 'internal'));
    status.value = 'here';
  }

  void enter(join);
  return {
    status,
    refusal,
    state,
    roomId,
    async ask<T>(move: string, payload: object = {}) {
      if (room === null || status.value !== 'here') throw new Refused('offline');
      return (await answered(room.request(move, payload))) as T;
    },
    hear: (listener) => void (heard = listener),
    again: () => void enter(roomId.value === null ? join : { roomId: roomId.value, options: join.back ?? {} }),
    leave() {
      left = true;
      if (room !== null) void room.leave();
    },
  };
}

/** The larger part of the page's script: fetched beside the first screen, not before it. */
const sdk = import('./sdk.ts');

/** A seat kept too long is given away and a token may have just run out: both are tried again before they are shown. */
async function joined(join: Join): Promise<Room> {
  for (let attempt = 1; ; attempt++) {
    const client = new (await sdk).Client(HOUSE);
    client.auth.token = await accessToken();
    try {
      return 'room' in join
        ? await client.joinOrCreate(join.room, join.options)
        : await client.joinById(join.roomId, join.options);
    } catch (error) {
      const code = joinRefusal(error);
      if (attempt === TRIES || !PASSING.has(code)) throw new Refused(code);
      if (code === 'unauthenticated') await accessToken({ renew: true });
      else await new Promise((resolve) => setTimeout(resolve, RETRY_MS * attempt));
    }
  }
}

const PASSING = new Set(['unauthenticated', 'not_seated', 'offline', 'seat_expired']);

/** The house says its code as the error's message; Colyseus' own words are about seats and sockets. */
function joinRefusal(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (/^[a-z]+(_[a-z]+)*$/.test(message)) return message;
  if (/expired|reservation/i.test(message)) return 'seat_expired';
  return 'offline';
}

async function answered(reply: Promise<unknown>): Promise<unknown> {
  try {
    return await reply;
  } catch (error) {
    const reason = (error as { reason?: { code?: string } }).reason;
    throw new Refused(reason?.code ?? (/timed? ?out|clos|connect/i.test(String(error)) ? 'offline' : 'internal'));
  }
}
