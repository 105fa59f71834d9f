// The real server for door tests: every room and route on a port of its own, a real database in memory, a clock that the
// test can push forward, and clients of the real SDK.
import type { AddressInfo } from 'node:net';
import { Client, type Room } from '@colyseus/sdk';
import type { RequestHandler } from 'express';
import { openCashier } from '../../server/cashier.ts';
import { openNotices } from '../../server/notices.ts';
import { houseRooms, houseRoutes } from '../../server/games.ts';
import { buildGameServer, type Limits, type RoomEntry } from '../../server/game-server.ts';
import type { House } from '../../server/house.ts';
import { noProviders } from './providers.ts';
import { memoryStore, type TestStore } from './store.ts';

export interface Logged {
  level: 'info' | 'warn' | 'error';
  event: string;
  details: Record<string, unknown>;
}

export interface Player {
  playerId: string;
  accessToken: string;
  refreshToken: string;
  client: Client;
  /** JSON in, status and JSON out, with this player's token. */
  call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; body: any; headers: Headers }>;
}

export type TestServer = Awaited<ReturnType<typeof startServer>>;

/** `rooms`: those of the house, or others, or the same with other options (`reconnectSeconds`). */
export async function startServer(
  overrides: Partial<Omit<House, 'rooms'>> = {},
  limits: Partial<Limits> = {},
  rooms: readonly RoomEntry[] = houseRooms,
  given: TestStore | null = null,
  page: readonly RequestHandler[] = [],
  console: string | null = null,
) {
  const stored = given ?? (await memoryStore());
  const logged: Logged[] = [];
  const note =
    (level: Logged['level']) =>
    (event: string, details: Record<string, unknown> = {}) =>
      void logged.push({ level, event, details });
  let pushed = 0;
  const log = { info: note('info'), warn: note('warn'), error: note('error') };
  const house = {
    store: stored.store,
    random: { below: () => 0 },
    now: () => new Date(Date.now() + pushed),
    log,
    providers: noProviders(),
    notices: openNotices({ store: stored.store, log }),
    cashier: openCashier({ store: stored.store, mpesa: null, callbackUrl: '', log }),
    settings: {
      production: false,
      realMoney: false,
      corsOrigins: [],
      publicUrl: 'http://127.0.0.1',
      trustProxy: false,
      rootAdminEmail: null,
    },
    ...overrides,
  };
  const server = buildGameServer({
    house,
    rooms,
    routes: houseRoutes,
    page,
    console,
    limits: {
      joinsPerMinute: 10_000,
      signInsPerMinute: 10_000,
      requestsPerMinute: 1_000_000,
      socketsPerAddress: 5_000,
      ...limits,
    },
  });
  const port = await server.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${port}`;
  let number = 0;

  async function signIn(path: string, body: object): Promise<Player> {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    const { player, accessToken, refreshToken } = (await response.json()) as {
      player: { id: string };
      accessToken: string;
      refreshToken: string;
    };
    return playerFrom(url, { playerId: player.id, accessToken, refreshToken });
  }

  return {
    ...stored,
    house: server.house,
    server,
    url,
    port: (server.http.address() as AddressInfo).port,
    logged,
    /** Moves the house's clock; timers of the loop see it at their next beat. */
    push: (ms: number) => void (pushed += ms),
    register: (displayName = `Player ${++number}`) =>
      signIn('/api/auth/register', {
        email: `p${++number}-${process.pid}@example.com`,
        password: 'correct horse battery',
        displayName,
      }),
    visit: () => signIn('/api/auth/guest', {}),
    stop: async () => {
      await server.close();
      if (given === null) await stored.close();
    },
  };
}

/** Waits until `look` gives something true, 20 s at most, for a machine may be busy; a test says what it waits for. */
export async function until<T>(what: string, look: () => T | Promise<T>, ms = 20_000): Promise<NonNullable<T>> {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** The refusal code that a room's request or a join was answered with, or `done`. */
export async function refusedWith(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'done';
  } catch (error) {
    const { reason, message } = error as { reason?: { code?: string }; message?: string };
    return reason?.code ?? message ?? String(error);
  }
}

/** A room of the SDK whose state is read as plain JSON. */
export const seen = (room: Room): any => (room.state as { toJSON(): unknown }).toJSON();

function playerFrom(url: string, session: { playerId: string; accessToken: string; refreshToken: string }): Player {
  const client = new Client(url);
  client.auth.token = session.accessToken;
  return {
    ...session,
    client,
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${session.accessToken}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
    },
  };
}
