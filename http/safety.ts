import { z } from 'zod';
import { COOL_OFF_HOURS, EXCLUSION_MONTHS, LIMIT_KINDS, LIMIT_PERIODS } from '../rules/limits.ts';
import { REAL_MONEY_NEEDS } from '../rules/real-money.ts';
import type { House } from '../server/house.ts';
import { amount, currency, digits, instant } from './formats.ts';
import { type Route, route } from './route.ts';

const kind = z.enum(LIMIT_KINDS);
const period = z.enum(LIMIT_PERIODS);
const card = z.strictObject({
  limits: z.array(z.strictObject({ currency, kind, period, amount: digits, used: digits })),
  pending: z.array(z.strictObject({ currency, kind, period, amount: digits.nullable(), effectiveAt: instant })),
  excludedUntil: z.union([instant, z.literal('forever')]).nullable(),
});

export const realMoney = z.strictObject({
  allowed: z.boolean(),
  missing: z.array(z.enum(REAL_MONEY_NEEDS)),
  birthDate: z.iso.date().nullable(),
  country: z.string().nullable(),
  limitsDeclined: z.boolean(),
});

/** Players' own limits and pauses. They hold at every door, inside the bet's own transaction; withdrawals stay open. */
export const safetyRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/safety/limits',
    who: 'player',
    summary: 'Your limits, what of them is used, changes that wait, and any pause',
    answers: card,
    answer: ({ house, visitor }) => house.store.limits.card(visitor.playerId),
  }),
  route({
    method: 'PUT',
    path: '/api/safety/limits',
    who: 'player',
    summary: 'Set limits by day, week or month (UTC); amount null lifts one. Tighter at once, looser after 24 hours',
    body: z.strictObject({
      limits: z
        .array(z.strictObject({ currency, kind, period, amount: amount.nullable() }))
        .min(1)
        .max(45),
    }),
    answers: card,
    async answer({ house, visitor, body }) {
      await house.store.limits.set(visitor.playerId, body.limits);
      await house.store.realMoney.review(visitor.playerId);
      return house.store.limits.card(visitor.playerId);
    },
  }),
  route({
    method: 'POST',
    path: '/api/safety/cool-off',
    who: 'player',
    summary: 'No stakes and deposits for so many hours, 24 to 1,008. It can be made longer, not shorter',
    body: z.strictObject({ hours: z.int().min(COOL_OFF_HOURS.min).max(COOL_OFF_HOURS.max) }),
    answers: card,
    answer: ({ house, visitor, body }) => paused(house, visitor.playerId, new Date(house.now().getTime() + body.hours * HOUR_MS)),
  }),
  route({
    method: 'POST',
    path: '/api/safety/self-exclusion',
    who: 'player',
    summary: 'No stakes and deposits for so many months, 6 to 60, or for ever (null). Withdrawals stay open',
    body: z.strictObject({ months: z.int().min(EXCLUSION_MONTHS.min).max(EXCLUSION_MONTHS.max).nullable() }),
    answers: card,
    answer: ({ house, visitor, body }) =>
      paused(house, visitor.playerId, body.months === null ? null : monthsFrom(house.now(), body.months)),
  }),
  route({
    method: 'GET',
    path: '/api/safety/real-money',
    who: 'player',
    summary: 'Whether you may play for real money, and what is missing: age, country, phone (a deposit paid from it), limits',
    answers: realMoney,
    answer: ({ house, visitor }) => realMoneyCard(house, visitor.playerId),
  }),
  route({
    method: 'PUT',
    path: '/api/safety/real-money',
    who: 'player',
    summary:
      'Say when you were born and where you live, once each, and that you want no limits. Refuses forbidden for another answer later',
    body: z.strictObject({
      birthDate: z.iso.date().nullable().default(null),
      country: z
        .string()
        .regex(/^[A-Z]{2}$/, 'ISO 3166, two letters')
        .nullable()
        .default(null)
        .meta({ example: 'KE' }),
      declineLimits: z.boolean().default(false),
    }),
    answers: realMoney,
    async answer({ house, visitor, body }) {
      await house.store.realMoney.declare(visitor.playerId, body);
      return realMoneyCard(house, visitor.playerId);
    },
  }),
];

export async function realMoneyCard({ store, settings }: House, playerId: string) {
  const card = await store.realMoney.card(playerId);
  return { ...card, allowed: card.allowed && settings.realMoney };
}

const HOUR_MS = 3_600_000;

async function paused(house: House, playerId: string, until: Date | null) {
  await house.store.limits.exclude(playerId, until);
  return house.store.limits.card(playerId);
}

function monthsFrom(now: Date, months: number): Date {
  const until = new Date(now);
  until.setUTCMonth(until.getUTCMonth() + months);
  return until;
}
