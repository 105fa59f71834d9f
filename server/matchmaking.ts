// The door to the rooms: POST /matchmake/:method/:room, answered here instead of by Colyseus' own route, which has no
// limit of any kind. What comes through is asked of Colyseus; what it refuses goes back as `{ code, error }`, error
// being a refusal code, as its SDK expects.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { matchMaker } from '@colyseus/core';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { z } from 'zod';
import { PLAYER, visitorFor } from '../http/session.ts';
import { STATUS } from '../rules/refusal-status.ts';
import { Refusal } from '../rules/refusal.ts';
import { limitKey } from './address.ts';
import { readBody } from './body.ts';
import type { House } from './house.ts';
import { type Join, refusalIn } from './joining.ts';

export interface MatchmakingLimits {
  /** Joins a minute asked by one player; one address may ask ten times that, since households and schools share one. */
  joinsPerMinute: number;
}

export interface Matchmaking {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** From here on every join is refused `unavailable`. */
  close(): void;
}

export function matchmaking({ house, join, limits }: { house: House; join: Join; limits: MatchmakingLimits }): Matchmaking {
  const perAddress = new RateLimiterMemory({ points: limits.joinsPerMinute * ADDRESS_FACTOR, duration: 60 });
  const perPlayer = new RateLimiterMemory({ points: limits.joinsPerMinute, duration: 60 });
  let open = true;

  async function seat(request: IncomingMessage): Promise<unknown> {
    if (!open) throw new Refusal('unavailable');
    if (request.method !== 'POST') throw new Refusal('method_not_allowed');
    const { method, name } = asked(request);
    const address = limitKey(String(request.headers['x-real-ip']));
    await take(perAddress, address);
    const body = await readBody(request, BYTES_MAX);
    if (body === null) throw new Refusal('too_large');
    const options = optionsIn(body);
    if (method === 'reconnect') return await matchMaker.reconnect(name, reconnection(options));
    const visitor = await visitorFor(PLAYER, request.headers.authorization, house);
    await take(perPlayer, visitor.playerId).catch(async (refusal: unknown) => {
      await perAddress.reward(address); // one who asks too much uses up no neighbour's share
      throw refusal;
    });
    return await join({ method, name, options, visitor });
  }

  return {
    close: () => void (open = false),
    async answer(request, response) {
      try {
        send(response, 200, await seat(request));
      } catch (error) {
        if (request.destroyed && !request.complete) return; // gone before the end of the body
        const code = refusalIn(error);
        if (code === 'internal') house.log.error('matchmaking_failed', { error });
        if (code === 'rate_limited') response.setHeader('Retry-After', '60');
        if (code === 'too_large') response.setHeader('Connection', 'close');
        send(response, STATUS[code], { code: STATUS[code], error: code });
      }
    },
  };
}

const BYTES_MAX = 16_384;
const ADDRESS_FACTOR = 10;
const METHODS = ['joinOrCreate', 'create', 'joinById', 'reconnect'] as const;
const RECONNECT = z.strictObject({ reconnectionToken: z.string().min(1).max(64) });

/** `name` is a room's name, or its id with `joinById` and `reconnect`. */
function asked(request: IncomingMessage): { method: (typeof METHODS)[number]; name: string } {
  const [, , method, name, ...more] = (request.url ?? '').split('?')[0]!.split('/');
  const known = METHODS.find((known) => known === method);
  if (known === undefined || name === undefined || more.length > 0 || !/^[\w-]{1,64}$/.test(name))
    throw new Refusal('room_unknown');
  return { method: known, name };
}

function optionsIn(body: Buffer): object {
  if (body.length === 0) return {};
  const parsed: unknown = parse(body.toString('utf8'));
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) throw new Refusal('malformed');
  return parsed;
}

function reconnection(options: object): z.output<typeof RECONNECT> {
  const parsed = RECONNECT.safeParse(options);
  if (!parsed.success) throw new Refusal('malformed');
  return parsed.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal('malformed');
  }
}

async function take(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (spent) {
    if (spent instanceof RateLimiterRes) throw new Refusal('rate_limited');
    throw spent;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}
