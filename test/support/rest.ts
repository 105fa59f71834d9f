// The REST door on a real port over a real store. Every good answer is checked against what its route declares, so a field
// too many or of another kind fails whichever test meets it.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { type LimitFigures, openLimits } from '../../http/limits.ts';
import { answerHot, mountRoutes, type Route } from '../../http/route.ts';
import { routes } from '../../http/routes.ts';
import type { RefusalCode } from '../../rules/refusal.ts';
import { openCashier } from '../../server/cashier.ts';
import { openNotices } from '../../server/notices.ts';
import type { House, HouseSettings, Rooms, Visitor } from '../../server/house.ts';
import { noProviders } from './providers.ts';
import { memoryStore, type TestStore } from './store.ts';

export type Json = Record<string, unknown>;

export interface Told {
  status: number;
  headers: Headers;
  /** Empty where the answer is not a JSON object. */
  json: Json;
  text: string;
}

export interface Asking {
  token?: string;
  body?: unknown;
  key?: string;
  headers?: Record<string, string>;
}

export interface SignedIn {
  id: string;
  email: string;
  accessToken: string;
  refreshToken: string;
}

export interface Rest extends TestStore {
  house: House;
  url: string;
  ask(method: string, path: string, asking?: Asking): Promise<Told>;
  /** Status and code of a refusal, or the status of a success. */
  refused(method: string, path: string, asking?: Asking): Promise<[number, unknown]>;
  newcomer(): { email: string; password: string; displayName: string };
  register(): Promise<SignedIn>;
  /** What the rooms were asked, in order. */
  asked: unknown[][];
  /** What a room answers to the next call of a move. */
  answers: Map<string, { refused: RefusalCode } | { answer: unknown }>;
  logged: [level: string, event: string, details: Json][];
}

export interface RestOptions {
  limits?: Partial<LimitFigures>;
  settings?: Partial<HouseSettings>;
  extra?: readonly Route[];
  /** Whether hot routes are answered before Express. */
  hot?: boolean;
  store?: TestStore;
}

const PLENTY: LimitFigures = { auth: 100_000, join: 100_000, money: 100_000, read: 100_000, callback: 100_000, token: 100_000 };
export const PASSWORD = 'correct horse';

export async function openRest({ limits, settings, extra = [], hot = true, store: given }: RestOptions = {}): Promise<Rest> {
  const opened = given ?? (await memoryStore());
  const rooms = scriptedRooms();
  const logged: Rest['logged'] = [];
  const house = houseFor(opened, { rooms: rooms.rooms, settings, logged });
  const all = [...routes, ...extra];
  const app = express();
  const counters = openLimits({ ...PLENTY, ...limits });
  mountRoutes(app, all, house, counters);
  const quick = hot ? answerHot(all, house, counters) : () => false;
  // Longer than any pause of a busy machine, or a client writes into a connection that is just being closed.
  const server = createServer(
    { keepAliveTimeout: 120_000 },
    (request, response) => void (quick(request, response) || app(request, response)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = asker(url, all);
  let count = 0;
  const newcomer = () => ({ email: `player${++count}@example.com`, password: PASSWORD, displayName: `Player ${count}` });
  return {
    ...opened,
    ...rooms,
    house,
    url,
    ask,
    logged,
    newcomer,
    refused: async (...asking) => {
      const { status, json } = await ask(...asking);
      return [status, status < 400 ? 'done' : json.code];
    },
    async register() {
      const one = newcomer();
      const { json } = await ask('POST', '/api/auth/register', { body: one });
      const { accessToken, refreshToken, player } = json as unknown as SignedIn & { player: { id: string } };
      return { id: player.id, email: one.email, accessToken, refreshToken };
    },
    async close() {
      house.notices.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (!given) await opened.close();
    },
  };
}

function houseFor(
  opened: TestStore,
  { rooms, settings, logged }: { rooms: Rooms; settings: Partial<HouseSettings> | undefined; logged: Rest['logged'] },
): House {
  const line =
    (level: string) =>
    (event: string, details: Json = {}) =>
      void logged.push([level, event, details]);
  const log = { info: line('info'), warn: line('warn'), error: line('error') };
  return {
    store: opened.store,
    random: { below: (limit) => limit - 1 },
    rooms,
    providers: noProviders(),
    notices: openNotices({ store: opened.store, log }),
    cashier: openCashier({ store: opened.store, mpesa: null, callbackUrl: '', log }),
    now: opened.clock.now,
    log,
    settings: {
      production: false,
      realMoney: false,
      corsOrigins: [],
      publicUrl: 'http://localhost:2567',
      trustProxy: false,
      rootAdminEmail: null,
      ...settings,
    },
  };
}

export const SEAT = { name: 'roulette', sessionId: 'seat', roomId: 'room-1', processId: 'process' };

/** Rooms are another folder's: here they keep what they were asked and answer as told. */
function scriptedRooms() {
  const asked: unknown[][] = [];
  const answers: Rest['answers'] = new Map();
  const rooms: Rooms = {
    async reserve(game, options, visitor: Visitor) {
      asked.push(['reserve', game, options, visitor.playerId]);
      return SEAT;
    },
    async sit(game, options, visitor) {
      asked.push(['sit', game, options, visitor.playerId]);
      return { roomId: SEAT.roomId, seat: visitor.playerId, state: { phase: 'waiting' } };
    },
    async call(roomId, move, args, visitor) {
      asked.push(['call', roomId, move, args, visitor.playerId]);
      return answers.get(move) ?? { refused: 'room_unknown' };
    },
    async dismiss(who) {
      asked.push(['dismiss', who]);
    },
  };
  return { rooms, asked, answers };
}

function asker(url: string, all: readonly Route[]): Rest['ask'] {
  return async (method, path, { token, body, key, headers } = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body) }),
    } as RequestInit);
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') ? (JSON.parse(text) as Json) : {};
    if (response.ok) checkAnswer(all, { method, path, status: response.status, json, text });
    return { status: response.status, headers: response.headers, json, text };
  };
}

function checkAnswer(
  all: readonly Route[],
  { method, path, status, json, text }: { method: string; path: string; status: number; json: Json; text: string },
) {
  const bare = path.split('?')[0]!;
  const found = all.filter(
    (route) => route.method === method && new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(bare),
  );
  const route = found.find((one) => one.path === bare) ?? found[0];
  if (!route) return;
  if (route.status !== status) throw new Error(`${method} ${path} answered ${status}, declared ${route.status}`);
  if (route.answers === null ? text !== '' : false) throw new Error(`${method} ${path} answered ${text}`);
  if (route.answers !== null && route.type === null) route.answers.parse(json);
}

export const newKey = (): string => randomUUID();
