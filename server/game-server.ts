// One port: rooms, REST, pages. Rooms and routes come as lists, so a game from outside is one more entry.
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineRoom, defineServer, matchMaker } from '@colyseus/core';
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { answerHot, mountRoutes, openLimits, refuse, type Route } from '../http/route.ts';
import type { HouseRoomClass } from '../rooms/house-room.ts';
import { refuseClosing } from './closing.ts';
import { openDoor, SocketCount } from './door.ts';
import type { House } from './house.ts';
import { joinRooms } from './joining.ts';
import { PacedTransport } from './keepalive.ts';
import { colyseusLogger } from './log.ts';
import { matchmaking } from './matchmaking.ts';
import { type Metrics, metricsPage, openMetrics } from './metrics.ts';
import { openFigures, type OpsFigures } from './ops-figures.ts';
import { opsRoutes } from './ops-routes.ts';
import { opsPages } from './ops.ts';
import { origins } from './origins.ts';
import { matchmakerRooms } from './rooms.ts';

/** One kind of room, under the name clients join it by. */
export interface RoomEntry {
  name: string;
  room: HouseRoomClass;
  /** Checked options by which a join finds its room. */
  matchBy?: readonly string[];
  /** Given to `onCreate` beside `house`; a client cannot replace them. */
  options?: Record<string, unknown>;
  /** Shown live in the lobby. */
  listed?: boolean;
  /** Throws where a table that the game pays by is outside its bounds; then the server does not start. */
  check?(): void;
}

export interface GameServerParts {
  house: Omit<House, 'rooms'>;
  rooms: readonly RoomEntry[];
  routes: readonly Route[];
  limits?: Partial<Limits>;
  /** Serves the page for people; last in line, after every route. */
  page?: readonly RequestHandler[];
  /** The folder of the operators' built console; null: there is none. */
  console?: string | null;
}

export interface Limits {
  /** By one player; ten times that by one address. */
  joinsPerMinute: number;
  /** Registering, signing in and refreshing, by one address. */
  signInsPerMinute: number;
  /** Over REST, by one player; half as many of those that move value. */
  requestsPerMinute: number;
  socketsPerAddress: number;
  /** Proxies in front that append to X-Forwarded-For. */
  proxies: number;
  metricsToken: string | null;
}

export interface GameServer {
  house: House;
  http: HttpServer;
  /** What operators see of the last hours. */
  figures: OpsFigures;
  /** Resolves with the port, which a `port` of 0 leaves to the system. */
  listen(at: { port: number; host: string }): Promise<number>;
  /** Refuses joins and answers `/health/ready` with 503; rooms go on. */
  stopMatchmaking(): void;
  /** Closes rooms, sockets and the port, in this order. */
  close(): Promise<void>;
}

/** Requests under way when the port closes get this long for their answer. */
const LAST_ANSWERS_MS = 2_000;
const LIMITS: Limits = {
  joinsPerMinute: 60,
  signInsPerMinute: 60,
  requestsPerMinute: 1_200,
  socketsPerAddress: 200,
  proxies: 0,
  metricsToken: null,
};

/** One a process: Colyseus' matchmaker is global. */
export function buildGameServer(parts: GameServerParts): GameServer {
  const { house: rest, rooms, limits: wanted, page = [], console: folder = null } = parts;
  for (const entry of rooms) entry.check?.();
  const house: House = { ...rest, rooms: matchmakerRooms(() => join, rest.notices) };
  const join = joinRooms(house, new Map(rooms.map(({ name, room }) => [name, room])));
  const limits = { ...LIMITS, ...wanted };
  const http = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 });
  const colyseus = defineServer({
    greet: false,
    gracefullyShutdown: false,
    logger: colyseusLogger(house.log),
    transport: new PacedTransport({ server: http }),
    rooms: Object.fromEntries(rooms.map((entry) => [entry.name, roomHandler(entry, house)])),
  });
  const sockets = new SocketCount();
  const metrics = openMetrics({
    sockets: () => sockets.total,
    streams: () => house.notices.streams(),
    drift: () => house.store.audits.latestDrift(),
  });
  const figures = openFigures({
    store: house.store,
    now: house.now,
    sockets: () => sockets.total,
    seated: () => matchMaker.stats.local.ccu,
    rooms: () => matchMaker.stats.local.roomCount,
  });
  const routes = [...parts.routes, ...opsRoutes(figures)];
  const joins = matchmaking({ house, join, limits });
  const counters = openLimits({
    auth: limits.signInsPerMinute,
    join: limits.joinsPerMinute,
    read: limits.requestsPerMinute,
    money: Math.ceil(limits.requestsPerMinute / 2),
  });
  const app = expressApp({ house, routes, metrics, page, folder, limits, counters });
  const hot = answerHot(routes, house, counters);
  let closing = false;

  return {
    house,
    http,
    figures,
    async listen({ port, host }) {
      await listening(http, () => colyseus.listen(port, host));
      openDoor(http, sockets, {
        origins: origins(house.settings),
        proxies: limits.proxies,
        log: house.log,
        metrics: {
          ...metrics,
          answered(request) {
            metrics.answered(request);
            figures.answered(request.status);
          },
        },
        socketsPerAddress: limits.socketsPerAddress,
        closing: (request, response) => closing && refuseClosing(request, response),
        answerers: [
          (request, response) => request.url?.startsWith('/matchmake/') === true && (void joins.answer(request, response), true),
          hot,
          (request, response) => (app(request, response), true),
        ],
        refuse,
      });
      return (http.address() as AddressInfo).port;
    },
    stopMatchmaking() {
      closing = true;
      joins.close();
    },
    async close() {
      closing = true;
      joins.close();
      figures.close();
      house.notices.close();
      await matchMaker.gracefullyShutdown();
      const closed = once(http, 'close');
      colyseus.transport.shutdown();
      http.closeIdleConnections();
      const cut = setTimeout(() => http.closeAllConnections(), LAST_ANSWERS_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

function roomHandler({ room, matchBy = [], options = {}, listed = false }: RoomEntry, house: House) {
  const handler = defineRoom(room, { ...options, house });
  if (matchBy.length > 0) handler.filterBy([...matchBy] as never[]);
  return listed ? handler.enableRealtimeListing() : handler;
}

/** Colyseus tells of a taken port to its logger alone. */
function listening(http: HttpServer, listen: () => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    listen().then(resolve, reject);
  });
}

interface AppParts {
  house: House;
  routes: readonly Route[];
  metrics: Metrics;
  page: readonly RequestHandler[];
  folder: string | null;
  limits: Limits;
  counters: ReturnType<typeof openLimits>;
}

function expressApp({ house, routes, metrics, page, folder, limits, counters }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('trust proxy', limits.proxies > 0 ? 1 : false);
  app.use(helmet(headers(house)));
  app.get('/metrics', metricsPage(metrics, { production: house.settings.production, token: limits.metricsToken }));
  app.use('/ops', opsPages({ house, routes, limits: counters, folder }));
  mountRoutes(app, routes, house, counters);
  for (const serve of page) app.use(serve);
  app.use((_request, response) => refuse(response, 'not_found'));
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    house.log.error('page_failed', { error });
    refuse(response, 'internal');
  });
  return app;
}

/** A page on plain http, as on a home network, must stay one: no upgrade to https is asked where there is none. */
const headers = ({ settings }: House): Parameters<typeof helmet>[0] => {
  const secure = settings.publicUrl.startsWith('https:');
  return {
    strictTransportSecurity: secure,
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        frameAncestors: ["'none'"],
        upgradeInsecureRequests: secure ? [] : null,
      },
    },
  };
};
