import { z } from 'zod';
import { instant, page, paged, pageOf, recorded } from './formats.ts';
import { type Route, route } from './route.ts';

export const noticeNo = z.int().min(0).meta({ description: 'Numbers rise by one per player', example: 42 });

export const notice = z.strictObject({
  no: noticeNo,
  kind: z.string().meta({ example: 'level_up' }),
  data: recorded,
  at: instant,
  readAt: instant.nullable(),
});

const cursor = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

export const notificationRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/notifications',
    who: 'player',
    summary: 'What you were told, newest first; the last 500 of the last 90 days. GET /api/events goes on from `last`',
    query: paged(cursor),
    answers: page(notice).extend({
      unread: z.int(),
      last: noticeNo.meta({ description: 'The newest number there is; 0: none yet' }),
    }),
    async answer({ house, visitor, query: { limit, cursor } }) {
      const { items, ...figures } = await house.store.notifications.inbox(visitor.playerId, { limit: limit + 1, before: cursor });
      return { ...pageOf(items, limit, ({ no }) => String(no)), ...figures };
    },
  }),
  route({
    method: 'POST',
    path: '/api/notifications/read',
    who: 'player',
    summary: 'Mark all up to this number as read; those that came since stay unread',
    body: z.strictObject({ upTo: z.int().min(1) }),
    answers: z.strictObject({ unread: z.int() }),
    answer: async ({ house, visitor, body }) => ({ unread: await house.store.notifications.read(visitor.playerId, body.upTo) }),
  }),
];
