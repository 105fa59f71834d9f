import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSettings, SettingsFault } from '../../server/config.ts';
import { openHouseSignIn } from '../../server/sign-in.ts';

const production = {
  NODE_ENV: 'production',
  JWT_SECRET: 'b7e1c0d94f2a8836e5d70c19fa4b62d80e3571ac9d4f86b2',
  SECRETS_KEY: '9f3c5a17e0b248d6719a5ce3f80d2b64c7e19f0a3b58d26e4c71095fae8b3d62',
};

function mistakesIn(environment: Record<string, string>): string {
  try {
    parseSettings(environment);
  } catch (error) {
    if (error instanceof SettingsFault) return error.mistakes.join('\n');
    throw error;
  }
  return '';
}

const config = suite('server/config-sign-in');

config('nothing set means a sandbox in development and nothing in production', async () => {
  const { mail, signIn } = parseSettings({});
  assert.is(mail, null);
  assert.equal(signIn, { google: null, web3auth: null, discord: null, starknet: { rpcUrl: null, chainId: 'SN_MAIN' } });

  const here = await openHouseSignIn(parseSettings({}));
  const open = Object.entries(here.providers).filter(([, provider]) => provider !== null);
  assert.equal(
    open.map(([name]) => name),
    ['google', 'web3auth', 'discordSignIn', 'starknet', 'wallets'],
  );
  assert.match(here.providers.google!.url({ sent: '', nonce: '' })!, /^http:\/\/127\.0\.0\.1:/);
  await here.close();

  const { providers, close } = await openHouseSignIn(parseSettings(production));
  const { wallets, ...rest } = providers;
  assert.equal(rest, { google: null, web3auth: null, discordSignIn: null, starknet: null });
  assert.equal(wallets.chains, ['advc', 'evm']);
  await close();
});

config('what is set is used, in development too, and needs no sandbox', async () => {
  const settings = parseSettings({
    ...production,
    PUBLIC_URL: 'https://play.example',
    GOOGLE_CLIENT_IDS: 'web.apps, phone.apps',
    WEB3AUTH_CLIENT_ID: 'w3a',
    DISCORD_CLIENT_ID: '1234',
    DISCORD_CLIENT_SECRET: 's',
    STARKNET_RPC_URL: 'https://node.example/rpc',
    STARKNET_CHAIN_ID: 'SN_SEPOLIA',
  });
  const { providers, close } = await openHouseSignIn(settings);
  const google = new URL(providers.google!.url({ sent: 'a', nonce: 'b' })!);
  assert.equal(
    [google.host, google.searchParams.get('client_id'), google.searchParams.get('redirect_uri')],
    ['accounts.google.com', 'web.apps', 'https://play.example/'],
  );
  const discord = new URL(providers.discordSignIn!.url({ sent: 'a', verifier: 'b' }));
  assert.equal([discord.host, discord.searchParams.get('client_id')], ['discord.com', '1234']);
  assert.is(providers.web3auth!.url({ sent: '', nonce: '' }), null);
  assert.is(providers.wallets.starknetChain, 'SN_SEPOLIA');
  await close();
});

config('half of a setting, or one that anybody between could use, is named', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ MAIL_HOST: 'smtp.example.com' }, /MAIL_FROM are set together/],
    [{ MAIL_FROM: 'play@example.com' }, /MAIL_FROM are set together/],
    [{ MAIL_HOST: 'a', MAIL_FROM: 'a@b.c', MAIL_USER: 'x' }, /MAIL_PASSWORD are set together/],
    [{ MAIL_USER: 'x', MAIL_PASSWORD: 'geheim' }, /MAIL_USER needs MAIL_HOST/],
    [{ MAIL_HOST: 'a b' }, /MAIL_HOST is the name/],
    [{ MAIL_PORT: '0' }, /MAIL_PORT is a port/],
    [{ MAIL_TLS: 'maybe' }, /MAIL_TLS is/],
    [{ MAIL_FROM: 'nobody' }, /MAIL_FROM is who/],
    [{ MAIL_FROM: 'Ann <a@b.c>\r\nBcc: x@y.z' }, /MAIL_FROM is who/],
    [{ ...production, MAIL_HOST: 'smtp.example.com', MAIL_FROM: 'a@b.c', MAIL_TLS: 'off' }, /MAIL_TLS=off/],
    [{ DISCORD_CLIENT_ID: 'abc' }, /DISCORD_CLIENT_ID is the number/],
    [{ DISCORD_CLIENT_SECRET: 'geheim' }, /needs DISCORD_CLIENT_ID/],
    [{ GOOGLE_CLIENT_IDS: ',' }, /GOOGLE_CLIENT_IDS is a list/],
    [{ GOOGLE_JWKS_URL: 'file:///etc/passwd' }, /GOOGLE_JWKS_URL is the address/],
    [{ ...production, GOOGLE_JWKS_URL: 'http://keys.example' }, /GOOGLE_JWKS_URL begins with https/],
    [{ ...production, WEB3AUTH_JWKS_URL: 'http://keys.example' }, /WEB3AUTH_JWKS_URL begins with https/],
    [{ ...production, STARKNET_RPC_URL: 'http://node.example' }, /STARKNET_RPC_URL begins with https/],
    [{ STARKNET_CHAIN_ID: 'MAIN' }, /STARKNET_CHAIN_ID is/],
  ];
  for (const [environment, words] of cases) {
    const said = mistakesIn(environment);
    assert.match(said, words, JSON.stringify(environment));
    assert.not.match(said, 'geheim');
  }
  assert.is(mistakesIn({ ...production, MAIL_HOST: 'localhost', MAIL_FROM: 'a@b.c', MAIL_TLS: 'off' }), '');
});

config('a mail server’s port follows from how it is spoken to', () => {
  const port = (tls: string) => parseSettings({ MAIL_HOST: 'a', MAIL_FROM: 'a@b.c', MAIL_TLS: tls }).mail!.port;
  assert.equal(['starttls', 'implicit', 'off'].map(port), [587, 465, 25]);
});

config.run();
