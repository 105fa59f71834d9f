// JSON lines to stdout. Details hold ids and figures; what must never be read in a log is taken out here once more, by
// name and by shape, because an error's message may carry what its thrower never meant to say.
import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';
import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from './house.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface ServerLog extends Log {
  debug(event: string, details?: Record<string, unknown>): void;
  /** Writes what is still in memory; for the last moment of a process. */
  flush(): void;
}

export interface LogOptions {
  level: LogLevel;
  /** For people at a terminal; not for machines. */
  pretty: boolean;
  /** Where lines go instead of stdout. */
  write?: (line: string) => void;
}

export function openLog({ level, pretty: forPeople, write }: LogOptions): ServerLog {
  const target =
    write === undefined ? pino.destination({ dest: 1, sync: forPeople, minLength: forPeople ? 0 : 4_096 }) : { write };
  const flushing = 'flush' in target && !forPeople ? setInterval(() => target.flush(), FLUSH_MS).unref() : null;
  const stream = forPeople
    ? pretty({ destination: target as NodeJS.WritableStream, ignore: 'pid,hostname', sync: true })
    : target;
  const lines = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  const line = (details: Record<string, unknown> | undefined) => ({ ...request.getStore(), ...(clean(details ?? {}) as object) });
  return {
    debug: (event, details) => lines.isLevelEnabled('debug') && lines.debug(line(details), event),
    info: (event, details) => lines.isLevelEnabled('info') && lines.info(line(details), event),
    warn: (event, details) => lines.isLevelEnabled('warn') && lines.warn(line(details), event),
    error: (event, details) => lines.error(line(details), event),
    flush: () => {
      if (flushing) clearInterval(flushing);
      if ('flushSync' in target) target.flushSync();
    },
  };
}

/** Runs `work` so that every line written during it carries `requestId`. */
export const duringRequest = <T>(requestId: string, work: () => T): T => request.run({ requestId }, work);

/** Colyseus' own logger, in our lines. What it tells a developer at a terminal is left out. */
export function colyseusLogger(log: Log) {
  const warn = (...values: unknown[]) => log.warn('colyseus', { said: inText(values) });
  return { debug: silent, trace: silent, info: silent, warn, error: warn };
}

/** Packages that write to the console write into our lines from here on. */
export function captureConsole(log: ServerLog): void {
  const warn = (...values: unknown[]) => log.warn('console', { said: inText(values) });
  const debug = (...values: unknown[]) => log.debug('console', { said: inText(values) });
  Object.assign(globalThis.console, { error: warn, warn, info: debug, log: debug, debug, trace: debug });
}

const silent = () => undefined;
const TEXT_MAX = 2_000;
const inText = (values: readonly unknown[]): string =>
  values
    .map((value) => (value instanceof Error ? value.message : typeof value === 'string' ? value : inspect(value, { depth: 1 })))
    .join(' ')
    .slice(0, TEXT_MAX);

const request = new AsyncLocalStorage<{ requestId: string }>();
const FLUSH_MS = 500;
const DEPTH_MAX = 6;
const GONE = '[removed]';

const SECRET_NAME =
  /^(authorization|cookie|set-cookie|e?mail|.*passw(or)?d|.*token|.*secret|.*seeds?|.*hash|ip|address|phone|(secrets?|api|private)_?key)$/i;
/** Tokens (sessions' and programs'), cookies, bearer headers, addresses of people, seeds and bcrypt hashes inside running text. */
const SECRET_TEXT: readonly [RegExp, string][] = [
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, GONE],
  [/\bpht_[\w-]+/g, GONE],
  [/\bBearer\s+\S+/gi, `Bearer ${GONE}`],
  [/([?&](?:_authToken|reconnectionToken|sessionId|token)=)[^&\s"']+/gi, `$1${GONE}`],
  [/\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, GONE],
  [/\b[0-9a-f]{64}\b/gi, GONE],
  [/\$2[aby]\$\d\d\$[./\w]{53}/g, GONE],
  [/\b(postgres(?:ql)?:\/\/[^:\s]+:)[^@\s]+@/g, `$1${GONE}@`],
];

function clean(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (depth >= DEPTH_MAX) return '[deep]';
  if (value instanceof Error) return cleanError(value, depth);
  if (Array.isArray(value)) return value.map((entry) => clean(entry, depth + 1));
  if (Buffer.isBuffer(value) || ArrayBuffer.isView(value)) return '[bytes]';
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, SECRET_NAME.test(name) ? GONE : clean(entry, depth + 1)]),
  );
}

const cleanText = (text: string): string =>
  SECRET_TEXT.reduce((cleaned, [shape, instead]) => cleaned.replace(shape, instead), text);

function cleanError(error: Error, depth: number): object {
  const code = 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: clean(error.cause, depth + 1) };
  const frames = (error.stack ?? '').split('\n').filter((frame) => /^\s+at /.test(frame));
  return {
    type: error.name,
    message: cleanText(withoutValues(error.message)),
    ...code,
    stack: frames.map((frame) => frame.trim()),
    ...cause,
  };
}

/** MikroORM puts the statement with its values before the reason: `insert into … values (…) - duplicate key …`. */
function withoutValues(message: string): string {
  const reason = message.lastIndexOf(' - ');
  return reason > 0 && /^\s*(insert|update|select|delete|with)\b/i.test(message) ? message.slice(reason + 3) : message;
}
