// How the house says no over HTTP: RFC 9457 problem documents with a stable `code`.
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { RefusalCode } from '../rules/refusal.ts';
import { STATUS } from '../rules/refusal-status.ts';
import { SECURITY_HEADERS } from './security.ts';
import { sendStream, Stream } from './stream.ts';

/** What one field of a request had wrong; the value itself is never repeated. */
export interface Fault {
  path: string;
  message: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Stream;
}

export const PROBLEM_TYPE = 'application/problem+json';

export function problem(
  code: RefusalCode,
  { errors, headers }: { errors?: readonly Fault[]; headers?: Record<string, string> } = {},
): Answer {
  const status = STATUS[code];
  const document = { type: `urn:playhouse:refusal:${code}`, title: titleOf(code), status, code, ...(errors ? { errors } : {}) };
  const challenge: Record<string, string> = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return { status, headers: { 'Content-Type': PROBLEM_TYPE, ...challenge, ...headers }, body: JSON.stringify(document) };
}

/** The one place that writes an answer; headers set before stay. */
export function send(response: ServerResponse, answer: Answer): void {
  if (response.headersSent) return;
  const { status, headers, body } = answer;
  if (body instanceof Stream) return sendStream(response, answer, body);
  const length = body === '' && status === 204 ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
  response.writeHead(status, STATUS_CODES[status], { ...SECURITY_HEADERS, ...headers, ...length });
  response.end(body);
}

export const refuse = (response: ServerResponse, code: RefusalCode): void => send(response, problem(code));

/** `not_your_turn` → `Not your turn`. */
const titleOf = (code: RefusalCode): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ');
