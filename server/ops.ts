// The operators' door: a cookie of its own, sent to /ops alone, and behind it, for the root admin, Colyseus' monitor.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { monitor } from '@colyseus/monitor';
import { parseCookie, stringifySetCookie } from 'cookie';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import { STATUS } from '../rules/refusal-status.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { limitKey } from './address.ts';
import type { House, Visitor } from './house.ts';
import { homePage, loginPage } from './ops-pages.ts';

interface Entry {
  /** The session that login opened: revoked there, it ends here. */
  sessionId: string;
  csrf: string;
  expiresMs: number;
}

const COOKIE = 'ops';
const HOURS_8_MS = 8 * 3_600_000;
const LOGIN = z.strictObject({ email: z.email().max(254), password: z.string().min(1).max(200) });
const LOGOUT = z.object({ csrf: z.string().catch('') });
/** What the monitor may ask of a room. It could call any method by name; the rest would let an operator move money. */
const CALLS = new Set(['_forceClientDisconnect', 'disconnect']);

export function opsPages(house: House): Router {
  const entries = new Map<string, Entry>();
  const attempts = new RateLimiterMemory({ points: 10, duration: 60 });
  const router = express.Router();
  const form = express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 8 });

  const enter = async (request: Request): Promise<{ entry: Entry; visitor: Visitor } | null> => {
    const key = keyOf(request);
    const entry = key === null ? undefined : entries.get(key);
    if (entry === undefined || entry.expiresMs <= house.now().getTime()) return null;
    const visitor = await house.store.sessions.visitorOf(entry.sessionId).catch(refusedAsNull);
    return visitor !== null && visitor.roles.includes('admin') ? { entry, visitor } : null;
  };

  router.get('/', async (request, response) => {
    const inside = await enter(request);
    sendPage(response, 200, inside ? homePage(inside.visitor, inside.entry.csrf) : loginPage(null));
  });

  router.post('/login', form, sameSite, async (request, response) => {
    await attempts.consume(limitKey(String(request.headers['x-real-ip'])));
    const checked = LOGIN.safeParse(request.body);
    if (!checked.success) throw new Refusal('credentials_wrong');
    const { accessToken } = await house.store.players.login({ ...checked.data, device: 'operations' });
    const visitor = await house.store.sessions.visitor(accessToken);
    if (!visitor.roles.includes('admin')) return await turnAway(house, visitor);
    const cookie = randomBytes(32).toString('base64url');
    dropExpired(entries, house.now().getTime());
    entries.set(digest(cookie), {
      sessionId: visitor.sessionId,
      csrf: randomBytes(16).toString('hex'),
      expiresMs: house.now().getTime() + HOURS_8_MS,
    });
    house.log.info('ops_login', { playerId: visitor.playerId });
    response.setHeader('Set-Cookie', cookieLine(cookie, HOURS_8_MS / 1_000, house.settings.production));
    response.redirect(303, '/ops');
  });

  router.post('/logout', form, sameSite, async (request, response) => {
    const inside = await enter(request);
    refuseUnless(inside, 'unauthenticated');
    const { csrf } = LOGOUT.parse(request.body);
    refuseUnless(same(csrf, inside.entry.csrf), 'csrf');
    entries.delete(keyOf(request)!);
    await house.store.sessions.end({ playerId: inside.visitor.playerId, sessionId: inside.entry.sessionId });
    response.setHeader('Set-Cookie', cookieLine('', 0, house.settings.production));
    response.redirect(303, '/ops');
  });

  const rootOnly = async (request: Request, response: Response, next: NextFunction) => {
    const inside = await enter(request);
    if (inside === null) return request.path === '/' ? response.redirect(303, '/ops') : next(new Refusal('unauthenticated'));
    refuseUnless(inside.visitor.roles.includes('root'), 'forbidden');
    admitCall(request, inside.visitor, house);
    next();
  };
  router.use('/monitor', sameSite, rootOnly, monitor());
  router.use(answerErrors(house));
  return router;
}

/** Every `method` asked for must be admitted, however the address is written; what is admitted is written down. */
function admitCall(request: Request, { playerId }: Visitor, { log }: House): void {
  refuseUnless(request.method === 'GET' || request.method === 'HEAD', 'method_not_allowed');
  const asked = new URL(request.originalUrl, 'http://ops').searchParams;
  const methods = asked.getAll('method');
  refuseUnless(methods.length <= 1 && methods.every((method) => CALLS.has(method)), 'forbidden');
  if (methods.length === 1) log.warn('ops_room_call', { playerId, roomId: asked.get('roomId'), method: methods[0] });
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

const refusedAsNull = (error: unknown): null => {
  if (error instanceof Refusal) return null;
  throw error;
};

const answerErrors = (house: House) => (error: unknown, request: Request, response: Response, _next: NextFunction) => {
  const code = error instanceof Refusal ? error.code : error instanceof RateLimiterRes ? 'rate_limited' : 'internal';
  if (code === 'internal') house.log.error('ops_failed', { error });
  sendPage(
    response,
    STATUS[code],
    request.path === '/login' ? loginPage(code) : `<!doctype html><title>Playhouse</title><p>${code}</p>`,
  );
};

function sendPage(response: Response, status: number, page: string): void {
  response.status(status).set('Cache-Control', 'no-store').type('html').send(page);
}

const cookieLine = (value: string, maxAge: number, secure: boolean): string =>
  stringifySetCookie({ name: COOKIE, value, httpOnly: true, secure, sameSite: 'strict', path: '/ops', maxAge });

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const same = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(digest(a)), Buffer.from(digest(b)));

function keyOf(request: Request): string | null {
  const cookie = parseCookie(request.headers.cookie ?? '')[COOKIE];
  return cookie === undefined || cookie === '' ? null : digest(cookie);
}

function dropExpired(entries: Map<string, Entry>, nowMs: number): void {
  for (const [key, { expiresMs }] of entries) if (expiresMs <= nowMs) entries.delete(key);
}
