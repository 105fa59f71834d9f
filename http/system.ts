import { z } from 'zod';
import { CURRENCIES, CURRENCY_CODES } from '../rules/currency.ts';
import { Refusal } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { currency } from './formats.ts';
import { type Route, route } from './route.ts';

export const systemRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/currencies',
    who: 'anyone',
    summary: 'The currencies, with the decimal places of their minor unit',
    answers: z.strictObject({
      items: z.array(z.strictObject({ currency, exponent: z.int(), kind: z.enum(['play', 'real']), open: z.boolean() })),
    }),
    async answer({ house }) {
      const items = CURRENCY_CODES.map((code) => {
        const { exponent, kind } = CURRENCIES[code];
        return { currency: code, exponent, kind, open: kind === 'play' || house.settings.realMoney };
      });
      return { items };
    },
  }),
  route({
    method: 'GET',
    path: '/api/stats',
    who: 'anyone',
    summary: 'Figures of the whole house; up to 10 s old',
    answers: z.strictObject({ players: z.int(), rounds: z.array(z.strictObject({ game: z.string(), rounds: z.int() })) }),
    answer: ({ house }) => totals(house),
  }),
  route({
    method: 'GET',
    path: '/health/live',
    who: 'anyone',
    summary: 'The process answers',
    answers: z.strictObject({ status: z.literal('live') }),
    answer: async () => ({ status: 'live' as const }),
  }),
  route({
    method: 'GET',
    path: '/health/ready',
    who: 'anyone',
    summary: 'The database answers too; refuses unavailable while it does not. Names the outside services that are switched off',
    answers: z.strictObject({
      status: z.literal('ready'),
      database: z.enum(['embedded', 'server']),
      switchedOff: z.array(z.string()),
    }),
    async answer({ house }) {
      await ready(house);
      return {
        status: 'ready' as const,
        database: house.store.embedded ? ('embedded' as const) : ('server' as const),
        switchedOff: Object.entries(house.providers).flatMap(([name, provider]) => (provider === null ? [name] : [])),
      };
    },
  }),
];

const KEPT_MS = 10_000;

type Totals = Awaited<ReturnType<House['store']['history']['totals']>>;

const kept = new WeakMap<House, { untilMs: number; totals: Promise<Totals> }>();

/** It counts whole tables, so all who ask within 10 s share one answer. */
async function totals(house: House): Promise<Totals> {
  const nowMs = house.now().getTime();
  const known = kept.get(house);
  if (known && nowMs < known.untilMs) return known.totals;
  const counting = house.store.history.totals();
  kept.set(house, { untilMs: nowMs + KEPT_MS, totals: counting });
  return counting.catch((error: unknown) => {
    kept.delete(house);
    throw error;
  });
}

async function ready(house: House): Promise<void> {
  try {
    await house.store.ready();
  } catch (error) {
    house.log.error('database_silent', { error });
    throw new Refusal('unavailable');
  }
}
