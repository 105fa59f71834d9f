// Id tokens and codes against the sandbox's own keys, and every way to bend one.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type IdTokenSettings,
  openDiscordSignIn,
  openIdTokens,
  subjectOfGoogle,
  subjectOfWeb3Auth,
  type Told,
} from '../../providers/social.ts';
import { SANDBOX_CLIENT, startSocialSandbox } from '../../providers/sandbox/social.ts';
import { stillClock } from '../support/store.ts';

const { now } = stillClock();
const nowS = Math.floor(now().getTime() / 1_000);
const sandbox = await startSocialSandbox({ now });
const { url, idToken } = sandbox;
const issuerOf = (name: string) => ({ issuer: `${url}/${name}`, jwksUrl: `${url}/${name}/jwks` });
const redirectUrl = 'http://localhost:2567/';
const settings: IdTokenSettings = {
  issuers: [issuerOf('google')],
  audiences: [SANDBOX_CLIENT.id],
  algorithm: 'RS256',
  subjectOf: subjectOfGoogle,
  authorizeUrl: `${url}/google/authorize`,
  redirectUrl,
};
const google = openIdTokens(settings, { now });
const web3 = openIdTokens(
  {
    ...settings,
    algorithm: 'ES256',
    issuers: [issuerOf('web3auth'), issuerOf('web3auth-wallet')],
    subjectOf: subjectOfWeb3Auth,
    authorizeUrl: null,
  },
  { now },
);

const outcome = (told: Told): string => (told.kind === 'person' ? told.person.subject : `${told.kind} ${told.why}`);
const CLAIMS = { sub: '117', name: 'Ann' };

const social = suite('providers/social');
social.after(() => sandbox.close());

social('a token of ours, from who we trust, tells who it is', async () => {
  const told = await google.read(await idToken('google', CLAIMS), null);
  assert.ok(told.kind === 'person');
  assert.equal([told.person.subject, told.person.name], ['117', 'Ann']);
  assert.equal(told.person.spent!.until, new Date((nowS + 630) * 1_000));
});

social('issuer, audience, time and nonce must be right; an address is not read at all', async () => {
  const bend = (claims: Record<string, unknown>, nonce: string | null = null) =>
    idToken('google', { ...CLAIMS, ...claims }).then((token) => google.read(token, nonce));
  const cases: [string, Promise<Told>, string][] = [
    ['another audience', bend({ aud: 'elsewhere' }), 'refused ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['ours among others', bend({ aud: [SANDBOX_CLIENT.id, 'elsewhere'] }), 'refused audience'],
    ['no audience', bend({ aud: undefined }), 'refused ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['another issuer', bend({ iss: 'https://evil.example' }), 'refused issuer'],
    ['an issuer whose keys are elsewhere', bend({ iss: `${url}/web3auth` }), 'refused issuer'],
    ['no issuer', bend({ iss: undefined }), 'refused issuer'],
    ['over', bend({ exp: nowS - 31 }), 'refused ERR_JWT_EXPIRED'],
    ['no end', bend({ exp: undefined }), 'refused ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['issued long ago', bend({ iat: nowS - 640 }), 'refused ERR_JWT_EXPIRED'],
    ['issued in the future', bend({ iat: nowS + 90 }), 'refused ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['not yet', bend({ nbf: nowS + 90 }), 'refused ERR_JWT_CLAIM_VALIDATION_FAILED'],
    ['another nonce', bend({ nonce: 'a' }, 'b'), 'refused nonce'],
    ['no nonce', bend({}, 'b'), 'refused nonce'],
    ['its nonce', bend({ nonce: 'b' }, 'b'), '117'],
    ['nobody', bend({ sub: undefined }), 'refused subject'],
    ['a number', bend({ sub: 117 }), 'refused subject'],
    ['a subject without end', bend({ sub: 'x'.repeat(256) }), 'refused subject'],
    ['an address that is not verified', bend({ email: 'root@example.com', email_verified: false }), '117'],
  ];
  for (const [what, told, expected] of cases) assert.is(outcome(await told), expected, what);
});

social('an algorithm of the token’s own choice is refused', async () => {
  const token = await idToken('google', CLAIMS);
  const [, payload] = token.split('.') as [string, string, string];
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  assert.match(outcome(await google.read(none, null)), 'refused ERR_JO');

  // The published key, taken for a shared secret: the classic.
  const { keys } = (await (await fetch(`${url}/google/jwks`)).json()) as { keys: [{ kid: string; n: string }] };
  const claims = { ...CLAIMS, iss: `${url}/google`, aud: SANDBOX_CLIENT.id, iat: nowS, exp: nowS + 600 };
  const swapped = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: keys[0].kid })
    .sign(Buffer.from(JSON.stringify(keys[0])));
  assert.match(outcome(await google.read(swapped, null)), 'refused ERR_JOSE_ALG_NOT_ALLOWED');

  const es256 = await idToken('web3auth', { ...CLAIMS, iss: `${url}/google` });
  assert.match(outcome(await google.read(es256, null)), 'refused ERR_JOSE_ALG_NOT_ALLOWED');
});

social('an unknown key, one of its own, and a bent signature are refused', async () => {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const claims = { ...CLAIMS, iss: `${url}/google`, aud: SANDBOX_CLIENT.id, iat: nowS, exp: nowS + 600 };
  const jwk = own.publicKey.export({ format: 'jwk' }) as { kty: string };
  const forged = (header: object) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', ...header }).sign(own.privateKey);
  const { keys } = (await (await fetch(`${url}/google/jwks`)).json()) as { keys: [{ kid: string }] };
  const token = await idToken('google', CLAIMS);
  const cases: [string, string, string][] = [
    ['unknown kid', await forged({ kid: 'unknown' }), 'refused ERR_JWKS_NO_MATCHING_KEY'],
    ['a known kid', await forged({ kid: keys[0].kid }), 'refused ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['a key in its header', await forged({ jwk, kid: 'mine' }), 'refused ERR_JWKS_NO_MATCHING_KEY'],
    [
      'an address of keys in its header',
      await forged({ jku: 'https://evil.example/jwks', kid: 'mine' }),
      'refused ERR_JWKS_NO_MATCHING_KEY',
    ],
    ['cut', token.slice(0, -6), 'refused ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['no token', 'abc', 'refused issuer'],
    ['dots', '..', 'refused issuer'],
    ['very long', `${token}${'a'.repeat(8_192)}`, 'refused issuer'],
  ];
  for (const [what, bent, expected] of cases) assert.is(outcome(await google.read(bent, null)), expected, what);
});

social('many tokens with unknown keys do not make many requests', async () => {
  const before = sandbox.asked.get('/google/jwks') ?? 0;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const claims = { ...CLAIMS, iss: `${url}/google`, aud: SANDBOX_CLIENT.id, iat: nowS, exp: nowS + 600 };
  for (let number = 0; number < 20; number++) {
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: `k${number}` }).sign(privateKey);
    assert.is(outcome(await google.read(token, null)), 'refused ERR_JWKS_NO_MATCHING_KEY');
  }
  assert.ok((sandbox.asked.get('/google/jwks') ?? 0) - before <= 1);
});

social('keys that cannot be had are nobody’s fault but the issuer’s', async () => {
  const token = await idToken('google', CLAIMS);
  const answers: [string, (response: import('node:http').ServerResponse) => void][] = [
    ['an error', (response) => void response.writeHead(500).end()],
    ['a page', (response) => void response.writeHead(200).end('<html>')],
    ['no keys', (response) => void response.writeHead(200).end('{}')],
    ['silence', (response) => void response.destroy()],
    ['a way elsewhere', (response) => void response.writeHead(302, { location: `${url}/google/jwks` }).end()],
    ['without end', (response) => void response.writeHead(200).end(`{"keys":[],"x":"${'x'.repeat(100_000)}"}`)],
  ];
  for (const [what, answer] of answers) {
    const server = createServer((_request, response) => answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const there = openIdTokens({ ...settings, issuers: [{ issuer: `${url}/google`, jwksUrl }] }, { now });
    assert.is((await there.read(token, null)).kind, 'unknown', what);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

social('the same token in two writings of its signature is one proof', async () => {
  const token = await idToken('web3auth', { wallets: [{ type: 'web3auth_app_key', curve: 'secp256k1', public_key: '02AA' }] });
  const [head, body, signature] = token.split('.') as [string, string, string];
  const bytes = Buffer.from(signature, 'base64url');
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const twin = (order - BigInt(`0x${bytes.toString('hex', 32)}`)).toString(16).padStart(64, '0');
  const other = `${head}.${body}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(twin, 'hex')]).toString('base64url')}`;
  const [one, two] = [await web3.read(token, null), await web3.read(other, null)];
  assert.ok(one.kind === 'person' && two.kind === 'person', 'both are good signatures');
  assert.equal(one.person.spent!.hash, two.person.spent!.hash);
});

social('Web3Auth’s people are known by the key made for them, or by the wallet they came with', async () => {
  const key = { type: 'web3auth_app_key', curve: 'secp256k1', public_key: '02AbCd' };
  const other = { type: 'web3auth_app_key', curve: 'ed25519', public_key: '99' };
  const cases: ['web3auth' | 'web3auth-wallet', unknown, string][] = [
    ['web3auth', [other, key], 'key:02abcd'],
    ['web3auth-wallet', [{ type: 'ethereum', address: '0xABC' }], 'ethereum:0xabc'],
    ['web3auth-wallet', [{ type: 'solana', address: 'AbC' }], 'solana:AbC'],
    ['web3auth', [], 'refused subject'],
    ['web3auth', [other], 'refused subject'],
    ['web3auth', 'key', 'refused subject'],
    ['web3auth', [null, 7, { type: 'ethereum' }], 'refused subject'],
  ];
  for (const [issuer, wallets, expected] of cases)
    assert.is(
      outcome(await web3.read(await idToken(issuer, { wallets, sub: 'unused' }), null)),
      expected,
      JSON.stringify(wallets),
    );
});

const discord = openDiscordSignIn({
  clientId: SANDBOX_CLIENT.id,
  clientSecret: SANDBOX_CLIENT.secret,
  redirectUrl,
  baseUrl: `${url}/discord`,
});

social('a browser goes to Discord and comes back with a code, which tells once who it is', async () => {
  const address = new URL(discord.url({ sent: 'sent', verifier: 'verifier' }));
  assert.equal(
    ['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'code_challenge_method'].map((name) =>
      address.searchParams.get(name),
    ),
    ['code', SANDBOX_CLIENT.id, redirectUrl, 'identify', 'sent', 'S256'],
  );
  assert.match(await (await fetch(address)).text(), 'Who are you?');
  address.pathname = address.pathname.replace('authorize', 'enter');
  address.searchParams.set('name', 'Ann');
  const back = new URL((await fetch(address, { redirect: 'manual' })).headers.get('location')!);
  assert.equal([back.origin, back.searchParams.get('state')], ['http://localhost:2567', 'sent']);
  const code = back.searchParams.get('code')!;
  const told = await discord.person({ code, verifier: 'verifier' });
  assert.ok(told.kind === 'person' && /^\d{18}$/.test(told.person.subject));
  assert.is(told.person.name, 'Ann');
  assert.is(outcome(await discord.person({ code, verifier: 'verifier' })), 'refused code');
});

social('a code without its verifier is refused; a provider that fails or knows us not has not spoken', async () => {
  const codeFor = () => {
    const challenge = new URL(discord.url({ sent: '', verifier: 'right' })).searchParams.get('code_challenge')!;
    return sandbox.code({ name: 'Ann', challenge, redirectUri: redirectUrl });
  };
  assert.is(outcome(await discord.person({ code: codeFor(), verifier: 'wrong' })), 'refused code');
  assert.is(outcome(await discord.person({ code: 'made up', verifier: 'right' })), 'refused code');
  const known = { clientId: SANDBOX_CLIENT.id, redirectUrl };
  const cases: [ReturnType<typeof openDiscordSignIn>, string][] = [
    [openDiscordSignIn({ ...known, clientSecret: 'wrong', baseUrl: `${url}/discord` }), 'unknown token_401'],
    [openDiscordSignIn({ ...known, clientSecret: 'x', baseUrl: `${url}/nowhere` }), 'unknown token_404'],
    [openDiscordSignIn({ ...known, clientSecret: 'x', baseUrl: 'http://127.0.0.1:9' }), 'unknown token_0'],
  ];
  for (const [there, expected] of cases) assert.is(outcome(await there.person({ code: codeFor(), verifier: 'right' })), expected);
});

social('the browser’s way to Google brings back a token with the nonce that was asked', async () => {
  const address = new URL(google.url({ sent: 'sent', nonce: 'nonce' })!);
  address.pathname = '/google/enter';
  address.searchParams.set('name', 'Ann');
  const back = new URL((await fetch(address, { redirect: 'manual' })).headers.get('location')!);
  const said = new URLSearchParams(back.hash.slice(1));
  assert.is(said.get('state'), 'sent');
  assert.is((await google.read(said.get('id_token')!, 'nonce')).kind, 'person');
  assert.is((await google.read(said.get('id_token')!, 'another')).kind, 'refused');
  assert.is(web3.url({ sent: '', nonce: '' }), null);
});

social.run();
