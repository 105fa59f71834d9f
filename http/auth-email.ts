// Addresses: shown to be somebody's, and passwords forgotten. Whoever asks for a mail learns nothing of who has an account.
import { BlockList, isIPv6 } from 'node:net';
import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { email, password } from './formats.ts';
import { type Route, route } from './route.ts';
import { headersFor } from './security.ts';

const token = z.string().regex(/^[\w-]{43}$/, 'What stands in the mailed link');

export const authEmailRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/auth/forgot',
    who: 'anyone',
    limit: 'auth',
    summary:
      'A mail with a link to a new password, if the address has an account: the answer is the same. One a minute, five a day. Refuses unavailable where there is no mail',
    body: z.strictObject({ email }),
    answers: null,
    async answer({ house, body }) {
      refuseUnless(!house.store.mails.off, 'unavailable');
      await house.store.mails.ask({ kind: 'reset', address: body.email.toLowerCase() });
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/reset',
    who: 'anyone',
    limit: 'auth',
    summary:
      'Set a new password with the token of a mailed link; ends every session. Refuses link_invalid, password_weak, password_too_long',
    body: z.strictObject({ token, password }),
    answers: null,
    async answer({ house, body }) {
      const { playerId } = await house.store.emailTokens.reset(body.token, body.password);
      await house.rooms.dismiss({ playerId });
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/verify',
    who: 'anyone',
    limit: 'auth',
    summary: 'Verify an address with the token of a mailed link; pays the coins that waited for it. Refuses link_invalid',
    body: z.strictObject({ token }),
    answers: z.strictObject({ email: z.string() }),
    async answer({ house, body }) {
      const { email: address } = await house.store.emailTokens.verify(body.token);
      return { email: address };
    },
  }),
  route({
    method: 'POST',
    path: '/api/auth/verify/send',
    who: 'player',
    limit: 'auth',
    summary:
      'Mail the link again; it ends the one before. False: the address is verified, or was sent enough for now. Refuses not_found without an address, unavailable',
    body: z.strictObject({}),
    answers: z.strictObject({ sent: z.boolean() }),
    async answer({ house, visitor: { playerId } }) {
      refuseUnless(!house.store.mails.off, 'unavailable');
      const { email: address, verifiedAt } = await house.store.players.profile(playerId);
      refuseUnless(address !== null, 'not_found');
      return { sent: verifiedAt === null && (await house.store.mails.ask({ kind: 'verify', address })) };
    },
  }),
  route({
    method: 'GET',
    path: '/dev/mail',
    who: 'anyone',
    summary: 'In development, to this network alone: the mails that a mail server would have been given. Refuses not_found',
    answers: z.string(),
    type: 'text/html; charset=utf-8',
    headers: headersFor({ 'default-src': ["'none'"], 'style-src': ["'unsafe-inline'"], 'frame-ancestors': ["'none'"] }),
    async answer({ house, address }) {
      const shown = house.settings.production ? null : (house.providers.mail?.shown ?? null);
      refuseUnless(shown !== null && near.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'), 'not_found');
      return mailPage(shown());
    },
  }),
];

/** A development server left open to the world must not hand out keys to its accounts. */
const near = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  near.addSubnet(network, bits, 'ipv4');
near.addAddress('::1', 'ipv6');
near.addSubnet('fc00::', 7, 'ipv6');

function mailPage(mails: readonly { to: string; subject: string; text: string; at: Date }[]): string {
  const items = mails.map(
    ({ to, subject, text, at }) =>
      `<article><h2>${escaped(subject)}</h2><p>To ${escaped(to)}, ${at.toISOString()}</p><pre>${linked(escaped(text))}</pre></article>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Mail</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
article { border-top: 1px solid #999 } pre { white-space: pre-wrap; overflow-wrap: anywhere }</style></head>
<body><h1>Mail that was not sent</h1>${items.join('') || '<p>None yet.</p>'}</body></html>`;
}

const linked = (text: string): string => text.replaceAll(/https?:\/\/\S+/g, (link) => `<a href="${link}">${link}</a>`);

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
