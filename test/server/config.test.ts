import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  assert.equal(parseSettings({}).realMoneyTerms, { countries: ['KE'], ageMin: 18 });
  const terms = parseSettings({ REAL_MONEY_COUNTRIES: 'KE, UG', REAL_MONEY_AGE: '21' }).realMoneyTerms;
  assert.equal(terms, { countries: ['KE', 'UG'], ageMin: 21 });
  for (const [name, wrong] of [
    ['REAL_MONEY_COUNTRIES', 'Kenya'],
    ['REAL_MONEY_AGE', '17'],
    ['REAL_MONEY_AGE', '26'],
  ] as const)
    assert.match(mistakesIn({ [name]: wrong }).join('\n'), name);
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

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const folder = mkdtempSync(join(tmpdir(), 'playhouse-certificate-'));
const certificate = join(folder, 'mpesa.cer');
writeFileSync(certificate, publicKey.export({ type: 'spki', format: 'pem' }));
config.after(() => rmSync(folder, { recursive: true }));

const mpesa = {
  MPESA_CONSUMER_KEY: 'key',
  MPESA_CONSUMER_SECRET: 'secret',
  MPESA_SHORT_CODE: '174379',
  MPESA_PASSKEY: 'passkey',
  MPESA_INITIATOR: 'operator',
  MPESA_INITIATOR_PASSWORD: 'Word#1',
  MPESA_CERTIFICATE: certificate,
};

config('M-Pesa is set up whole or not at all', () => {
  assert.is(parseSettings({}).mpesa, null);
  const { mpesa: account } = parseSettings(mpesa);
  assert.equal(
    [account?.baseUrl, account?.sandbox, account?.payoutShortCode],
    ['https://sandbox.safaricom.co.ke', true, '174379'],
  );
  assert.is(account?.callbackSources.length, 12);
  for (const name of Object.keys(mpesa)) {
    const mistakes = mistakesIn({ ...mpesa, [name]: '' });
    assert.equal(mistakes, [`${name} is required where M-Pesa is set up`]);
  }
});

config('in production M-Pesa moves real money and calls back over https', () => {
  const mistakes = mistakesIn({ ...production, ...mpesa, PUBLIC_URL: 'http://play.example.com' }).join('\n');
  assert.match(mistakes, /MPESA_ENVIRONMENT is production/);
  assert.match(mistakes, /MPESA_CALLBACK_URL.*https/);
  const real = { ...production, ...mpesa, MPESA_ENVIRONMENT: 'production', MPESA_CALLBACK_URL: 'https://pay.example.com' };
  const { mpesa: account } = parseSettings(real);
  assert.equal(
    [account?.baseUrl, account?.sandbox, account?.callbackUrl],
    ['https://api.safaricom.co.ke', false, 'https://pay.example.com'],
  );
});

config('what M-Pesa cannot work with is named, and its secrets are not', () => {
  const wrong = {
    ...mpesa,
    MPESA_SHORT_CODE: '12',
    MPESA_CERTIFICATE: join(folder, 'nothing.cer'),
    MPESA_CALLBACK_URL: 'somewhere',
    MPESA_CALLBACK_SOURCES: '196.201.214.0/33',
  };
  const mistakes = mistakesIn(wrong);
  for (const name of ['MPESA_SHORT_CODE', 'MPESA_CERTIFICATE', 'MPESA_CALLBACK_URL', 'MPESA_CALLBACK_SOURCES'])
    assert.ok(
      mistakes.some((mistake) => mistake.startsWith(`${name} `)),
      name,
    );
  assert.not.match(mistakes.join('\n'), 'Word#1');
  assert.not.ok(JSON.stringify(houseSettings(parseSettings(mpesa))).includes('Word#1'));
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
  const lines = readFileSync('.env.example', 'utf8').matchAll(/^([A-Z][A-Z\d_]*)=(.*)$/gm);
  const listed = Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]));
  assert.equal(Object.keys(listed).sort(), [...SETTING_NAMES].sort());
  assert.equal(parseSettings(listed), parseSettings({}));
});

config.run();
