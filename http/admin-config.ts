// What operators tune while the house runs. A change takes effect here at once, in every other process within 5 s.
import { z } from 'zod';
import { bindsOperators, isLiveKey, LIVE_SETTINGS, type LiveKey, type LiveValue } from '../rules/live-config.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { mayDo } from '../rules/roles.ts';
import type { House, Visitor } from '../server/house.ts';
import { instant, uuid } from './formats.ts';
import { type Route, route } from './route.ts';

const value = z
  .union([z.string().max(20), z.array(z.string().max(100)).max(1_000)])
  .meta({ description: 'A whole number as text; for a list of words, the words' });

const setting = z.strictObject({
  key: z.string(),
  what: z.string(),
  kind: z.enum(['whole', 'words']),
  value,
  default: value,
  unit: z.string().nullable(),
  min: z.string().nullable(),
  max: z.string().nullable(),
  wordsMax: z.int().nullable(),
  changed: z
    .strictObject({ at: instant, by: z.strictObject({ playerId: uuid, displayName: z.string() }).nullable() })
    .nullable()
    .meta({ description: 'Who changed it last; null: nobody did' }),
});

const byKey = z.strictObject({ key: z.string().regex(/^[A-Za-z]{1,64}$/) });

export const adminConfigRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/admin/config',
    who: 'admin',
    right: 'config.read',
    summary: 'What can be tuned: values, defaults, bounds, what each does and who changed it last',
    answers: z.strictObject({ items: z.array(setting) }),
    answer: async ({ house }) => ({ items: await settings(house) }),
  }),
  route({
    method: 'PUT',
    path: '/api/admin/config/:key',
    who: 'admin',
    right: 'config.write',
    limit: 'money',
    summary:
      'Set one. Refuses not_found, malformed for another kind of value, out_of_bounds; forbidden for what binds operators, unless you are root',
    params: byKey,
    body: z.strictObject({ value }),
    answers: setting,
    async answer({ house, visitor, params, body }) {
      const key = keyFor(visitor, params.key);
      await house.store.content.liveConfig.set(key, body.value, visitor.playerId);
      return (await settings(house)).find((each) => each.key === key)!;
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/admin/config/:key',
    who: 'admin',
    right: 'config.write',
    limit: 'money',
    summary: 'Back to the default. Refuses not_found, and forbidden as setting it does',
    params: byKey,
    answers: setting,
    async answer({ house, visitor, params }) {
      const key = keyFor(visitor, params.key);
      await house.store.content.liveConfig.reset(key, visitor.playerId);
      return (await settings(house)).find((each) => each.key === key)!;
    },
  }),
];

function keyFor({ roles }: Visitor, key: string): LiveKey {
  if (!isLiveKey(key)) throw new Refusal('not_found');
  refuseUnless(!bindsOperators(key) || mayDo(roles, 'roles.write'), 'forbidden');
  return key;
}

async function settings({ store }: House) {
  const entries = await store.content.liveConfig.entries();
  return entries.map(({ key, value: now, changed }) => {
    const found = LIVE_SETTINGS[key];
    const whole = found.kind === 'whole';
    return {
      key,
      what: found.what,
      kind: found.kind,
      value: told(now),
      default: told(found.fallback),
      unit: whole ? found.unit : null,
      min: whole ? String(found.min) : null,
      max: whole ? String(found.max) : null,
      wordsMax: whole ? null : found.wordsMax,
      changed,
    };
  });
}

const told = (live: LiveValue): string | string[] => (typeof live === 'bigint' ? String(live) : [...live]);
