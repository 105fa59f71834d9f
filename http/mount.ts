// The two ways a request reaches its route: through Express, or for hot routes straight from the listener, which costs a
// quarter (measured: 88 µs against 20). Both end in `answerCall`, so they answer alike.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Express, IRouter, NextFunction, Request, Response } from 'express';
import type { House, Visitor } from '../server/house.ts';
import { answerCall, type Door } from './answer.ts';
import { readBody } from './body.ts';
import { documentRoutes } from './document.ts';
import type { Limits } from './limits.ts';
import { problem, refuse, send } from './problem.ts';
import type { Route } from './route.ts';

/** Every route, `/openapi.json` and `/docs` that tell of them, 405 beside them and 404 under `/api`. */
export function mountRoutes(app: Express, routes: readonly Route[], house: House, limits: Limits): void {
  const door = { house, limits };
  const all = [...routes, ...documentRoutes(routes, house)];
  for (const route of all) {
    const verb = route.method.toLowerCase() as Lowercase<Route['method']>;
    app[verb](
      route.path,
      (request: Request, response: Response) => void take(route, stringsOf(request.params), { request, response, door }),
    );
  }
  for (const [path, methods] of methodsByPath(all))
    app.all(path, (_request, response) =>
      send(response, problem('method_not_allowed', { headers: { Allow: methods.join(', ') } })),
    );
  app.use('/api', (_request, response) => refuse(response, 'not_found'));
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const bad = error instanceof URIError; // a path that is not percent-encoded text
    if (!bad) house.log.error('request_failed', { method: request.method, error });
    refuse(response, bad ? 'malformed' : 'internal');
  });
}

export interface KnownDoor {
  routes: readonly Route[];
  /** The part of their paths that the router stands for: `/api`. */
  base: string;
  house: House;
  limits: Limits;
  /** Who asks, of a request that has passed the door in front. */
  knownOf(request: Request): Visitor;
}

/** The same declarations once more, on a router behind a door that has made sure of who asks. */
export function mountKnown(router: IRouter, { routes, base, house, limits, knownOf }: KnownDoor): void {
  const door = { house, limits };
  for (const route of routes) {
    if (!route.path.startsWith(`${base}/`)) throw new Error(`${route.path} is not under ${base}`);
    const verb = route.method.toLowerCase() as Lowercase<Route['method']>;
    router[verb](
      route.path.slice(base.length),
      (request: Request, response: Response) =>
        void take(route, stringsOf(request.params), { request, response, door, known: knownOf(request) }),
    );
  }
  router.use((_request, response) => refuse(response, 'not_found'));
}

/** Takes a request for a hot route and returns true; false leaves it untouched. */
export function answerHot(
  routes: readonly Route[],
  house: House,
  limits: Limits,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const door = { house, limits };
  const table = new Map(routes.filter(({ hot }) => hot).map((route) => [`${route.method} ${patternOf(route.path)}`, route]));
  return (request, response) => {
    const [path] = splitUrl(request.url ?? '');
    const found = find(table, request.method ?? '', path);
    if (!found) return false;
    void take(found.route, found.params, {
      request: Object.assign(request, { route: { path: found.route.path } }),
      response,
      door,
    });
    return true;
  };
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  door: Door;
  known?: Visitor;
}

async function take(route: Route, params: Record<string, string>, exchange: Exchange): Promise<void> {
  const { request, response, door, known = null } = exchange;
  if (!response.hasHeader('X-Request-Id')) response.setHeader('X-Request-Id', randomUUID());
  const [, query] = splitUrl(request.url ?? '');
  const address = addressOf(request, door.house.settings.trustProxy);
  try {
    const body = route.body === null ? NOTHING : await readBody(request, route.bytesMax);
    send(response, await answerCall(route, { params, query, headers: request.headers, body, address, known }, door));
  } catch (error) {
    if (!request.destroyed) door.house.log.error('request_failed', { method: route.method, route: route.path, error });
    response.destroy();
  }
}

const NOTHING = Buffer.alloc(0);

function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

/** Behind our own proxy the last entry is the proxy's word; everything before it is the sender's. */
function addressOf(request: IncomingMessage, trustProxy: boolean): string {
  const socket = request.socket.remoteAddress ?? 'unknown';
  const forwarded = trustProxy
    ? String(request.headers['x-forwarded-for'] ?? '')
        .split(',')
        .at(-1)
        ?.trim()
    : '';
  return (forwarded || socket).replace(/^::ffff:(?=\d+\.)/, '');
}

const stringsOf = (params: Record<string, string | string[]>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes)
    methods.set(path, [...(methods.get(path) ?? []), method, ...(method === 'GET' ? ['HEAD'] : [])]);
  return methods;
}

const patternOf = (path: string): string => path.replaceAll(/:\w+/g, ':');

/** By the whole path, else with its last part, else its last but one, as the parameter. */
function find(
  table: ReadonlyMap<string, Route>,
  method: string,
  path: string,
): { route: Route; params: Record<string, string> } | null {
  const exact = table.get(`${method} ${path}`);
  if (exact) return { route: exact, params: {} };
  const parts = path.split('/');
  for (const index of [parts.length - 1, parts.length - 2]) {
    const route = table.get(`${method} ${parts.with(index, ':').join('/')}`);
    const value = decoded(parts[index]!);
    if (route && value !== null) return { route, params: { [/:(\w+)/.exec(route.path)![1]!]: value } };
  }
  return null;
}

/** null: not percent-encoded text; Express says so. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
