import { learnTime } from './clock.ts';
import { accessToken, HOUSE } from './session.ts';
import { Refused } from './words.ts';

export interface Ask {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  /** Said again after a lost answer, so that it is done once. */
  key?: string;
  /** For the doors that a person without an account may use. */
  open?: boolean;
}

/** The house's answer. Throws Refused with its code. */
export async function ask<T>(path: string, { method, body, key, open = false }: Ask = {}): Promise<T> {
  const request = { path, method: method ?? (body === undefined ? 'GET' : 'POST'), body, key };
  const first = await send(request, open ? null : await accessToken());
  const reply = first.status === 401 && !open ? await send(request, await accessToken({ renew: true })) : first;
  if (reply.ok) return (reply.status === 204 ? null : await reply.json()) as T;
  throw new Refused(await refusalIn(reply));
}

/** A UUID, also where the page is not served from a secure origin. */
export function freshKey(): string {
  if ('randomUUID' in crypto) return crypto.randomUUID();
  const bytes = (crypto as Crypto).getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

type Sent = { path: string; method: string; body: unknown; key: string | undefined };

async function send({ path, method, body, key }: Sent, token: string | null): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token !== null) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key !== undefined) headers['Idempotency-Key'] = key;
  const sentAt = Date.now();
  try {
    const reply = await fetch(HOUSE + path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    learnTime(reply.headers.get('Date'), { sentAt, receivedAt: Date.now() });
    return reply;
  } catch {
    throw new Refused('offline');
  }
}

async function refusalIn(reply: Response): Promise<string> {
  if (!reply.headers.get('Content-Type')?.includes('json')) return reply.status === 404 ? 'not_found' : 'unavailable';
  const problem = (await reply.json()) as { code?: string };
  return problem.code ?? 'internal';
}
