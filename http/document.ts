// What the door says about itself: the OpenAPI document of whatever routes are mounted, and a page to read it on.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { House } from '../server/house.ts';
import { openApi } from './openapi.ts';
import { type Route, route } from './route.ts';
import { headersFor } from './security.ts';

export function documentRoutes(routes: readonly Route[], house: House): Route[] {
  let document: object | null = null;
  const own: Route[] = [
    route({
      method: 'GET',
      path: '/openapi.json',
      who: 'anyone',
      summary: 'This document',
      answers: z.record(z.string(), z.unknown()),
      answer: async () => ({ ...(document ??= openApi([...routes, ...own], house.settings)) }),
    }),
    route({
      method: 'GET',
      path: '/docs',
      who: 'anyone',
      summary: 'The same, to read and search',
      answers: z.string(),
      type: 'text/html; charset=utf-8',
      headers: PAGE_HEADERS,
      answer: async () => PAGE,
    }),
  ];
  return own;
}

const PAGE = readFileSync(new URL('./docs.html', import.meta.url), 'utf8');

/** The page's own script and style, named by their hashes, and this origin's document: nothing else loads. */
const PAGE_HEADERS = headersFor({
  'default-src': ["'none'"],
  'script-src': [hashOf('script')],
  'style-src': [hashOf('style')],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
});

function hashOf(tag: 'script' | 'style'): string {
  const text = PAGE.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0];
  if (text === undefined) throw new Error(`docs.html has no ${tag}`);
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
