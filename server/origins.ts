import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Origins {
  /** A browser sends its page's origin; anything else sends none and has no ambient credentials to abuse. */
  allows(request: IncomingMessage): boolean;
  /** Adds the CORS headers; true: this was a preflight and is answered. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
}

export interface OriginRules {
  corsOrigins: readonly string[];
  publicUrl: string;
  /** Outside production any port of this machine may call: a page served by Vite's own server, for instance. */
  production: boolean;
}

export function origins({ corsOrigins, publicUrl, production }: OriginRules): Origins {
  const listed = new Set([...corsOrigins, publicUrl]);
  const allowed = (request: IncomingMessage, origin: string) =>
    listed.has(origin) || sameHost(origin, request.headers.host) || (!production && LOCAL.test(origin));
  return {
    allows: (request) => request.headers.origin === undefined || allowed(request, request.headers.origin),
    answer(request, response) {
      const origin = request.headers.origin;
      if (origin === undefined) return false;
      response.setHeader('Vary', 'Origin');
      if (!allowed(request, origin)) {
        if (ANYBODYS.test(request.url ?? '')) response.setHeader('Access-Control-Allow-Origin', '*');
        return preflight(request) && closed(response);
      }
      response.setHeader('Access-Control-Allow-Origin', origin);
      response.setHeader('Access-Control-Allow-Credentials', 'true');
      response.setHeader('Access-Control-Expose-Headers', EXPOSED);
      return preflight(request) && opened(response);
    },
  };
}

/** Read by a checker on any page, or opened from a disk: public, and the same whoever asks. */
const ANYBODYS = /^\/api\/fairness\/rounds\//;
const LOCAL = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;
const EXPOSED = 'Idempotency-Replayed, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id';
const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const HEADERS = 'Authorization, Content-Type, Accept, Idempotency-Key, Last-Event-ID, X-Request-Id, X-CSRF-Token';

const sameHost = (origin: string, host: string | undefined) => URL.canParse(origin) && new URL(origin).host === host;

const preflight = (request: IncomingMessage) =>
  request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;

function opened(response: ServerResponse): true {
  response.writeHead(204, {
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers': HEADERS,
    'Access-Control-Max-Age': '600',
  });
  response.end();
  return true;
}

/** Without an allowing header the browser stops by itself. */
function closed(response: ServerResponse): true {
  response.writeHead(204);
  response.end();
  return true;
}
