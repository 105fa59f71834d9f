// One declared route and one request, whatever framework brought it: limit, who, formats, key, answer. In this order, so
// that a stranger learns nothing but that they are one.
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { House, Visitor } from '../server/house.ts';
import { addressKey, type LimitGroup, type Limits } from './limits.ts';
import { type Answer, type Fault, problem } from './problem.ts';
import { Reply, type Route } from './route.ts';
import { admitted, tokenOf, visitorFor } from './session.ts';
import { Stream } from './stream.ts';

/** A request, framework-free. */
export interface Call {
  params: Record<string, string>;
  /** After the `?`. */
  query: string;
  headers: IncomingHttpHeaders;
  /** null: more came than any endpoint takes. */
  body: Buffer | null;
  address: string;
  /** Who asks, where a door in front has made sure of it; then `authorization` is not looked at. */
  known: Visitor | null;
}

export interface Door {
  house: House;
  limits: Limits;
}

/** Never throws: a refusal becomes a problem, a bug a line in the log and `internal`. */
export async function answerCall(route: Route, call: Call, { house, limits }: Door): Promise<Answer> {
  let headers: Record<string, string> = {};
  try {
    const visitor = await visitorOrRefusal(route, call, house);
    const known = visitor instanceof Refusal ? null : visitor;
    const taken = await limits.take(...counted(route, call, known));
    headers = taken.headers;
    if (!taken.allowed) throw new Refusal('rate_limited');
    if (visitor instanceof Refusal) throw visitor;
    return answerWith(route, await route.answer({ house, visitor, ...checked(route, call, house) }), headers);
  } catch (error) {
    return answerTo(error, { route, headers, house });
  }
}

/** A program counts by its token, apart from the player whose it is. */
function counted({ limit }: Route, { address }: Call, known: Visitor | null): [LimitGroup, string] {
  const tokenId = known === null ? null : tokenOf(known);
  if (tokenId !== null) return ['token', tokenId];
  return [limit, limit === 'auth' || known === null ? addressKey(address) : known.playerId];
}

/** A refused visitor is counted before being refused. */
async function visitorOrRefusal(route: Route, call: Call, house: House): Promise<Visitor | Refusal | null> {
  const { authorization } = call.headers;
  if (route.who === 'anyone' || (route.who === 'either' && !call.known && authorization === undefined)) return null;
  try {
    return call.known ? await admitted(route, call.known, house) : await visitorFor(route, authorization, house);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

function checked(route: Route, { params, query, headers, body, address }: Call, house: House) {
  const signer = route.signed === null ? '' : signerOf(route.signed, { house, headers, body });
  const key = route.idempotent ? keyFrom(headers['idempotency-key']) : '';
  return {
    params: inFormat(route.params, params, 'path'),
    query: inFormat(route.query, queryFrom(query), 'query'),
    body: route.body === null ? null : inFormat(route.body, bodyFrom(headers, body), ''),
    heads: route.heads === null ? null : inFormat(route.heads, headsFrom(route.heads, headers), 'headers'),
    key,
    agent: headers['user-agent'] ?? '',
    address,
    text: body?.toString('utf8') ?? '',
    signer,
  };
}

function signerOf(
  signed: NonNullable<Route['signed']>,
  { house, headers, body }: Pick<Call, 'headers' | 'body'> & { house: House },
): string {
  refuseUnless(body !== null, 'too_large');
  return signed({ house, headers, bytes: body });
}

function keyFrom(key: string | string[] | undefined): string {
  refuseUnless(typeof key === 'string' && UUID.test(key), 'idempotency_key_required');
  return key.toLowerCase();
}

class Malformed extends Refusal {
  readonly errors: readonly Fault[];

  constructor(errors: readonly Fault[]) {
    super('malformed');
    this.errors = errors;
  }
}

function inFormat(format: z.ZodObject | null, value: unknown, where: string): unknown {
  if (format === null) {
    if (where === 'query' && Object.keys(value as object).length > 0)
      throw new Malformed([{ path: 'query', message: 'takes no query' }]);
    return null;
  }
  const parsed = format.safeParse(value);
  if (!parsed.success) throw new Malformed(parsed.error.issues.flatMap(faultsOf));
  return parsed.data;
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'Unknown field' }));
}

function queryFrom(query: string): Record<string, string> {
  if (query === '') return {};
  const pairs = [...new URLSearchParams(query)];
  const values = Object.fromEntries(pairs);
  if (Object.keys(values).length !== pairs.length) throw new Malformed([{ path: 'query', message: 'A name occurs twice' }]);
  return values;
}

/** Those that the route names; of the others nothing is asked. */
const headsFrom = (format: z.ZodObject, headers: IncomingHttpHeaders): object =>
  Object.fromEntries(Object.keys(format.shape).flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));

/** Nothing at all stands for `{}`. */
function bodyFrom(headers: IncomingHttpHeaders, body: Buffer | null): unknown {
  refuseUnless(body !== null, 'too_large');
  if (body.length === 0) return {};
  refuseUnless(/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''), 'unsupported_media_type');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Malformed([{ path: '', message: 'Not JSON' }]);
    throw error;
  }
}

function answerWith(route: Route, reply: unknown, limitHeaders: Record<string, string>): Answer {
  if (reply instanceof Stream)
    return {
      status: route.status,
      headers: { 'Content-Type': route.type ?? '', ...limitHeaders, ...route.headers },
      body: reply,
    };
  const own = reply instanceof Reply ? reply.headers : {};
  const value = reply instanceof Reply ? reply.body : reply;
  if (route.answers === null) return { status: route.status, headers: { ...limitHeaders, ...own }, body: '' };
  const type = { 'Content-Type': route.type ?? 'application/json; charset=utf-8' };
  const body = route.type === null ? JSON.stringify(value, digits) : String(value);
  return { status: route.status, headers: { ...type, ...limitHeaders, ...route.headers, ...own }, body };
}

const digits = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** The one place where what was thrown becomes a status. */
function answerTo(
  error: unknown,
  { route, headers, house }: { route: Route; headers: Record<string, string>; house: House },
): Answer {
  if (error instanceof Malformed) return problem('malformed', { errors: error.errors, headers });
  if (error instanceof Refusal) return problem(error.code, { headers });
  house.log.error('request_failed', { method: route.method, route: route.path, error });
  return problem('internal', { headers });
}
