import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { houseSettings, parseSettings, SETTING_NAMES, SettingsFault } from '../../server/config.ts';

const STRONG = 'b7e1c0d94f2a8836e5d70c19fa4b62d80e3571ac9d4f86b2';
const KEY = '9f3c5a17e0b248d6719a5ce3f80d2b64c7e19f0a3b58d26e4c71095fae8b3d62';

const production = { NODE_ENV: 'production', JWT_SECRET: STRONG, SECRETS_KEY: KEY };

function mistakesIn(environment: Record<string, string>): readonly string[] {
  try {
    parseSettings(environment);
  } catch (error) {
    if (error instanceof SettingsFault) return error.mistakes;
    throw error;
  }
  return [];
}

const config = suite('settings');

config('nothing set means development on port 2567 with the embedded database', () => {
  const settings = parseSettings({});
  assert.is(settings.port, 2567);
  assert.is(settings.production, false);
  assert.is(settings.databaseUrl, null);
  assert.is(settings.publicUrl, 'http://localhost:2567');
  assert.is(settings.proxies, 0);
  assert.is(settings.realMoney, false);
  assert.is(settings.drainMs, 30_000);
  assert.is(settings.bcryptCost, 12);
});

config('an empty value counts as not set', () => {
  assert.is(parseSettings({ PORT: '', DATABASE_URL: '  ' }).port, 2567);
});

config('every mistake is named at once, each in words with its setting', () => {
  const mistakes = mistakesIn({
    NODE_ENV: 'production',
    PORT: '99999',
    DATABASE_URL: 'mysql://somewhere',
    CORS_ORIGINS: 'https://good.example,not an origin',
    REAL_MONEY: 'yes',
    DRAIN_SECONDS: '-1',
    JWT_SECRET: 'short',
  });
  for (const name of ['PORT', 'DATABASE_URL', 'CORS_ORIGINS', 'REAL_MONEY', 'DRAIN_SECONDS', 'JWT_SECRET', 'SECRETS_KEY']) {
    assert.ok(
      mistakes.some((mistake) => mistake.startsWith(`${name} `)),
      `${name} is not named in: ${mistakes.join(' | ')}`,
    );
  }
});

config('a mistake never repeats the value of a secret', () => {
  const fault = mistakesIn({
    ...production,
    JWT_SECRET: 'hunter2-hunter2',
    SECRETS_KEY: 'tooshort',
    ROOT_ADMIN_PASSWORD: 'geheim',
  });
  assert.not.match(fault.join('\n'), /hunter2|tooshort|geheim/);
});

const WEAK: Record<string, string> = {
  missing: '',
  short: STRONG.slice(0, 31),
  'a sample': 'change-me-change-me-change-me-change-me-3f9',
  'one letter': 'a'.repeat(64),
  'a keyboard row': 'qwertyuiopasdfghjklzxcvbnm0123456789',
};
for (const [kind, secret] of Object.entries(WEAK)) {
  config(`production does not start with a JWT_SECRET that is ${kind}`, () => {
    assert.match(mistakesIn({ ...production, JWT_SECRET: secret }).join('\n'), /^JWT_SECRET /m);
  });
}

config('production does not start without SECRETS_KEY, nor with one secret for both', () => {
  assert.match(mistakesIn({ ...production, SECRETS_KEY: '' }).join('\n'), /SECRETS_KEY is required/);
  assert.match(mistakesIn({ ...production, JWT_SECRET: KEY }).join('\n'), /the same/);
});

config('production starts with strong secrets', () => {
  const settings = parseSettings(production);
  assert.is(settings.jwtSecret, STRONG);
  assert.is(settings.secretsKey?.toString('hex'), KEY);
});

config('SECRETS_KEY may be base64', () => {
  const base64 = Buffer.from(KEY, 'hex').toString('base64');
  assert.is(parseSettings({ SECRETS_KEY: base64 }).secretsKey?.toString('hex'), KEY);
});

config('real money needs a real PostgreSQL', () => {
  assert.match(mistakesIn({ REAL_MONEY: 'on' }).join('\n'), /REAL_MONEY=on needs DATABASE_URL/);
  assert.is(parseSettings({ REAL_MONEY: 'on', DATABASE_URL: 'postgresql://localhost/playhouse' }).realMoney, true);
});

config('the root admin needs both an address and a password that bcrypt takes whole', () => {
  assert.match(mistakesIn({ ROOT_ADMIN_EMAIL: 'root@example.com' }).join('\n'), /together/);
  assert.match(mistakesIn({ ROOT_ADMIN_EMAIL: 'root@example.com', ROOT_ADMIN_PASSWORD: 'short' }).join('\n'), /12 characters/);
  const long = 'é'.repeat(40);
  assert.match(mistakesIn({ ROOT_ADMIN_EMAIL: 'root@example.com', ROOT_ADMIN_PASSWORD: long }).join('\n'), /72 bytes/);
  const settings = parseSettings({ ROOT_ADMIN_EMAIL: 'Root@Example.com', ROOT_ADMIN_PASSWORD: 'a long enough one' });
  assert.is(settings.rootAdmin?.email, 'root@example.com');
});

config('bcrypt may be cheap in tests and not in production', () => {
  assert.is(parseSettings({ BCRYPT_COST: '4' }).bcryptCost, 4);
  assert.match(mistakesIn({ ...production, BCRYPT_COST: '9' }).join('\n'), /BCRYPT_COST/);
});

config('what the edges see of the settings holds no secret', () => {
  const settings = parseSettings({
    ...production,
    ROOT_ADMIN_EMAIL: 'root@example.com',
    ROOT_ADMIN_PASSWORD: 'a long enough one',
  });
  const seen = JSON.stringify(houseSettings(settings));
  for (const secret of [STRONG, KEY, 'a long enough one']) assert.not.ok(seen.includes(secret));
});

config('.env.example lists every setting and no other, each with its default', () => {
  const lines = readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm);
  const listed = Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
  assert.equal(Object.keys(listed).sort(), [...SETTING_NAMES].sort());
  assert.equal(parseSettings(listed), parseSettings({}));
});

config.run();
