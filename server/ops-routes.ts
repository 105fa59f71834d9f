// What only the process itself can tell an operator: its figures, and rooms as the matchmaker knows them.
import { matchMaker } from '@colyseus/core';
import { z } from 'zod';
import { instant } from '../http/formats.ts';
import { type Route, route } from '../http/route.ts';
import { type OpsFigures, SAMPLE_MS, SERIES } from './ops-figures.ts';

const ROOMS_MAX = 1_000;

const sample = z.strictObject({
  at: instant,
  ...(Object.fromEntries(SERIES.map((name) => [name, z.number()])) as Record<(typeof SERIES)[number], z.ZodNumber>),
});
export const opsRoutes = (figures: OpsFigures): Route[] => [
  route({
    method: 'GET',
    path: '/api/admin/figures',
    who: 'admin',
    right: 'desk',
    summary: 'Figures of this process, of the last six hours at most, oldest first; `since`: those after it',
    query: z.strictObject({
      since: instant
        .transform((text) => new Date(text))
        .nullable()
        .default(null),
    }),
    answers: z.strictObject({ everySeconds: z.number(), samples: z.array(sample) }),
    answer: async ({ query: { since } }) => ({ everySeconds: SAMPLE_MS / 1_000, samples: figures.after(since) }),
  }),
  route({
    method: 'GET',
    path: '/api/admin/rooms',
    who: 'admin',
    right: 'rooms.read',
    summary: `Rooms of every process, the fullest first; the first ${ROOMS_MAX}`,
    answers: z.strictObject({
      total: z.int(),
      clients: z.int(),
      items: z.array(
        z.strictObject({
          roomId: z.string(),
          name: z.string(),
          processId: z.string(),
          clients: z.int(),
          maxClients: z.int().nullable().meta({ description: 'null: no bound' }),
          locked: z.boolean(),
          metadata: z.record(z.string(), z.unknown()).nullable(),
          openedAt: instant.nullable(),
        }),
      ),
    }),
    answer: () => rooms(),
  }),
];

async function rooms() {
  const all = (await matchMaker.query({})).toSorted((a, b) => b.clients - a.clients);
  return {
    total: all.length,
    clients: all.reduce((sum, { clients }) => sum + clients, 0),
    items: all.slice(0, ROOMS_MAX).map(({ roomId, name, processId, clients, maxClients, locked, metadata, createdAt }) => ({
      roomId,
      name,
      processId,
      clients,
      maxClients: Number.isFinite(maxClients) ? maxClients : null,
      locked: locked ?? false,
      metadata: (metadata as Record<string, unknown> | undefined) ?? null,
      openedAt: createdAt === undefined ? null : new Date(createdAt),
    })),
  };
}
