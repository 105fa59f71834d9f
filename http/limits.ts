// How much one player, or one address, may ask for. Counted in this process.
import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export type LimitGroup = 'auth' | 'join' | 'money' | 'read' | 'callback' | 'token';

/** Requests a minute. `auth` and `callback` (a provider's few addresses) count by address, `token` by API token whatever it asks, the others by player and, for strangers, by address. */
export type LimitFigures = Record<LimitGroup, number>;

const DEFAULTS: LimitFigures = { auth: 60, join: 60, money: 600, read: 1_200, callback: 60_000, token: 120 };

export interface Taken {
  allowed: boolean;
  headers: Record<string, string>;
}

export type Limits = ReturnType<typeof openLimits>;

const SECONDS = 60;

/** The counters of one house: both ways into it must share them. */
export function openLimits(figures: Partial<LimitFigures> = {}) {
  const points = { ...DEFAULTS, ...figures };
  const groups = Object.keys(DEFAULTS) as LimitGroup[];
  const counters = Object.fromEntries(
    groups.map((group) => [group, new RateLimiterMemory({ points: points[group], duration: SECONDS })]),
  ) as Record<LimitGroup, RateLimiterMemory>;

  return {
    /** One request more; IETF draft-ietf-httpapi-ratelimit-headers-10. */
    async take(group: LimitGroup, key: string): Promise<Taken> {
      const { allowed, left, ms } = await consume(counters[group], key);
      const seconds = String(Math.max(1, Math.ceil(ms / 1_000)));
      const headers: Record<string, string> = {
        'RateLimit-Policy': `"${group}";q=${points[group]};w=${SECONDS}`,
        RateLimit: `"${group}";r=${left};t=${seconds}`,
      };
      if (!allowed) headers['Retry-After'] = seconds;
      return { allowed, headers };
    },
  };
}

/** One household or one rented network: an IPv6 address counts by its first 64 bits. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  return [...groups, ...Array<string>(zeros).fill('0')].slice(0, 4).join(':');
}

async function consume(counter: RateLimiterMemory, key: string): Promise<{ allowed: boolean; left: number; ms: number }> {
  try {
    const { remainingPoints, msBeforeNext } = await counter.consume(key);
    return { allowed: true, left: remainingPoints, ms: msBeforeNext };
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return { allowed: false, left: 0, ms: refused.msBeforeNext };
  }
}
