// Who somebody is at Google, Web3Auth or Discord. Issuer, audience, algorithms and where keys come from are settings: a token
// names none of them. An email in a token is nobody's proof of anything here, and is not even read.
import { createHash } from 'node:crypto';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';

/** Somebody, as their provider knows them. */
export interface Person {
  /** Never changes there. */
  subject: string;
  name: string;
  /** Names a proof that could be shown again; null: the provider takes it once itself. */
  spent: { hash: Uint8Array; until: Date } | null;
}

/** `unknown`: the provider did not say. `why` is for the log. */
export type Told = { kind: 'person'; person: Person } | { kind: 'refused'; why: string } | { kind: 'unknown'; why: string };

export interface IdTokenSettings {
  /** Issuers, each with where its keys are published. */
  issuers: readonly { issuer: string; jwksUrl: string }[];
  /** Our client ids. */
  audiences: readonly string[];
  algorithm: 'RS256' | 'ES256';
  /** Who the token is about, by its claims; null: it does not say. */
  subjectOf(claims: Record<string, unknown>): string | null;
  /** Where a browser is sent for a token; null: clients have their own way to one. */
  authorizeUrl: string | null;
  redirectUrl: string;
}

export type IdTokens = ReturnType<typeof openIdTokens>;

/** Issued longer ago, a token proves no more who sits there now. */
const AGE_SECONDS_MAX = 600;
const TOLERANCE_SECONDS = 30;
const TOKEN_LENGTH_MAX = 8_192;

/** With the first token: it would be a tenth of every start. */
const loadJose = () => import('jose');
type Jose = Awaited<ReturnType<typeof loadJose>>;

export function openIdTokens(settings: IdTokenSettings, { now }: { now(): Date }) {
  const { issuers, audiences, algorithm, authorizeUrl, redirectUrl } = settings;
  const keys = new Map<string, JWTVerifyGetKey>();

  return {
    /** Where a browser gets a token and comes back with it behind a #. null: not this way. */
    url({ sent, nonce }: { sent: string; nonce: string }): string | null {
      if (authorizeUrl === null) return null;
      const asked = { response_type: 'id_token', client_id: audiences[0]!, redirect_uri: redirectUrl, scope: 'openid profile' };
      return `${authorizeUrl}?${String(new URLSearchParams({ ...asked, state: sent, nonce }))}`;
    },

    /** `nonce`: what must stand in it; null: it was not got by way of `url`, and has none. */
    async read(token: string, nonce: string | null): Promise<Told> {
      const jose = await loadJose();
      const said = token.length > TOKEN_LENGTH_MAX ? null : issuerIn(token, jose);
      const known = issuers.find(({ issuer }) => issuer === said);
      if (!known) return { kind: 'refused', why: 'issuer' };
      const { issuer, jwksUrl } = known;
      const published = keys.get(issuer) ?? keysAt(jwksUrl, jose);
      keys.set(issuer, published);
      try {
        const { payload } = await jose.jwtVerify(token, published, {
          algorithms: [algorithm],
          issuer,
          audience: [...audiences],
          currentDate: now(),
          clockTolerance: TOLERANCE_SECONDS,
          maxTokenAge: AGE_SECONDS_MAX,
          requiredClaims: ['exp', 'iat', 'aud'],
        });
        // Made for a sign-in that started here, and shown without that one's state: somebody overheard it.
        if (nonce === null && authorizeUrl !== null && payload.nonce !== undefined) return { kind: 'refused', why: 'nonce' };
        return personIn(payload, { token, nonce, subjectOf: settings.subjectOf });
      } catch (error) {
        return toldBy(error, jose);
      }
    },
  };
}

/** One set of keys, kept 10 minutes; an unknown key id asks again, at most every 30 s. */
const keysAt = (url: string, { createRemoteJWKSet, customFetch }: Jose): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), {
    timeoutDuration: 5_000,
    cooldownDuration: 30_000,
    cacheMaxAge: 600_000,
    [customFetch]: smallFetch,
  });

const KEYS_BYTES_MAX = 65_536;

/** jose reads an answer whatever its size, and this one comes from another house. */
async function smallFetch(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...options, redirect: 'error' });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > KEYS_BYTES_MAX) throw new TypeError('the answer is too long for a set of keys');
    parts.push(part);
  }
  return new Response(Buffer.concat(parts), { status: response.status, headers: response.headers });
}

/** Only to look up which of our issuers it may be from; the token is checked against that one. */
function issuerIn(token: string, { decodeJwt, errors }: Jose): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch (error) {
    if (error instanceof errors.JWTInvalid) return null;
    throw error;
  }
}

interface Reading {
  token: string;
  nonce: string | null;
  subjectOf: IdTokenSettings['subjectOf'];
}

function personIn(claims: JWTPayload, { token, nonce, subjectOf }: Reading): Told {
  if (typeof claims.aud !== 'string') return { kind: 'refused', why: 'audience' };
  if (nonce !== null && claims.nonce !== nonce) return { kind: 'refused', why: 'nonce' };
  const subject = subjectOf(claims);
  if (subject === null || subject === '' || subject.length > SUBJECT_LENGTH_MAX) return { kind: 'refused', why: 'subject' };
  // What is signed, without the signature: that one has a twin.
  const hash = createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest();
  const until = new Date((claims.iat! + AGE_SECONDS_MAX + TOLERANCE_SECONDS) * 1_000);
  return { kind: 'person', person: { subject, name: textOf(claims.name), spent: { hash, until } } };
}

const SUBJECT_LENGTH_MAX = 255;

/** The token's fault, or keys that cannot be had. */
function toldBy(error: unknown, { errors }: Jose): Told {
  if (!(error instanceof Error)) throw error;
  const why = error instanceof errors.JOSEError ? error.code : error.name;
  const keysMissing = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || why === 'ERR_JOSE_GENERIC';
  return { kind: error instanceof errors.JOSEError && !keysMissing ? 'refused' : 'unknown', why };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `sub`, as OpenID Connect has it. */
export const subjectOfGoogle = ({ sub }: Record<string, unknown>): string | null => (typeof sub === 'string' ? sub : null);

/** The key that Web3Auth made for this person and app, or the wallet they came with: its tokens have no other name that lasts. */
export function subjectOfWeb3Auth({ wallets }: Record<string, unknown>): string | null {
  const list = Array.isArray(wallets) ? (wallets as unknown[]).filter(isRecord) : [];
  const key = list.find(({ type, curve }) => type === 'web3auth_app_key' && curve === 'secp256k1')?.public_key;
  if (typeof key === 'string') return `key:${key.toLowerCase()}`;
  const wallet = list.find(({ type }) => type === 'ethereum' || type === 'solana');
  if (typeof wallet?.address !== 'string') return null;
  return `${String(wallet.type)}:${wallet.type === 'ethereum' ? wallet.address.toLowerCase() : wallet.address}`;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

export interface DiscordSignInSettings {
  clientId: string;
  clientSecret: string;
  /** Registered with Discord, to the letter. */
  redirectUrl: string;
  /** https://discord.com */
  baseUrl: string;
}

export type DiscordSignIn = ReturnType<typeof openDiscordSignIn>;

const CALL_MS = 8_000;

export function openDiscordSignIn({ clientId, clientSecret, redirectUrl, baseUrl }: DiscordSignInSettings) {
  return {
    /** Where a browser is sent, to come back with a code. */
    url({ sent, verifier }: { sent: string; verifier: string }): string {
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      const asked = { response_type: 'code', client_id: clientId, redirect_uri: redirectUrl, scope: 'identify', state: sent };
      return `${baseUrl}/oauth2/authorize?${String(new URLSearchParams({ ...asked, code_challenge: challenge, code_challenge_method: 'S256' }))}`;
    },

    /** Whose code it is. The access token it brings is asked one question and kept nowhere. */
    async person({ code, verifier }: { code: string; verifier: string }): Promise<Told> {
      const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUrl, code_verifier: verifier };
      const credentials = { client_id: clientId, client_secret: clientSecret };
      const exchanged = await ask(`${baseUrl}/api/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({ ...form, ...credentials }),
      });
      if (exchanged.status === 400) return { kind: 'refused', why: 'code' };
      const token = exchanged.body?.access_token;
      if (exchanged.status !== 200 || typeof token !== 'string') return { kind: 'unknown', why: `token_${exchanged.status}` };
      const me = await ask(`${baseUrl}/api/users/@me`, { headers: { authorization: `Bearer ${token}` } });
      const id = me.body?.id;
      if (me.status !== 200 || typeof id !== 'string' || !/^\d{1,20}$/.test(id))
        return { kind: 'unknown', why: `me_${me.status}` };
      return {
        kind: 'person',
        person: { subject: id, name: textOf(me.body?.global_name) || textOf(me.body?.username), spent: null },
      };
    },
  };
}

/** Status 0: nothing came back. */
async function ask(url: string, init: RequestInit): Promise<{ status: number; body: Record<string, unknown> | null }> {
  const headers = { 'user-agent': 'DiscordBot (https://github.com/playhouse, 1)', ...(init.headers as Record<string, string>) };
  try {
    const response = await fetch(url, { ...init, headers, redirect: 'error', signal: AbortSignal.timeout(CALL_MS) });
    const body: unknown = await response.json();
    return { status: response.status, body: isRecord(body) ? body : null };
  } catch (error) {
    if (error instanceof Error) return { status: 0, body: null };
    throw error;
  }
}
