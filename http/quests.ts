import { z } from 'zod';
import { MEASURES } from '../rules/counters.ts';
import { QUEST_PERIODS } from '../rules/quests.ts';
import { digits, instant, uuid } from './formats.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const quest = z.strictObject({
  id: uuid.meta({ description: 'Of this quest of yours, in this period: what a claim names' }),
  questId: z.string(),
  name: z.string(),
  period: z.enum(QUEST_PERIODS),
  counter: z.string(),
  measure: z.enum(MEASURES),
  threshold: digits,
  progress: digits,
  done: z.boolean(),
  claimedAt: instant.nullable(),
  endsAt: instant.meta({ description: 'When others take its place, if you stay in your time zone' }),
  coins: digits,
  gems: digits,
  xp: digits,
});

export const questRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/quests',
    who: 'player',
    summary: 'Your quests: three of this day and three of this week, by your own clock',
    answers: z.strictObject({ items: z.array(quest) }),
    answer: async ({ house, visitor }) => ({ items: await house.store.quests.of(visitor.playerId) }),
  }),
  route({
    method: 'POST',
    path: '/api/quests/:id/claim',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'What a quest brings, once. Refuses quest_unfinished, quest_claimed, not_found for another period’s',
    params: z.strictObject({ id: uuid }),
    body: z.strictObject({}),
    answers: z.strictObject({ id: uuid, questId: z.string(), coins: digits, gems: digits, xp: digits, level: z.int() }),
    async answer({ house, visitor, params: { id }, key }) {
      const { answer, replayed } = await house.store.quests.claimOnce({ playerId: visitor.playerId, id, key });
      return firstOrAgain(answer, replayed);
    },
  }),
];
