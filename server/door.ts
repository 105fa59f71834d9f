// The one listener on the port. It stands in front of Colyseus and Express because neither can be told to: Colyseus' own
// answers OPTIONS for everybody, shows its version and takes bodies of any size. Every request gets its id, its true
// address and its CORS headers here, whoever answers it then.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { addressOf, limitKey, stampAddress } from './address.ts';
import { claimsMoreThan } from './body.ts';
import type { Log } from './house.ts';
import { duringRequest } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Origins } from './origins.ts';

export interface DoorParts {
  origins: Origins;
  proxies: number;
  log: Log;
  metrics: Metrics;
  socketsPerAddress: number;
  /** Tried in order; the first that returns true has taken the request. */
  answerers: readonly ((request: IncomingMessage, response: ServerResponse) => boolean)[];
  /** Told at once, in place of everything else, while the server is closing. */
  closing(request: IncomingMessage, response: ServerResponse): boolean;
  refuse(response: ServerResponse, code: 'too_large' | 'unavailable' | 'not_found'): void;
}

export interface Door {
  sockets(): number;
}

/** Takes the place of every `request` and `upgrade` listener that `server` has; upgrades that pass go to the old ones. */
export function openDoor(server: Server, socketsOpen: SocketCount, parts: DoorParts): void {
  const upgrade = server.listeners('upgrade') as UpgradeListener[];
  server.removeAllListeners('request');
  server.removeAllListeners('upgrade');
  server.on('request', (request, response) => receive(request, response, parts));
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    const status = refusedUpgrade(request, socketsOpen, parts);
    if (status !== null) return refuseUpgrade(socket, status);
    socketsOpen.add(request.headers['x-real-ip'] as string, socket);
    for (const listener of upgrade) listener.call(server, request, socket, head);
  });
}

/** Open WebSockets by the address they came from. */
export class SocketCount {
  private readonly byAddress = new Map<string, number>();
  private open = 0;

  get total(): number {
    return this.open;
  }

  from(address: string): number {
    return this.byAddress.get(limitKey(address)) ?? 0;
  }

  add(address: string, socket: Duplex): void {
    const key = limitKey(address);
    this.open++;
    this.byAddress.set(key, (this.byAddress.get(key) ?? 0) + 1);
    socket.once('close', () => {
      const left = (this.byAddress.get(key) ?? 1) - 1;
      this.open--;
      if (left > 0) this.byAddress.set(key, left);
      else this.byAddress.delete(key);
    });
  }
}

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

const BYTES_MAX = 1_048_576;
const URL_LENGTH_MAX = 4_096;
const SLOW_SECONDS = 1;

function receive(request: IncomingMessage, response: ServerResponse, parts: DoorParts): void {
  const requestId = randomUUID();
  const began = performance.now();
  stampAddress(request, addressOf(request, parts.proxies), parts.proxies);
  response.setHeader('X-Request-Id', requestId);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.on('close', () => note(request, response, { requestId, seconds: (performance.now() - began) / 1_000 }, parts));
  if (parts.origins.answer(request, response)) return;
  if (claimsMoreThan(request, BYTES_MAX)) {
    response.setHeader('Connection', 'close');
    return parts.refuse(response, 'too_large');
  }
  duringRequest(requestId, () => {
    if (parts.closing(request, response)) return;
    for (const answer of parts.answerers) if (answer(request, response)) return;
    parts.refuse(response, 'not_found');
  });
}

/** What changed something, failed or was slow is worth a line; the rest is counted only. */
function note(
  request: IncomingMessage,
  response: ServerResponse,
  { requestId, seconds }: { requestId: string; seconds: number },
  parts: DoorParts,
) {
  if (response.getHeader('content-type') === 'text/event-stream') return; // how long it lasts is its client's affair
  const [method, status, route] = [request.method ?? '', response.statusCode, routeOf(request)];
  parts.metrics.answered({ method, route, status, seconds });
  if (status < 500 && seconds < SLOW_SECONDS && (method === 'GET' || method === 'OPTIONS')) return;
  const line = { requestId, method, route, status, ms: Math.round(seconds * 1_000) };
  if (status >= 500) parts.log.warn('request', line);
  else parts.log.info('request', line);
}

/** The pattern that matched, so that neither a label nor a line holds an id. */
function routeOf(request: IncomingMessage & { route?: { path?: unknown }; baseUrl?: string }): string {
  if (typeof request.route?.path === 'string') return `${request.baseUrl ?? ''}${request.route.path}`;
  return request.url?.startsWith('/matchmake/') ? '/matchmake' : 'other';
}

function refusedUpgrade(request: IncomingMessage, socketsOpen: SocketCount, parts: DoorParts): number | null {
  const url = request.url ?? '';
  if (url.length > URL_LENGTH_MAX || !url.startsWith('/') || !URL.canParse(`ws://server${url}`)) return 400;
  if (!parts.origins.allows(request)) return 403;
  const address = addressOf(request, parts.proxies);
  stampAddress(request, address, parts.proxies);
  return socketsOpen.from(address) >= parts.socketsPerAddress ? 429 : null;
}

const REASONS: Readonly<Record<number, string>> = { 400: 'Bad Request', 403: 'Forbidden', 429: 'Too Many Requests' };

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
