import { z } from 'zod';
import { POINTS_MAX } from '../rules/stats.ts';
import { XP_SOURCES, type XpSource } from '../rules/xp.ts';
import { digits, instant } from './formats.ts';
import { firstOrAgain, type Route, route } from './route.ts';

const points = z.int().min(0).max(POINTS_MAX);

const stamina = z
  .strictObject({ points: z.int(), max: z.int(), since: instant })
  .meta({ description: 'A tenth of max is added each 10 s after since' });

const stats = z.strictObject({ statPoints: z.int(), attack: z.int(), defence: z.int(), health: z.int(), stamina });

const SOURCES = Object.keys(XP_SOURCES) as XpSource[];

export const progressRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/player/allocate-stats',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'Spend stat points. Refuses points_short',
    body: z
      .strictObject({ attack: points, defence: points, hp: points, stamina: points })
      .refine(({ attack, defence, hp, stamina }) => attack + defence + hp + stamina > 0, 'One point at least'),
    answers: stats,
    async answer({ house, visitor: { playerId }, body, key }) {
      const { answer, replayed } = await house.store.stats.allocate({ playerId, points: body, key });
      return firstOrAgain(answer, replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/player/respec',
    who: 'player',
    limit: 'money',
    idempotent: true,
    summary: 'Take every stat point back, for 20 gems. Refuses in_battle, points_unspent, funds_short',
    body: z.strictObject({}),
    answers: stats.extend({ price: digits, available: digits.meta({ description: 'GEMS left' }) }),
    async answer({ house, visitor: { playerId }, key }) {
      const { answer, replayed } = await house.store.stats.respec({ playerId, key });
      return firstOrAgain(answer, replayed);
    },
  }),
  route({
    method: 'POST',
    path: '/api/player/regenerate-stamina',
    who: 'player',
    limit: 'money',
    summary: 'Stamina as it has grown, written down. It grows by itself: asking brings nothing more',
    body: z.strictObject({}),
    answers: z.strictObject({ stamina }),
    answer: async ({ house, visitor }) => ({ stamina: await house.store.stats.regenerate(visitor.playerId) }),
  }),
  route({
    method: 'GET',
    path: '/api/player/xp-sources',
    who: 'player',
    summary: 'Where XP comes from, the most that each brings in a day (UTC), and what those have brought you today',
    answers: z.strictObject({
      day: z.iso.date(),
      items: z.array(
        z.strictObject({
          source: z.enum(SOURCES),
          name: z.string(),
          dailyMax: digits.nullable().meta({ description: 'Null: no cap, and none is counted' }),
          earned: digits.nullable(),
        }),
      ),
    }),
    async answer({ house, visitor }) {
      const { day, earned } = await house.store.stats.xpToday(visitor.playerId);
      const items = SOURCES.map((source) => {
        const { name, dailyMax } = XP_SOURCES[source];
        return { source, name, dailyMax, earned: dailyMax === null ? null : (earned.get(source) ?? 0n) };
      });
      return { day, items };
    },
  }),
];
