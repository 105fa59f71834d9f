// The REST door. An endpoint is one declaration: what arrives is checked against it, `/openapi.json` is made from it, and
// what `answer` returns is the reply. How requests become calls is in `mount.ts`, how a call is answered in `answer.ts`.
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { Scope } from '../rules/api-tokens.ts';
import type { Right } from '../rules/roles.ts';
import type { House, Visitor } from '../server/house.ts';
import { BYTES_MAX } from './body.ts';
import type { LimitGroup } from './limits.ts';
import type { Admission, Who } from './session.ts';
import type { Stream } from './stream.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A route as the door keeps it; made by `route(…)`. */
export interface Route extends Admission {
  method: Method;
  /** With named parts: `/api/games/:roomId/state`. */
  path: string;
  summary: string;
  /** Formats of what arrives; null: nothing may. Objects are strict: an unknown field is refused. */
  params: z.ZodObject | null;
  query: z.ZodObject | null;
  body: z.ZodObject | null;
  /** Headers of its own that it takes, by their names in lower case. */
  heads: z.ZodObject | null;
  /** Format of the reply; null: none, 204. */
  answers: z.ZodType | null;
  status: number;
  /** Takes an `Idempotency-Key`. */
  idempotent: boolean;
  limit: LimitGroup;
  /** Answered before Express. */
  hot: boolean;
  /** Other than JSON: the reply is sent as this, word for word. */
  type: string | null;
  /** Headers of every reply. */
  headers: Record<string, string>;
  /** The largest body it takes. */
  bytesMax: number;
  /** null: nothing need be signed. */
  signed: ((sent: Sent) => string) | null;
  answer(call: RouteCall): Promise<unknown>;
}

/** A body as it came, before anyone has read it. */
export interface Sent {
  house: House;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
}

export interface RouteCall {
  house: House;
  visitor: Visitor | null;
  params: unknown;
  query: unknown;
  body: unknown;
  heads: unknown;
  /** The `Idempotency-Key`; empty unless the route takes one. */
  key: string;
  /** What the client calls itself. */
  agent: string;
  address: string;
  /** The body as it came; empty where the route takes none. */
  text: string;
  /** Who signed it; empty where nothing need be signed. */
  signer: string;
}

/** A reply with headers of its own. */
export class Reply {
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(body: unknown, headers: Record<string, string>) {
    this.body = body;
    this.headers = headers;
  }
}

/** The reply to a request with a key: says whether it is the first answer or that answer again. */
export const firstOrAgain = <Body>(body: Body, replayed: boolean): Body | Reply =>
  replayed ? new Reply(body, { 'Idempotency-Replayed': 'true' }) : body;

type Format = z.ZodObject | null;
type Checked<F> = F extends z.ZodType ? z.output<F> : null;

/** What a reply may be before it is JSON: whole numbers and instants where their text will stand. */
export type Loose<T> = T extends string
  ? string extends T
    ? string | bigint | Date
    : T
  : T extends number | boolean | null
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Loose<Item>[]
      : T extends object
        ? { [Key in keyof T]: Loose<T[Key]> }
        : T;

interface Declaration<
  W extends Who,
  P extends Format,
  Q extends Format,
  B extends Format,
  A extends z.ZodType | null,
  H extends Format,
> {
  method: Method;
  path: string;
  who: W;
  /** For `admin`: what an operator needs. */
  right?: W extends 'admin' ? Right : never;
  /** For `player` and `either`: with what an API token gets in. */
  scope?: W extends 'player' | 'either' ? Scope : never;
  /** Unless named: every method of `admin` but GET. */
  stepUp?: boolean;
  summary: string;
  params?: P;
  query?: Q;
  body?: B;
  heads?: H;
  answers: A;
  /** 200 unless named; 204 without a reply. */
  status?: number;
  idempotent?: boolean;
  /** `read` unless named. */
  limit?: LimitGroup;
  hot?: boolean;
  type?: string;
  headers?: Record<string, string>;
  bytesMax?: number;
  /** Asked before the body is read: names who signed these very bytes, or throws a refusal. */
  signed?(sent: Sent): string;
  answer(call: {
    house: House;
    visitor: W extends 'anyone' ? null : W extends 'either' ? Visitor | null : Visitor;
    params: Checked<P>;
    query: Checked<Q>;
    body: Checked<B>;
    heads: Checked<H>;
    key: string;
    agent: string;
    address: string;
    text: string;
    signer: string;
  }): Promise<A extends z.ZodType ? Loose<z.output<A>> | Reply | Stream : void>;
}

/** Declares an endpoint. Whoever may call, whatever may arrive and whatever is answered stands here and nowhere else. */
export function route<
  W extends Who,
  A extends z.ZodType | null,
  P extends Format = null,
  Q extends Format = null,
  B extends Format = null,
  H extends Format = null,
>(declared: Declaration<W, P, Q, B, A, H>): Route {
  return {
    params: null,
    query: null,
    body: null,
    heads: null,
    right: null,
    scope: null,
    stepUp: declared.who === 'admin' && declared.method !== 'GET',
    status: declared.answers === null ? 204 : 200,
    idempotent: false,
    limit: 'read',
    hot: false,
    type: null,
    headers: {},
    bytesMax: BYTES_MAX,
    signed: null,
    ...declared,
  };
}

export { openLimits } from './limits.ts';
export { answerHot, mountKnown, mountRoutes } from './mount.ts';
export { refuse } from './problem.ts';
