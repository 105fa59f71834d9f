import { z } from 'zod';
import { digits, instant } from './formats.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const day = z.iso.date().meta({ description: 'By your own clock', example: '2026-11-21' });
const streak = z.int().meta({ description: 'Check-ins in a row, a day each' });
const opensAt = instant.nullable().meta({ description: 'From when on it may be taken; null: now' });

export const dailyRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/daily',
    who: 'player',
    summary: 'Your day: what a check-in and a claim bring, and whether they are taken',
    answers: z.strictObject({
      timeZone: z.string(),
      day,
      streak,
      best: z.int(),
      keptUntil: instant.nullable().meta({ description: 'Without a check-in before, the streak breaks; null: there is none' }),
      checkIn: z.strictObject({ xp: digits, streak, opensAt }),
      claim: z.strictObject({ coins: digits, trades: digits, opensAt }),
    }),
    answer: ({ house, visitor }) => house.store.daily.card(visitor.playerId),
  }),
  route({
    method: 'POST',
    path: '/api/daily/check-in',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'XP for the day, more the longer the streak. Refuses already_checked_in',
    body: z.strictObject({}),
    answers: z.strictObject({ day, streak, best: z.int(), xp: digits, level: z.int(), opensAt: instant }),
    async answer({ house, visitor: { playerId }, key }) {
      const { answer, replayed } = await house.store.daily.checkInOnce({ playerId, key });
      return firstOrAgain(answer, replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/daily/claim',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'COINS for the day, more by the trades of the day and the streak. Refuses already_claimed',
    body: z.strictObject({}),
    answers: z.strictObject({ day, coins: digits, trades: digits, streak, opensAt: instant }),
    async answer({ house, visitor: { playerId }, key }) {
      const { answer, replayed } = await house.store.daily.claimOnce({ playerId, key });
      return firstOrAgain(answer, replayed);
    },
  }),
];
