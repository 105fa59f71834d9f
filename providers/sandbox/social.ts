// Google, Web3Auth and Discord as the house meets them, on loopback: their keys, their tokens, their code exchange, and a page
// on which whoever develops says who they are.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey } from 'jose';

export type SocialSandbox = Awaited<ReturnType<typeof startSocialSandbox>>;

export const SANDBOX_CLIENT = { id: 'sandbox-client', secret: 'sandbox-secret' } as const;

/** Whose tokens it makes. */
export type SandboxIssuer = 'google' | 'web3auth' | 'web3auth-wallet';

const ALGORITHM: Record<SandboxIssuer, 'RS256' | 'ES256'> = { google: 'RS256', web3auth: 'ES256', 'web3auth-wallet': 'ES256' };
const TOKEN_SECONDS = 3_600;

interface Grant {
  name: string;
  challenge: string;
  redirectUri: string;
}

export async function startSocialSandbox({ now }: { now(): Date }) {
  const keys = new Map<SandboxIssuer, Promise<IssuerKeys>>();
  const keysOf = (issuer: SandboxIssuer) => keys.get(issuer) ?? keys.set(issuer, makeKeys(issuer)).get(issuer)!;
  const grants = new Map<string, Grant>();
  const bearers = new Map<string, string>();
  const asked = new Map<string, number>();
  let url = '';

  /** A token as the issuer would make it; `claims` are put over what it would say. */
  const idToken = async (issuer: SandboxIssuer, claims: Record<string, unknown>): Promise<string> => {
    const { SignJWT } = await import('jose');
    const { privateKey, kid } = await keysOf(issuer);
    const iat = Math.floor(now().getTime() / 1_000);
    const said = { iss: `${url}/${issuer}`, aud: SANDBOX_CLIENT.id, iat, exp: iat + TOKEN_SECONDS, ...claims };
    return new SignJWT(said).setProtectedHeader({ alg: ALGORITHM[issuer], kid, typ: 'JWT' }).sign(privateKey);
  };
  /** A code as Discord gives it to whoever has said who they are. */
  const code = (grant: Grant): string => {
    const made = randomBytes(16).toString('hex');
    grants.set(made, grant);
    return made;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '', url);
    asked.set(path, (asked.get(path) ?? 0) + 1);
    const issuer = (Object.keys(ALGORITHM) as SandboxIssuer[]).find((name) => path === `/${name}/jwks`);
    if (issuer) return send(response, 200, { keys: [(await keysOf(issuer)).jwk] });
    if (path === '/google/authorize' || path === '/discord/oauth2/authorize') return whoAreYou(response, path, query);
    if (path === '/google/enter') {
      const token = await idToken('google', { sub: numberOf(named(query)), name: named(query), nonce: query.get('nonce') });
      return redirect(
        response,
        `${query.get('redirect_uri')}#${String(new URLSearchParams({ id_token: token, state: query.get('state') ?? '' }))}`,
      );
    }
    if (path === '/discord/oauth2/enter') {
      const redirectUri = query.get('redirect_uri') ?? '';
      const made = code({ name: named(query), challenge: query.get('code_challenge') ?? '', redirectUri });
      return redirect(response, `${redirectUri}?${String(new URLSearchParams({ code: made, state: query.get('state') ?? '' }))}`);
    }
    if (path === '/web3auth/token')
      return send(response, 200, { idToken: await idToken('web3auth', web3AuthClaims(named(query))) });
    if (path === '/discord/api/oauth2/token') return exchange(request, response, { grants, bearers });
    if (path === '/discord/api/users/@me') return tellMe(request, response, bearers);
    send(response, 404, { message: '404: Not Found', code: 0 });
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    idToken,
    code,
    /** How often each path was asked. */
    asked,
    /** A new key in place of the old, as issuers turn them. */
    turnKeys: (issuer: SandboxIssuer) => void keys.delete(issuer),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface IssuerKeys {
  privateKey: CryptoKey;
  kid: string;
  jwk: object;
}

async function makeKeys(issuer: SandboxIssuer): Promise<IssuerKeys> {
  const { exportJWK, generateKeyPair } = await import('jose');
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM[issuer]);
  const kid = randomBytes(8).toString('hex');
  return { privateKey, kid, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: ALGORITHM[issuer] } };
}

/** The same name is the same person. */
const numberOf = (name: string): string =>
  BigInt(`0x${createHash('sha256').update(name).digest('hex').slice(0, 15)}`)
    .toString()
    .padStart(18, '1')
    .slice(0, 18);

const web3AuthClaims = (name: string) => ({
  name,
  wallets: [{ type: 'web3auth_app_key', curve: 'secp256k1', public_key: `02${createHash('sha256').update(name).digest('hex')}` }],
});

const named = (query: URLSearchParams): string => (query.get('name') ?? '').slice(0, 32) || 'Somebody';

/** What was asked goes along in hidden fields. */
function whoAreYou(response: ServerResponse, path: string, query: URLSearchParams): void {
  const hidden = [...query].map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`);
  const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox sign-in</title>
<h1>Who are you?</h1><p>A sandbox of ${path.startsWith('/google') ? 'Google' : 'Discord'}: any name will do, and the same name is the same person.</p>
<form action="${path.replace('authorize', 'enter')}">${hidden.join('')}<label>Name <input name="name" required autofocus maxlength="32"></label> <button>Go on</button></form></html>`;
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
}

interface Issued {
  grants: Map<string, Grant>;
  bearers: Map<string, string>;
}

/** As Discord: a form, a code that works once, the redirect it was given for, and the verifier of its challenge. */
async function exchange(request: IncomingMessage, response: ServerResponse, { grants, bearers }: Issued): Promise<void> {
  const form = new URLSearchParams(await textOf(request));
  if (form.get('client_id') !== SANDBOX_CLIENT.id || form.get('client_secret') !== SANDBOX_CLIENT.secret)
    return send(response, 401, { error: 'invalid_client' });
  const grant = grants.get(form.get('code') ?? '');
  grants.delete(form.get('code') ?? '');
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  const right = grant !== undefined && grant.redirectUri === form.get('redirect_uri') && grant.challenge === challenge;
  if (!right || form.get('grant_type') !== 'authorization_code') return send(response, 400, { error: 'invalid_grant' });
  const token = randomBytes(16).toString('hex');
  bearers.set(token, grant.name);
  send(response, 200, {
    access_token: token,
    token_type: 'Bearer',
    expires_in: 604_800,
    refresh_token: 'none',
    scope: 'identify',
  });
}

function tellMe(request: IncomingMessage, response: ServerResponse, bearers: Map<string, string>): void {
  const name = bearers.get((request.headers.authorization ?? '').replace('Bearer ', ''));
  if (name === undefined) return send(response, 401, { message: '401: Unauthorized', code: 0 });
  const username = name.toLowerCase().replaceAll(/\W/g, '_');
  send(response, 200, { id: numberOf(name), username, global_name: name, discriminator: '0', avatar: null });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const redirect = (response: ServerResponse, location: string): void => void response.writeHead(302, { location }).end();

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
