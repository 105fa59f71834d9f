// How fast Discord may be asked. Its buckets are known by the headers of its answers alone; besides them there is one limit for
// everything a bot asks, and a ban of the address for who is turned away too often.

/** A call, as its limits see it. */
export interface Metered {
  /** Method and template of the path: calls of one route share a bucket. */
  route: string;
  /** The server, or the webhook, in the path: each has its own bucket. */
  major: string;
  /** Asked with the bot's token: counts towards the global limit. */
  bot: boolean;
}

/** What an answer says of limits. */
export interface LimitHeaders {
  get(name: string): string | null;
}

export type DiscordLimits = ReturnType<typeof openDiscordLimits>;

export interface LimitFigures {
  globalPerSecond: number;
  /** Answers 401, 403 and 429 within ten minutes, after which nothing is asked until they are over. Discord bans at 10,000. */
  invalidMax: number;
}

const DEFAULTS: LimitFigures = { globalPerSecond: 45, invalidMax: 1_000 };
const SECOND_MS = 1_000;
const INVALID_WINDOW_MS = 600_000;
/** For a 429 that does not say for how long. */
const UNSAID_MS = 60_000;
const BUCKETS_MAX = 1_000;

interface Bucket {
  left: number;
  resetsMs: number;
}

export function openDiscordLimits({ nowMs, ...figures }: Partial<LimitFigures> & { nowMs(): number }) {
  const { globalPerSecond, invalidMax } = { ...DEFAULTS, ...figures };
  const names = new Map<string, string>();
  const buckets = new Map<string, Bucket>();
  const second = { startMs: -Infinity, asked: 0 };
  const invalid = { startMs: -Infinity, count: 0 };
  let heldMs = -Infinity;

  const keyOf = ({ route, major }: Metered): string => `${names.get(route) ?? route}:${major}`;
  const bucketFor = (key: string): Bucket => {
    const known = buckets.get(key) ?? { left: 1, resetsMs: -Infinity };
    buckets.delete(key); // to the end: the one that was asked longest ago goes first
    buckets.set(key, known);
    if (buckets.size > BUCKETS_MAX) buckets.delete(buckets.keys().next().value!);
    return known;
  };

  return {
    /** Milliseconds until the call may be made; 0: now. */
    waitMs(call: Metered): number {
      const now = nowMs();
      const bucket = buckets.get(keyOf(call));
      const waits = [
        heldMs - now,
        bucket !== undefined && bucket.left <= 0 ? bucket.resetsMs - now : 0,
        call.bot && second.asked >= globalPerSecond ? second.startMs + SECOND_MS - now : 0,
        invalid.count >= invalidMax ? invalid.startMs + INVALID_WINDOW_MS - now : 0,
      ];
      return Math.max(0, Math.ceil(Math.max(...waits)));
    },

    asked(call: Metered): void {
      const now = nowMs();
      if (now >= second.startMs + SECOND_MS) Object.assign(second, { startMs: now, asked: 0 });
      if (call.bot) second.asked++;
      const bucket = buckets.get(keyOf(call));
      if (bucket) bucket.left--;
    },

    /** What every answer says of its bucket. */
    told(call: Metered, headers: LimitHeaders): void {
      const name = headers.get('x-ratelimit-bucket');
      const [left, resetSeconds] = [figureIn(headers, 'x-ratelimit-remaining'), figureIn(headers, 'x-ratelimit-reset-after')];
      if (name !== null) names.set(call.route, name);
      if (left === null || resetSeconds === null) return;
      Object.assign(bucketFor(keyOf(call)), { left, resetsMs: nowMs() + resetSeconds * SECOND_MS });
    },

    /** A 429; returns how long it asks to wait. One without Discord's JSON comes from in front of it and is about everything. */
    limited(call: Metered, headers: LimitHeaders, body: Record<string, unknown> | null): number {
      const seconds = typeof body?.retry_after === 'number' ? body.retry_after : figureIn(headers, 'retry-after');
      const ms = seconds === null ? UNSAID_MS : Math.max(0, Math.ceil(seconds * SECOND_MS));
      const global = body === null || body.global === true || headers.get('x-ratelimit-global') === 'true';
      if (global) heldMs = Math.max(heldMs, nowMs() + ms);
      else Object.assign(bucketFor(keyOf(call)), { left: 0, resetsMs: nowMs() + ms });
      return ms;
    },

    /** An answer that counts towards the ban: 401, 403, and 429 unless others used a shared limit up. */
    turnedAway(): void {
      const now = nowMs();
      if (now >= invalid.startMs + INVALID_WINDOW_MS) Object.assign(invalid, { startMs: now, count: 0 });
      invalid.count++;
    },
  };
}

function figureIn(headers: LimitHeaders, name: string): number | null {
  const said = headers.get(name);
  const figure = said === null || said.trim() === '' ? Number.NaN : Number(said);
  return Number.isFinite(figure) && figure >= 0 ? figure : null;
}
