// Discord's REST API, as much of it as a house without a gateway needs, and the check of what Discord sends. It keeps to
// Discord's limits and gives up early: whoever asks has a queue.
// https://discord.com/developers/docs/topics/rate-limits
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandShape } from '../rules/discord.ts';
import { type DiscordLimits, type LimitFigures, type Metered, openDiscordLimits } from './discord-limits.ts';

export interface DiscordSettings {
  /** `https://discord.com/api/v10`, or a sandbox. */
  apiUrl: string;
  applicationId: string;
  /** 32 bytes in hex: Discord signs with its other half. */
  publicKey: string;
  botToken: string;
  /** The server whose roles are given. */
  guildId: string;
  /** Where the house is: part of how it introduces itself. */
  site: string;
}

/** `later`: its limits say so. `silent`: nothing was heard, or nothing that makes sense; it may have been done. */
export type DiscordTold =
  | { kind: 'done'; body: unknown }
  | { kind: 'refused'; status: number; code: number; message: string }
  | { kind: 'later'; ms: number }
  | { kind: 'silent'; why: string };

/** As Discord shows it. */
export type KnownCommand = Record<string, unknown> & { name: string };

export interface DiscordPatience {
  /** A limit that is over within this is waited for; a longer one is told. */
  waitMsMax: number;
  callMs: number;
}

export type Discord = ReturnType<typeof openDiscord>;

const PATIENCE: DiscordPatience = { waitMsMax: 5_000, callMs: 8_000 };

interface Call extends Metered {
  method: 'GET' | 'PUT' | 'PATCH';
  path: string;
  body?: unknown;
  /** Shown in the server's own audit log. */
  reason?: string;
}

export function openDiscord(
  settings: DiscordSettings,
  {
    nowMs = () => performance.now(),
    patience = PATIENCE,
    limits: figures = {},
  }: { nowMs?: () => number; patience?: DiscordPatience; limits?: Partial<LimitFigures> } = {},
) {
  const { applicationId, guildId } = settings;
  const limits = openDiscordLimits({ ...figures, nowMs });
  const ask = asker(settings, { limits, patience });
  const commandsAt = (guild: string | null) =>
    guild === null ? `/applications/${applicationId}/commands` : `/applications/${applicationId}/guilds/${guild}/commands`;
  const commandCall = (guild: string | null) => ({
    path: commandsAt(guild),
    major: guild ?? '',
    bot: true,
  });

  return {
    guildId,

    /** Gives a member of the server a role; one they have already is given too. */
    giveRole: ({ userId, roleId, reason }: { userId: string; roleId: string; reason: string }): Promise<DiscordTold> =>
      ask({
        method: 'PUT',
        path: `/guilds/${guildId}/members/${userId}/roles/${roleId}`,
        route: 'PUT /guilds/:guild/members/:user/roles/:role',
        major: guildId,
        bot: true,
        reason,
      }),

    /** What a deferred answer comes to. The interaction's own token is all it takes. */
    editAnswer: ({ token, message }: { token: string; message: object }): Promise<DiscordTold> =>
      ask({
        method: 'PATCH',
        path: `/webhooks/${applicationId}/${encodeURIComponent(token)}/messages/@original`,
        route: 'PATCH /webhooks/:application/:token/messages/@original',
        major: token,
        bot: false,
        body: message,
      }),

    /** The commands of one server, or of the application everywhere. */
    commands: (guild: string | null): Promise<DiscordTold> =>
      ask({ ...commandCall(guild), method: 'GET', route: `GET commands ${guild === null}` }),

    /** These and no others from now on. */
    overwriteCommands: (guild: string | null, commands: readonly CommandShape[]): Promise<DiscordTold> =>
      ask({ ...commandCall(guild), method: 'PUT', route: `PUT commands ${guild === null}`, body: commands }),
  };
}

const TRIES_MAX = 3;

/** Stops for good with the first 401: the token is wrong, and will be the next time. */
function asker(
  settings: DiscordSettings,
  { limits, patience }: { limits: DiscordLimits; patience: DiscordPatience },
): (call: Call) => Promise<DiscordTold> {
  let stopped: DiscordTold | null = null;
  return async (call) => {
    for (let tries = 1; ; tries++) {
      if (call.bot && stopped) return stopped;
      for (let ms = limits.waitMs(call); ms > 0; ms = limits.waitMs(call)) {
        if (ms > patience.waitMsMax) return { kind: 'later', ms };
        await sleep(ms);
      }
      limits.asked(call);
      const heard = await send(settings, call, patience.callMs);
      if ('why' in heard) return { kind: 'silent', why: heard.why };
      const { status, headers, body } = heard;
      limits.told(call, headers);
      if (status !== 429) {
        const told = toldBy(heard);
        if (status === 401 || status === 403) limits.turnedAway();
        if (call.bot && status === 401) stopped = told;
        return told;
      }
      const ms = limits.limited(call, headers, recordOf(body));
      if (headers.get('x-ratelimit-scope') !== 'shared') limits.turnedAway();
      if (tries >= TRIES_MAX) return { kind: 'later', ms };
    }
  };
}

interface Heard {
  status: number;
  headers: Headers;
  body: unknown;
}

function toldBy({ status, body }: Heard): DiscordTold {
  if (status >= 200 && status < 300) return { kind: 'done', body };
  const said = recordOf(body);
  if (status >= 500 || said === null) return { kind: status === 401 ? 'refused' : 'silent', ...faultIn(status, said) };
  return { kind: 'refused', ...faultIn(status, said) };
}

const MESSAGE_MAX = 200;

function faultIn(status: number, said: Record<string, unknown> | null) {
  const code = typeof said?.code === 'number' ? said.code : 0;
  const message = typeof said?.message === 'string' ? said.message.slice(0, MESSAGE_MAX) : '';
  return { status, code, message, why: `status_${status}` };
}

async function send({ apiUrl, botToken, site }: DiscordSettings, call: Call, ms: number): Promise<Heard | { why: string }> {
  const headers: Record<string, string> = { 'user-agent': `DiscordBot (${site}, 1)` };
  if (call.bot) headers.authorization = `Bot ${botToken}`;
  if (call.body !== undefined) headers['content-type'] = 'application/json';
  if (call.reason !== undefined)
    headers['x-audit-log-reason'] = encodeURIComponent(call.reason.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, REASON_MAX));
  try {
    const response = await fetch(apiUrl + call.path, {
      method: call.method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(ms),
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
    });
    return { status: response.status, headers: response.headers, body: await bodyOf(response) };
  } catch (error) {
    if (error instanceof Error) return { why: error.name };
    throw error;
  }
}

/** Discord takes 512 as they are sent; each may be three of them. */
const REASON_MAX = 170;
const BODY_BYTES_MAX = 1_048_576;

/** JSON, or null: what stands in front of Discord answers as it likes. */
async function bodyOf(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) throw new TypeError('the answer is too long');
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const recordOf = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;

export interface SignedBytes {
  /** As it stands in the header. */
  timestamp: string;
  /** 64 bytes in hex. */
  signature: string;
  bytes: Uint8Array;
}

/** Whether Discord signed: Ed25519 over the timestamp and the very bytes of the body. */
export function openDiscordKey(publicKey: string): (signed: SignedBytes) => boolean {
  const key = keyFrom(publicKey);
  return ({ timestamp, signature, bytes }) =>
    /^[\da-f]{128}$/i.test(signature) &&
    /^\d{1,12}$/.test(timestamp) &&
    verify(null, Buffer.concat([Buffer.from(timestamp), bytes]), key, Buffer.from(signature, 'hex'));
}

/** What stands before 32 bytes of a key to make a SubjectPublicKeyInfo of them: RFC 8410. */
const SPKI = '302a300506032b6570032100';

const keyFrom = (publicKey: string): KeyObject =>
  createPublicKey({ key: Buffer.from(SPKI + publicKey, 'hex'), format: 'der', type: 'spki' });
