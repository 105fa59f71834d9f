// The operators' door: a cookie of its own, sent to /ops alone. Behind it the console, the admin routes as the console asks
// them (`/ops/api/…`, the same declarations as `/api/…`, which takes no cookie) and, for the root admin, Colyseus' monitor.
import { monitor } from '@colyseus/monitor';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import type { openLimits } from '../http/limits.ts';
import { mountKnown, refuse, type Route } from '../http/route.ts';
import { STATUS } from '../rules/refusal-status.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { limitKey } from './address.ts';
import type { House, Visitor } from './house.ts';
import { type Inside, isOperator, openEntries, same } from './ops-entries.ts';
import { CONSOLE_POLICY, homePage, loginPage, PLAIN_POLICY } from './ops-pages.ts';

export interface OpsParts {
  house: House;
  /** All of the house's; those under `/api/admin` are served. */
  routes: readonly Route[];
  limits: ReturnType<typeof openLimits>;
  /** The built console; null: there is none, and a plain page does. */
  folder: string | null;
}

/** Named by their content; kept by this browser alone. */
const ASSETS = {
  index: false,
  redirect: false,
  cacheControl: false,
  setHeaders: (response: Response) => void response.setHeader('Cache-Control', 'private, max-age=31536000, immutable'),
} as const;
const LOGIN = z.strictObject({ email: z.email().max(254), password: z.string().min(1).max(200) });
const LOGOUT = z.object({ csrf: z.string().catch('') });
/** What the monitor may ask of a room. It could call any method by name; the rest would let an operator move money. */
const CALLS = new Set(['_forceClientDisconnect', 'disconnect']);
const ID_LENGTH_MAX = 64;
const ARGS_LENGTH_MAX = 500;
const FORM = express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 8 });

export function opsPages({ house, routes, limits, folder }: OpsParts): Router {
  const entries = openEntries(house);
  const attempts = new RateLimiterMemory({ points: 10, duration: 60 });
  const router = express.Router();

  const enter = async (request: Request): Promise<Inside> => {
    const inside = await entries.of(request);
    refuseUnless(inside, 'unauthenticated');
    return inside;
  };

  router.get('/', async (request, response) => {
    const inside = await entries.of(request);
    if (inside === null) return sendPage(response, 200, loginPage(null));
    if (folder === null) return sendPage(response, 200, homePage(inside.visitor, inside.csrf));
    response.set(headersOf(CONSOLE_POLICY));
    response.sendFile('index.html', { root: folder, cacheControl: false });
  });

  router.post('/login', FORM, sameSite, async (request, response) => {
    await attempts.consume(limitKey(String(request.headers['x-real-ip'])));
    const checked = LOGIN.safeParse(request.body);
    if (!checked.success) throw new Refusal('credentials_wrong');
    const { accessToken } = await house.store.players.login({ ...checked.data, device: 'operations' });
    const visitor = await house.store.sessions.visitor(accessToken);
    if (!isOperator(visitor)) return await turnAway(house, visitor);
    house.log.info('ops_login', { playerId: visitor.playerId });
    response.setHeader('Set-Cookie', entries.open(visitor.sessionId));
    response.redirect(303, '/ops');
  });

  router.post('/logout', FORM, sameSite, async (request, response) => {
    const { csrf, visitor } = await enter(request);
    refuseUnless(same(LOGOUT.parse(request.body).csrf, csrf), 'csrf');
    response.setHeader('Set-Cookie', entries.close(request));
    await house.store.sessions.end(visitor);
    response.redirect(303, '/ops');
  });

  /** Read by the console's own script; another site's can neither send the cookie nor read the answer. */
  router.get('/session', sameSite, async (request, response) => {
    const { csrf, visitor } = await enter(request);
    const { playerId, displayName, roles } = visitor;
    response.set('Cache-Control', 'no-store').json({ csrf, playerId, displayName, roles });
  });

  router.use('/api', sameSite, ...apiDoor({ house, routes, limits, enter }));
  router.use('/monitor', sameSite, rootOnly(enter, house), monitor());
  if (folder !== null) router.use('/assets', operatorsOnly(enter), express.static(`${folder}/assets`, ASSETS));
  router.use(() => {
    throw new Refusal('not_found');
  });
  router.use(answerErrors(house));
  return router;
}

type Enter = (request: Request) => Promise<Inside>;

/** The cookie says who, the token in a header of the console's own that it was the console; rights are the route's affair. */
function apiDoor({ house, routes, limits, enter }: Omit<OpsParts, 'folder'> & { enter: Enter }) {
  const known = new WeakMap<Request, Visitor>();
  const api = express.Router();
  const admins = routes.filter(({ path }) => path.startsWith('/api/admin/'));
  mountKnown(api, { routes: admins, base: '/api', house, limits, knownOf: (request) => known.get(request)! });
  const identify = async (request: Request, _response: Response, next: NextFunction) => {
    const { csrf, visitor } = await enter(request);
    refuseUnless(same(String(request.headers['x-csrf-token'] ?? ''), csrf), 'csrf');
    known.set(request, visitor);
    next();
  };
  return [identify, api];
}

const operatorsOnly = (enter: Enter) => async (request: Request, _response: Response, next: NextFunction) => {
  await enter(request);
  next();
};

const rootOnly = (enter: Enter, house: House) => async (request: Request, response: Response, next: NextFunction) => {
  const inside = await enter(request).catch((error: unknown) => {
    if (request.path === '/' && error instanceof Refusal) return null;
    throw error;
  });
  if (inside === null) return response.redirect(303, '/ops');
  refuseUnless(inside.visitor.roles.includes('root'), 'forbidden');
  await admitCall(request, inside.visitor, house);
  next();
};

/** Every `method` asked for must be admitted, however the address is written; what is admitted is written down. */
async function admitCall(request: Request, visitor: Visitor, { log, store, settings }: House): Promise<void> {
  refuseUnless(request.method === 'GET' || request.method === 'HEAD', 'method_not_allowed');
  const asked = new URL(request.originalUrl, 'http://ops').searchParams;
  const methods = asked.getAll('method');
  refuseUnless(methods.length <= 1 && methods.every((method) => CALLS.has(method)), 'forbidden');
  const [method] = methods;
  if (method === undefined) return;
  // A link in a mail brings the cookie along; the monitor's own script asks from where it stands.
  refuseUnless(request.headers['sec-fetch-site'] !== 'none', 'csrf');
  await store.totp.admit(visitor, { required: settings.production });
  const { playerId } = visitor;
  const roomId = asked.get('roomId') ?? '';
  await store.desk.noteRoomCall({
    actorId: playerId,
    roomId: roomId.slice(0, ID_LENGTH_MAX),
    method: method.replace('_', ''),
    args: (asked.get('args') ?? '').slice(0, ARGS_LENGTH_MAX),
  });
  log.warn('ops_room_call', { playerId, roomId, method });
}

/** The cookie is SameSite=Strict; this is the second bolt, for browsers that say where a request starts. */
function sameSite(request: Request, _response: Response, next: NextFunction): void {
  const from = request.headers['sec-fetch-site'];
  const origin = request.headers.origin;
  refuseUnless(from === undefined || from === 'same-origin' || (from === 'none' && request.method === 'GET'), 'csrf');
  refuseUnless(origin === undefined || (URL.canParse(origin) && new URL(origin).host === request.headers.host), 'csrf');
  next();
}

async function turnAway(house: House, { playerId, sessionId }: Visitor): Promise<never> {
  await house.store.sessions.end({ playerId, sessionId });
  throw new Refusal('forbidden');
}

/** A problem document for the console, a page for a person. */
const answerErrors = (house: House) => (error: unknown, request: Request, response: Response, _next: NextFunction) => {
  const code = error instanceof Refusal ? error.code : error instanceof RateLimiterRes ? 'rate_limited' : 'internal';
  if (code === 'internal') house.log.error('ops_failed', { error });
  if (/^\/(api|session)(\/|$)/.test(request.path)) return refuse(response, code);
  const page = request.path === '/login' ? loginPage(code) : `<!doctype html><title>Playhouse</title><p>${code}</p>`;
  sendPage(response, STATUS[code], page);
};

function sendPage(response: Response, status: number, page: string): void {
  response.status(status).set(headersOf(PLAIN_POLICY)).type('html').send(page);
}

/** A page without a referrer sends its forms as of no origin at all, which `sameSite` refuses. */
const headersOf = (policy: string) => ({
  'Cache-Control': 'no-store',
  'Content-Security-Policy': policy,
  'Referrer-Policy': 'same-origin',
});
