import { z } from 'zod';
import { digits, instant, limit, page, pageOf, recorded, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

const word = z.string().min(1).max(200).nullable().default(null);

export const adminAuditRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/audit',
    who: 'admin',
    right: 'audit.read',
    summary: 'What operators did, newest first, with what was there before and after',
    query: z.strictObject({
      limit,
      cursor: z
        .string()
        .regex(/^\d{1,18}$/)
        .transform(BigInt)
        .nullable()
        .default(null),
      actor: uuid.nullable().default(null),
      target: word.meta({ example: 'player:<id>' }),
      action: word.meta({ example: 'player.ban' }),
    }),
    answers: page(
      z.strictObject({
        no: digits,
        at: instant,
        actorId: uuid.nullable().meta({ description: 'null: at the terminal, or the clock' }),
        actorName: z.string().nullable(),
        action: z.string(),
        target: z.string(),
        before: recorded.nullable(),
        after: recorded.nullable(),
        hash: z.string().meta({ description: 'Of this act and all before it' }),
      }),
    ),
    async answer({ house, query: { limit: most, cursor, actor, target, action } }) {
      const rows = await house.store.auditLog.page({ limit: most + 1, before: cursor, actorId: actor, target, action });
      return pageOf(rows, most, ({ no }) => String(no));
    },
  }),
  route({
    method: 'GET',
    path: '/api/admin/audit/verify',
    who: 'admin',
    right: 'audit.read',
    limit: 'auth',
    summary: 'The chain of hashes over all acts, computed again. Reads all of it',
    answers: z.strictObject({
      ok: z.boolean(),
      acts: digits,
      faults: z.array(digits).meta({ description: 'Acts that were changed, taken away or put in; the first 100' }),
      last: z.strictObject({ no: digits, hash: z.string() }).nullable(),
    }),
    async answer({ house }) {
      const verdict = await house.store.auditLog.verify();
      return { ok: verdict.faults.length === 0, ...verdict };
    },
  }),
];
