// Calls to the house as its operator: by the desk's cookie, which no script sees, and the token that says that it was this page.
import { signal } from '@preact/signals';
import { mayDo, type Right } from '../../rules/roles.ts';

export interface Session {
  csrf: string;
  playerId: string;
  displayName: string;
  roles: string[];
}

/** What the house refused, by its stable code. */
export class Fault extends Error {
  readonly code: string;
  /** Of a malformed body: where, and what is wrong there. */
  readonly errors: readonly { path: string; message: string }[];

  constructor(code: string, errors: Fault['errors'] = []) {
    super(code);
    this.code = code;
    this.errors = errors;
  }
}

export interface Ask {
  method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  body?: unknown;
  /** Said again after a lost answer, so that it is done once. */
  key?: string;
}

/** Null: not asked yet, or nobody is signed in. */
export const session = signal<Session | null>(null);
/** The house no longer knows who this is. */
export const signedOut = signal(false);

export const may = (right: Right): boolean => mayDo(session.value?.roles ?? [], right);

export async function enterDesk(): Promise<void> {
  const reply = await reach('/ops/session', {});
  if (!reply.ok) throw await faultIn(reply);
  session.value = (await reply.json()) as Session;
}

/** A code of the second factor is asked for before something is done; called with whether it was said. */
export const codeAsked = signal<((said: boolean) => void) | null>(null);

/** An answer of `/api/admin/…`; asked once more where a code had to be said first. Throws Fault. */
export async function ask<T>(path: string, request: Ask = {}): Promise<T> {
  try {
    return await askOnce<T>(path, request);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'step_up_required') throw error;
    if (!(await sayCode())) throw error;
    return await askOnce<T>(path, request);
  }
}

/** Asks for a code of the second factor; false: it was not said. */
export async function sayCode(): Promise<boolean> {
  const said = await new Promise<boolean>((resolve) => (codeAsked.value = resolve));
  codeAsked.value = null;
  return said;
}

async function askOnce<T>(path: string, { method, body, key }: Ask): Promise<T> {
  const headers: Record<string, string> = { 'X-CSRF-Token': session.value?.csrf ?? '' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key !== undefined) headers['Idempotency-Key'] = key;
  const reply = await reach(`/ops${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (reply.ok) return (reply.status === 204 ? null : await reply.json()) as T;
  const fault = await faultIn(reply);
  if (reply.status === 401 && OVER.has(fault.code)) signedOut.value = true;
  throw fault;
}

/** An answer that anybody may have. Throws Fault. */
export async function askOpenly<T>(path: string): Promise<T> {
  const reply = await reach(path, {});
  if (reply.ok) return (await reply.json()) as T;
  throw await faultIn(reply);
}

export async function leaveDesk(): Promise<void> {
  const body = new URLSearchParams({ csrf: session.value?.csrf ?? '' });
  await reach('/ops/logout', { method: 'POST', body, redirect: 'manual' });
  location.reload();
}

/** A key of one wish, said again where its answer is lost. */
export const freshKey = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** `?a=b` of those that are not null. */
export function query(values: Record<string, string | number | null>): string {
  const given = Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

const OVER = new Set(['unauthenticated', 'token_invalid', 'token_expired', 'account_banned']);

async function reach(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch {
    throw new Fault('offline');
  }
}

async function faultIn(reply: Response): Promise<Fault> {
  if (!reply.headers.get('Content-Type')?.includes('json')) return new Fault('unavailable');
  const { code = 'internal', errors = [] } = (await reply.json()) as { code?: string; errors?: Fault['errors'] };
  return new Fault(code, errors);
}
