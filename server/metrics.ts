import { createHash, timingSafeEqual } from 'node:crypto';
import { matchMaker } from '@colyseus/core';
import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  contentType: string;
  /** The whole exposition, Prometheus text format. */
  text(): Promise<string>;
  /** `route` is a pattern with its parameters' names, never a path with an id in it. */
  answered(request: { method: string; route: string; status: number; seconds: number }): void;
}

export interface Watched {
  /** The open WebSockets of this process. */
  sockets(): number;
  /** The open event streams of this process. */
  streams(): number;
  /** What the ledger's last look at itself found, by currency; empty before the first. */
  drift(): Iterable<{ currency: string; posted: bigint; held: bigint }>;
}

export function openMetrics({ sockets, streams, drift }: Watched): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'playhouse_' });
  gauge(registry, 'playhouse_sockets', 'Open WebSockets', sockets);
  gauge(registry, 'playhouse_streams', 'Open event streams', streams);
  gauge(registry, 'playhouse_rooms', 'Rooms on this process', () => matchMaker.stats.local.roomCount);
  gauge(registry, 'playhouse_seated', 'Clients in rooms on this process', () => matchMaker.stats.local.ccu);
  driftGauge(registry, 'playhouse_ledger_drift_minor_units', 'All accounts together; 0 in a ledger that holds', () =>
    [...drift()].map(({ currency, posted }) => ({ currency, amount: posted })),
  );
  driftGauge(registry, 'playhouse_ledger_held_drift_minor_units', 'Held beyond what open stakes and withdrawals ask for; 0', () =>
    [...drift()].map(({ currency, held }) => ({ currency, amount: held })),
  );
  const requests = new Histogram({
    name: 'playhouse_http_seconds',
    help: 'Time to answer a request, seconds',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    answered: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
  };
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(value()) });
}

function driftGauge(registry: Registry, name: string, help: string, values: () => { currency: string; amount: bigint }[]): void {
  const made: Gauge<'currency'> = new Gauge({
    name,
    help,
    labelNames: ['currency'],
    registers: [registry],
    collect: () => values().forEach(({ currency, amount }) => made.set({ currency }, Number(amount))),
  });
}

/** Open in development. In production only with its token, and without one in the settings it is not there. */
export function metricsPage(
  metrics: Metrics,
  { production, token }: { production: boolean; token: string | null },
): RequestHandler {
  return async (request, response, next) => {
    if (token === null ? production : !same(request.headers.authorization ?? '', `Bearer ${token}`)) return next();
    response.type(metrics.contentType).send(await metrics.text());
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const same = (given: string, wanted: string) => timingSafeEqual(digest(given), digest(wanted));
