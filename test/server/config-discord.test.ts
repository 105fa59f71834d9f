import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SANDBOX_APPLICATION_ID } from '../../providers/sandbox/discord.ts';
import { parseSettings, SettingsFault } from '../../server/config.ts';
import { openHouseDiscord } from '../../server/discord.ts';
import { memoryStore } from '../support/store.ts';

const production = {
  NODE_ENV: 'production',
  JWT_SECRET: 'b7e1c0d94f2a8836e5d70c19fa4b62d80e3571ac9d4f86b2',
  SECRETS_KEY: '9f3c5a17e0b248d6719a5ce3f80d2b64c7e19f0a3b58d26e4c71095fae8b3d62',
};
const discord = {
  DISCORD_CLIENT_ID: '1234',
  DISCORD_PUBLIC_KEY: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  DISCORD_BOT_TOKEN: 'MTIzNA.GabcDe.0123456789abcdefghijklmnopqrstuv',
  DISCORD_GUILD_ID: '5678',
};
const root = { ROOT_ADMIN_EMAIL: 'root@example.com', ROOT_ADMIN_PASSWORD: 'the root of it all' };

function mistakesIn(environment: Record<string, string>): string {
  try {
    parseSettings(environment);
  } catch (error) {
    if (error instanceof SettingsFault) return error.mistakes.join('\n');
    throw error;
  }
  return '';
}

const opened = await memoryStore();
const { store, db } = opened;
const logged: string[] = [];
const line = (event: string) => void logged.push(event);
const log = { info: line, warn: line, error: line };
const rolesWithRoot = () => db.rows<{ id: string }>(`select id from player where 'root' = any(roles)`);

const config = suite('server/config-discord');
config.after(() => opened.close());

config('nothing set means a sandbox in development and nothing in production', async () => {
  const here = await openHouseDiscord(parseSettings({}), store, log);
  assert.is(here.desk!.applicationId, SANDBOX_APPLICATION_ID);
  assert.equal(
    here.jobs.map(({ name }) => name),
    ['discord_roles', 'discord_answers', 'discord_sweep'],
  );
  await here.close();
  const { desk, discord: client, jobs } = await openHouseDiscord(parseSettings(production), store, log);
  assert.equal([desk, client, jobs], [null, null, []]);
});

config('what is set is used, and needs no sandbox', async () => {
  const settings = parseSettings({ ...production, ...discord, DISCORD_API_URL: 'https://proxy.example/api/v10/' });
  assert.equal(settings.discord, {
    applicationId: '1234',
    publicKey: discord.DISCORD_PUBLIC_KEY,
    botToken: discord.DISCORD_BOT_TOKEN,
    guildId: '5678',
    apiUrl: 'https://proxy.example/api/v10',
  });
  const { desk, close } = await openHouseDiscord(settings, store, log);
  const signature =
    '1695961a47c91a1ec033b819b7e87e3dbc583dd0cee6d1fd0216f58ac87b6228ae531ddbf91fb7bc28d7edf7f08604da16f54624f38a6bc0614e4dc13cd47f0f';
  assert.ok(desk!.signed({ timestamp: '1700000000', signature, bytes: Buffer.from('{"type":1}') }));
  await close();
});

config('signing in with Discord alone switches neither commands nor roles on', () => {
  assert.is(parseSettings({ DISCORD_CLIENT_ID: '1234', DISCORD_CLIENT_SECRET: 's' }).discord, null);
});

config('half of it, and what cannot be, is named', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [
      { DISCORD_CLIENT_ID: '1', DISCORD_PUBLIC_KEY: discord.DISCORD_PUBLIC_KEY },
      /DISCORD_PUBLIC_KEY, DISCORD_BOT_TOKEN, DISCORD_GUILD_ID are set together/,
    ],
    [{ ...discord, DISCORD_CLIENT_ID: '' }, /DISCORD_PUBLIC_KEY needs DISCORD_CLIENT_ID/],
    [{ ...discord, DISCORD_PUBLIC_KEY: 'abc' }, /DISCORD_PUBLIC_KEY is the application’s public key/],
    [
      { ...discord, DISCORD_BOT_TOKEN: 'Bot MTIzNA.GabcDe.0123456789' },
      /DISCORD_BOT_TOKEN is the bot’s token, without the word Bot/,
    ],
    [{ ...discord, DISCORD_GUILD_ID: 'my server' }, /DISCORD_GUILD_ID is the number of a server/],
    [{ ...production, ...discord, DISCORD_API_URL: 'http://discord.com/api/v10' }, /DISCORD_API_URL begins with https/],
    [{ DISCORD_API_URL: 'discord' }, /DISCORD_API_URL is an address/],
    [{ ROOT_ADMIN_DISCORD_ID: '99' }, /ROOT_ADMIN_DISCORD_ID needs ROOT_ADMIN_EMAIL/],
    [{ ...root, ROOT_ADMIN_DISCORD_ID: 'me' }, /ROOT_ADMIN_DISCORD_ID is the number of a Discord account/],
  ];
  for (const [environment, words] of cases) assert.match(mistakesIn(environment), words);
});

config('the root admin’s Discord account is who the settings say, and never somebody else’s', async () => {
  await store.players.ensureRootAdmin({ email: root.ROOT_ADMIN_EMAIL, password: root.ROOT_ADMIN_PASSWORD });
  const start = async (id: string) => {
    logged.length = 0;
    const settings = parseSettings({ ...production, ...root, ROOT_ADMIN_DISCORD_ID: id });
    await (await openHouseDiscord(settings, store, log)).close();
    return logged;
  };
  const ann = await store.discord.join({ userId: '77', name: 'Ann' });
  assert.equal(await start('77'), ['discord_root_taken']);
  assert.is((await store.discord.playerOf('77'))!.playerId, ann.playerId);
  assert.equal(await start('88'), []);
  const [only] = await rolesWithRoot();
  assert.is((await store.discord.playerOf('88'))!.playerId, only!.id);
  assert.equal(await start('88'), [], 'at every start');
  assert.equal(await start('89'), ['discord_root_taken'], 'they have one already');
});

config.run();
