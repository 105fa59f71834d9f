// Roles of seasons on their way to Discord, as operators see them: what is stopped, by what, and asking again.
import { z } from 'zod';
import { ROLE_FAULTS, ROLE_STATES, type RoleFault } from '../rules/discord-roles.ts';
import { instant, limit, page, pageOf, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

const jobId = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);

const fault = z.strictObject({ fault: z.enum(Object.keys(ROLE_FAULTS) as RoleFault[]), cure: z.string() });

const withCure = (name: RoleFault) => ({ fault: name, cure: ROLE_FAULTS[name].cure });

const job = z.strictObject({
  id: z.string(),
  seasonId: uuid,
  playerId: uuid,
  displayName: z.string(),
  rankId: z.string(),
  roleId: z.string(),
  roleName: z.string(),
  state: z.enum(ROLE_STATES).meta({ description: 'blocked: until a setting is changed; it is asked for again by and by' }),
  fault: fault.nullable(),
  linked: z.boolean().meta({ description: 'Whether the player has linked a Discord account: until then nobody is asked' }),
  tries: z.int(),
  madeAt: instant,
  dueAt: instant,
  givenAt: instant.nullable(),
});

export const adminDiscordRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/discord',
    who: 'admin',
    right: 'discord.read',
    summary: 'How many roles wait, are blocked and were given, and what stops them, with its cure',
    answers: z.strictObject({
      on: z.boolean(),
      waiting: z.int(),
      blocked: z.int(),
      given: z.int(),
      unlinked: z.int().meta({ description: 'Of those not given: of players who have linked no Discord account' }),
      faults: z.array(fault),
    }),
    async answer({ house }) {
      const { faults, ...figures } = await house.store.discord.roles.figures();
      const on = house.providers.discord !== null;
      return { on, ...figures, faults: faults.map(withCure) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/admin/discord/roles',
    who: 'admin',
    right: 'discord.read',
    summary: 'Roles that ranks brought, newest first',
    query: z.strictObject({ limit, cursor: jobId.nullable().default(null), state: z.enum(ROLE_STATES).nullable().default(null) }),
    answers: page(job),
    async answer({ house, query: { limit: most, cursor, state } }) {
      const rows = await house.store.discord.roles.list({ limit: most + 1, before: cursor, state });
      const { items, nextCursor } = pageOf(rows, most, ({ id }) => String(id));
      return { items: items.map(({ fault: name, ...rest }) => ({ ...rest, fault: name && withCure(name) })), nextCursor };
    },
  }),
  route({
    method: 'POST',
    path: '/api/admin/discord/retry',
    who: 'admin',
    right: 'discord.write',
    limit: 'money',
    summary: 'Ask again now for all that is blocked, after a setting was mended',
    body: z.strictObject({}),
    answers: z.strictObject({ woken: z.int() }),
    answer: async ({ house, visitor }) => ({ woken: await house.store.discord.roles.retry(visitor.playerId) }),
  }),
  route({
    method: 'POST',
    path: '/api/admin/discord/roles/:jobId/retry',
    who: 'admin',
    right: 'discord.write',
    limit: 'money',
    summary: 'Ask again now for one. Refuses not_found for one that is not there, or was given',
    params: z.strictObject({ jobId }),
    body: z.strictObject({}),
    answers: null,
    answer: ({ house, visitor, params }) => house.store.discord.roles.retryOne(params.jobId, visitor.playerId),
  }),
];
