// Discord on loopback: the REST calls of `providers/discord.ts` with buckets, limits and refusals as Discord gives them, and the
// other direction: interactions, signed and sent to the house as Discord sends them. Nothing in it is worth anything.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type DiscordSandbox = Awaited<ReturnType<typeof startDiscordSandbox>>;

export const SANDBOX_APPLICATION_ID = '1000000000000000001';
export const SANDBOX_GUILD_ID = '1000000000000000002';
export const SANDBOX_BOT_TOKEN = 'sandbox-bot-token-of-nobody';

/** What the next calls are answered instead of being done. */
export interface Storm {
  times: number;
  /** 429 with this; null: the status alone. */
  limited?: { seconds: number; scope: 'user' | 'global' | 'shared'; json: boolean };
  status?: number;
}

interface Said {
  /** Discord's number of who says it. */
  userId: string;
  name?: string;
  command: string;
  sub?: string;
  options?: Record<string, string | number>;
  /** The option that is being typed: asks for suggestions. */
  focused?: string;
  /** In a talk with the bot instead of the server. */
  direct?: boolean;
  id?: string;
  atMs?: number;
}

const USER_OPTIONS = new Set(['player']);
const TOKEN_MS = 900_000;
const PATIENCE_MS = 5_000;

export interface SandboxOptions {
  nowMs?(): number;
  /** Calls of a bucket that a window takes. */
  bucket?: { limit: number; windowMs: number };
  /** Whoever is asked for is a member, and there is every role. */
  welcoming?: boolean;
}

export async function startDiscordSandbox({
  nowMs = Date.now,
  bucket = { limit: 10, windowMs: 10_000 },
  welcoming = false,
}: SandboxOptions = {}) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const guild: Guild = { members: new Map(), roles: new Map(), botInside: true, welcoming };
  const commands = new Map<string, unknown[]>();
  const webhooks = new Map<string, Webhook>();
  const calls: SandboxCall[] = [];
  const storms: Storm[] = [];
  const windows = new Map<string, { endsMs: number; left: number }>();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '', 'http://sandbox').pathname.replace(/^\/api\/v10/, '');
    const body = await bodyOf(request);
    const bot = request.headers.authorization === `Bot ${SANDBOX_BOT_TOKEN}`;
    const call: SandboxCall = { method: request.method ?? '', path, body, bot, headers: request.headers, status: 0 };
    calls.push(call);
    const reply = stormy(storms) ?? metered(call, { windows, bucket }) ?? routed(call, { guild, commands, webhooks, nowMs });
    call.status = reply.status;
    send(response, { ...reply, headers: { ...headersOf(call, windows), ...reply.headers } });
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let said = 0;

  /** Sends an interaction to the house's endpoint. */
  const interact = async (endpoint: string, spoken: Said): Promise<Interaction> => {
    const id = spoken.id ?? String(1_100_000_000_000_000_000n + BigInt(nowMs()) * 1_000n + BigInt(said++));
    const token = randomBytes(32).toString('base64url');
    webhooks.set(token, { acknowledged: false, untilMs: nowMs() + TOKEN_MS, content: null });
    const sent = signedBy(privateKey, interactionOf({ ...spoken, id }, token), spoken.atMs ?? nowMs());
    const response = await fetch(endpoint, { method: 'POST', ...sent });
    const text = await response.text();
    const body = ((response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : {}) as Told;
    if (response.ok) webhooks.get(token)!.acknowledged = true;
    return { id, token, sent, status: response.status, body };
  };

  return {
    apiUrl: `${url}/api/v10`,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    guild,
    commands,
    webhooks,
    /** Every call, in order. */
    calls,
    /** What comes next is turned away like this. */
    storm: (storm: Storm): void => void storms.push(storm),
    calm: (): void => void storms.splice(0),
    /** The headers of a body that Discord signs. */
    sign: (body: string, atMs = nowMs()) => signedBy(privateKey, body, atMs),
    interact,

    /** What somebody who says this is shown in the end, deferred or not. */
    async say(endpoint: string, spoken: Said): Promise<string> {
      const { status, body, token } = await interact(endpoint, spoken);
      if (status !== 200) return `status ${status}`;
      if (body.type !== 5) return body.data?.content ?? '';
      const untilMs = performance.now() + PATIENCE_MS;
      while (webhooks.get(token)!.content === null && performance.now() < untilMs) await sleep(10);
      return webhooks.get(token)!.content ?? 'thinking…';
    },

    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface SandboxCall {
  method: string;
  path: string;
  body: unknown;
  bot: boolean;
  headers: IncomingMessage['headers'];
  status: number;
}

export interface Interaction {
  id: string;
  token: string;
  sent: { headers: Record<string, string>; body: string };
  status: number;
  body: Told;
}

interface Told {
  type?: number;
  data?: { content?: string; flags?: number; choices?: { name: string; value: string }[]; allowed_mentions?: unknown };
  code?: string;
}

interface Guild {
  /** Roles by member. */
  members: Map<string, Set<string>>;
  /** Whether the bot's own role is above it. */
  roles: Map<string, { below: boolean }>;
  botInside: boolean;
  welcoming: boolean;
}

interface Webhook {
  acknowledged: boolean;
  untilMs: number;
  content: string | null;
}

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body: object | string | null;
}

interface World {
  guild: Guild;
  commands: Map<string, unknown[]>;
  webhooks: Map<string, Webhook>;
  nowMs(): number;
}

const refusal = (status: number, code: number, message: string): Reply => ({ status, body: { message, code } });

function stormy(storms: Storm[]): Reply | null {
  const storm = storms[0];
  if (!storm) return null;
  if (--storm.times <= 0) storms.shift();
  const { limited, status = 500 } = storm;
  if (!limited) return { status, body: status === 401 ? { message: '401: Unauthorized', code: 0 } : '<html>sorry</html>' };
  const { seconds, scope, json } = limited;
  const global = scope === 'global';
  return {
    status: 429,
    headers: {
      'retry-after': String(Math.ceil(seconds * 1_000) / 1_000),
      ...(json && { 'x-ratelimit-scope': scope }),
      ...(json && global && { 'x-ratelimit-global': 'true' }),
    },
    body: json ? { message: 'You are being rate limited.', retry_after: seconds, global } : 'error code: 1015',
  };
}

type Windows = Map<string, { endsMs: number; left: number }>;

/** A bucket a route and server, or a route and webhook. */
const bucketOf = ({ method, path }: SandboxCall): string =>
  `${method} ${path.replace(/(members|roles)\/\d+/g, '$1/:').replace(/\/$/, '')}`;

function metered(call: SandboxCall, { windows, bucket }: { windows: Windows; bucket: { limit: number; windowMs: number } }) {
  const key = bucketOf(call);
  const known = windows.get(key);
  const now = performance.now();
  const window = known && known.endsMs > now ? known : { endsMs: now + bucket.windowMs, left: bucket.limit };
  windows.set(key, window);
  if (--window.left >= 0) return null;
  window.left = 0;
  const seconds = (window.endsMs - now) / 1_000;
  return {
    status: 429,
    headers: { 'retry-after': seconds.toFixed(3), 'x-ratelimit-scope': 'user' },
    body: { message: 'You are being rate limited.', retry_after: seconds, global: false },
  };
}

function headersOf(call: SandboxCall, windows: Windows): Record<string, string> {
  const window = windows.get(bucketOf(call));
  if (!window) return {};
  return {
    'x-ratelimit-remaining': String(window.left),
    'x-ratelimit-reset-after': Math.max(0, (window.endsMs - performance.now()) / 1_000).toFixed(3),
    'x-ratelimit-bucket': Buffer.from(bucketOf(call).replace(/webhooks\/\d+\/[^/]+|\d{15,}/g, ''))
      .toString('hex')
      .slice(0, 32),
  };
}

function routed(call: SandboxCall, world: World): Reply {
  const [, webhook] = /^\/webhooks\/\d+\/([^/]+)\/messages\/@original$/.exec(call.path) ?? [];
  if (webhook !== undefined && call.method === 'PATCH') return edit(call, world, decodeURIComponent(webhook));
  if (!call.bot) return refusal(401, 0, '401: Unauthorized');
  const [, scope] = /^\/applications\/\d+(?:\/guilds\/(\d+))?\/commands$/.exec(call.path) ?? [];
  if (call.path.endsWith('/commands')) return overwrite(call, world, scope ?? 'global');
  const [, guildId, userId, roleId] = /^\/guilds\/(\d+)\/members\/(\d+)\/roles\/(\d+)$/.exec(call.path) ?? [];
  if (roleId !== undefined && call.method === 'PUT') return give(world, { guildId: guildId!, userId: userId!, roleId });
  return refusal(404, 0, '404: Not Found');
}

function edit({ body }: SandboxCall, { webhooks, nowMs }: World, token: string): Reply {
  const webhook = webhooks.get(token);
  if (!webhook || webhook.untilMs < nowMs()) return refusal(401, 50_027, 'Invalid Webhook Token');
  if (!webhook.acknowledged) return refusal(404, 10_015, 'Unknown Webhook');
  const content = (body as { content?: unknown } | null)?.content;
  if (typeof content !== 'string' || content.length > 2_000) return refusal(400, 50_035, 'Invalid Form Body');
  webhook.content = content;
  return { status: 200, body: { id: token.slice(0, 8), content } };
}

const COMMANDS_MAX = 100;

function overwrite({ method, body }: SandboxCall, { commands }: World, scope: string): Reply {
  if (scope !== 'global' && scope !== SANDBOX_GUILD_ID) return refusal(403, 50_001, 'Missing Access');
  if (method === 'GET') return { status: 200, body: commands.get(scope) ?? [] };
  if (method !== 'PUT') return refusal(405, 0, '405: Method Not Allowed');
  if (!Array.isArray(body) || body.length > COMMANDS_MAX || !body.every(rightCommand))
    return refusal(400, 50_035, 'Invalid Form Body');
  const kept = (body as object[]).map((command, n) => ({
    ...command,
    id: `12${n}`,
    application_id: SANDBOX_APPLICATION_ID,
    version: '1',
  }));
  commands.set(scope, kept);
  return { status: 200, body: kept };
}

function rightCommand(command: unknown): boolean {
  const { name, description, options = [] } = (command ?? {}) as { name?: unknown; description?: unknown; options?: unknown };
  const named = typeof name === 'string' && /^[-_\p{L}\p{N}]{1,32}$/u.test(name) && name === name.toLowerCase();
  const described = typeof description === 'string' && description.length >= 1 && description.length <= 100;
  return named && described && Array.isArray(options) && options.length <= 25 && options.every(rightCommand);
}

function give({ guild }: World, { guildId, userId, roleId }: { guildId: string; userId: string; roleId: string }): Reply {
  if (guildId !== SANDBOX_GUILD_ID) return refusal(404, 10_004, 'Unknown Guild');
  if (!guild.botInside) return refusal(403, 50_001, 'Missing Access');
  if (guild.welcoming && !guild.members.has(userId)) guild.members.set(userId, new Set());
  if (guild.welcoming && !guild.roles.has(roleId)) guild.roles.set(roleId, { below: true });
  const member = guild.members.get(userId);
  if (!member) return refusal(404, 10_007, 'Unknown Member');
  const role = guild.roles.get(roleId);
  if (!role) return refusal(404, 10_011, 'Unknown Role');
  if (!role.below) return refusal(403, 50_013, 'Missing Permissions');
  member.add(roleId);
  return { status: 204, body: null };
}

/** As Discord writes it, with fields that nobody here reads. */
function interactionOf(said: Said & { id: string }, token: string): string {
  const { userId, name = `user${userId.slice(-4)}`, command, sub, options = {}, focused, direct = false } = said;
  const user = { id: userId, username: name.toLowerCase(), global_name: name, discriminator: '0', avatar: null };
  const given = Object.entries(options).map(([option, value]) => ({
    name: option,
    type: typeof value === 'number' ? 4 : USER_OPTIONS.has(option) ? 6 : 3,
    value,
    ...(option === focused && { focused: true }),
  }));
  const where = direct
    ? { user, context: 1 }
    : { guild_id: SANDBOX_GUILD_ID, member: { user, roles: [], permissions: '8', nick: null }, context: 0 };
  return JSON.stringify({
    id: said.id,
    application_id: SANDBOX_APPLICATION_ID,
    type: focused === undefined ? 2 : 4,
    token,
    version: 1,
    locale: 'en-GB',
    entitlements: [],
    ...where,
    data: { id: '12', name: command, type: 1, options: sub === undefined ? given : [{ name: sub, type: 1, options: given }] },
  });
}

function signedBy(key: KeyObject, body: string, atMs: number) {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = sign(null, Buffer.from(timestamp + body), key).toString('hex');
  const headers = {
    'content-type': 'application/json',
    'x-signature-ed25519': signature,
    'x-signature-timestamp': timestamp,
    'user-agent': 'Discord-Interactions/1.0 (+https://discord.com)',
  };
  return { headers, body };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text === '' ? null : JSON.parse(text);
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  const type = typeof body === 'string' ? 'text/html' : 'application/json';
  response.writeHead(status, { ...(body !== null && { 'content-type': type }), ...headers });
  response.end(body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
}
