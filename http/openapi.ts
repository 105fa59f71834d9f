import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { z } from 'zod';
import { REFUSALS } from '../rules/refusal.ts';
import { PROBLEM_TYPE } from './problem.ts';
import type { Route } from './route.ts';

/** OpenAPI 3.1 of these routes, from the very formats that check what arrives. */
export function openApi(routes: readonly Route[], { publicUrl }: { publicUrl: string }): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: { title: 'Playhouse', version: '1', description: DESCRIPTION },
    servers: [{ url: publicUrl }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  });
}

const DESCRIPTION =
  'Amounts are whole minor units as text, times ISO 8601 UTC. Every refusal is a problem document (RFC 9457) with a stable code. ' +
  'Requests that move value take an Idempotency-Key: the same key and body get the first answer again.';

const PROBLEM = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(REFUSALS),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

const KEY = z.object({ 'Idempotency-Key': z.uuid().meta({ description: 'Made by the client, the same on every retry' }) });

function describedAs({ who, right, scope, stepUp }: Route): { description?: string } {
  if (scope !== null) return { description: `API tokens with \`${scope}\` too.` };
  if (who !== 'admin') return {};
  const factor = stepUp ? ' An act: the session says a code of the second factor first.' : '';
  return { description: `Operators only, by the right \`${right ?? 'admin'}\`.${factor}` };
}

function operation(route: Route): ZodOpenApiOperationObject {
  const { summary, params, query, body, heads, answers, who, status, idempotent } = route;
  const tag = route.path.startsWith('/api/') ? (route.path.split('/')[2] ?? 'system') : 'system';
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[/:-]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    tags: [tag === 'players' ? 'player' : tag],
    security: who === 'anyone' ? [] : who === 'either' ? [{}, { bearer: [] }] : [{ bearer: [] }],
    ...describedAs(route),
    requestParams: {
      ...(params ? { path: params } : {}),
      ...(query ? { query } : {}),
      ...(idempotent ? { header: KEY } : heads ? { header: heads } : {}),
    },
    ...(body
      ? { requestBody: { required: Object.keys(body.shape).length > 0, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: {
      [status]: answers
        ? { description: 'Done', content: { [route.type ?? 'application/json']: { schema: answers } } }
        : { description: 'Done' },
      default: { description: 'Refused', content: { [PROBLEM_TYPE]: { schema: PROBLEM } } },
    },
  };
}
