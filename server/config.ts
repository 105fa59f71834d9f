// The only reader of `process.env`. Everything else is handed `Settings`, already checked.
import { z } from 'zod';
import { DISCORD_FORMAT, type DiscordBotSettings, discordMistakes, discordSettings } from './config-discord.ts';
import { MAIL_FORMAT, mailMistakes, mailSettings } from './config-mail.ts';
import { MINING_FORMAT, miningMistakes, type MiningSettings, miningSettings } from './config-mining.ts';
import { MPESA_FORMAT, type MpesaAccount, mpesaAccount, mpesaMistakes } from './config-mpesa.ts';
import { SIGN_IN_FORMAT, signInMistakes, type SignInSettings, signInSettings } from './config-sign-in.ts';
import type { MailSettings } from '../providers/mail.ts';
import type { HouseSettings } from './house.ts';

export interface Settings {
  environment: 'development' | 'production' | 'test';
  production: boolean;
  port: number;
  host: string;
  /** Where people reach the server, without a trailing slash. */
  publicUrl: string;
  corsOrigins: readonly string[];
  /** How many proxies stand in front, each appending to X-Forwarded-For; 0: the socket's address only. */
  proxies: number;
  /** null: PostgreSQL embedded in `dataFolder`. */
  databaseUrl: string | null;
  /** Connections to PostgreSQL at most; the embedded one has one. */
  databaseConnections: number;
  /** Keeps the embedded database, its lock and, outside production, the secrets nobody set. */
  dataFolder: string;
  /** null outside production only: made at the first start and kept in `dataFolder`. */
  jwtSecret: string | null;
  /** 32 bytes, null as above. */
  secretsKey: Buffer | null;
  rootAdmin: { email: string; password: string } | null;
  realMoney: boolean;
  /** Who may play with it: where they live (ISO 3166 alpha-2), and from what age. */
  realMoneyTerms: { countries: readonly string[]; ageMin: number };
  /** null: the sandbox in development, switched off in production. */
  mpesa: MpesaAccount | null;
  /** null: the sandbox in development, switched off in production. */
  mining: MiningSettings | null;
  /** null: shown in development, switched off in production. */
  mail: MailSettings | null;
  signIn: SignInSettings;
  /** null: the sandbox in development, switched off in production. */
  discord: DiscordBotSettings | null;
  rootAdminDiscordId: string | null;
  drainMs: number;
  bcryptCost: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** null: /metrics is open in development, absent in production. */
  metricsToken: string | null;
  joinsPerMinute: number;
  signInsPerMinute: number;
  requestsPerMinute: number;
  socketsPerAddress: number;
}

/** Names every mistake at once, in words for an operator. */
export class SettingsFault extends Error {
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(`The settings cannot be used:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`);
    this.name = 'SettingsFault';
    this.mistakes = mistakes;
  }
}

/** The settings of this process: `.env` in the working folder, if any, under the environment itself. */
export function readSettings(): Settings {
  try {
    process.loadEnvFile();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  return parseSettings(process.env);
}

/** The environment for a child process: this one's, with `more` on top. */
export const environmentWith = (more: Record<string, string>): Record<string, string | undefined> => ({
  ...process.env,
  ...more,
});

/** Throws `SettingsFault`. An empty value counts as not set. */
export function parseSettings(environment: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ''));
  const parsed = FORMAT.safeParse(given);
  if (!parsed.success) throw new SettingsFault([...parsed.error.issues.map(inWords), ...mistakesBetween(given)]);
  const mistakes = mistakesBetween(given);
  if (mistakes.length > 0) throw new SettingsFault(mistakes);
  return settingsFrom(parsed.data);
}

/** What the edges of the house may know. */
export function houseSettings(settings: Settings): HouseSettings {
  return {
    production: settings.production,
    realMoney: settings.realMoney,
    corsOrigins: settings.corsOrigins,
    publicUrl: settings.publicUrl,
    trustProxy: settings.proxies > 0,
    rootAdminEmail: settings.rootAdmin?.email ?? null,
  };
}

const whole = (words: string, { from, to }: { from: number; to: number }) =>
  z
    .string()
    .regex(/^\d{1,9}$/, words)
    .transform(Number)
    .refine((number) => number >= from && number <= to, words);

const onOff = (words: string) => z.enum(['on', 'off'], words).transform((word) => word === 'on');

const webAddress = (words: string) =>
  z
    .string()
    .refine(isBareOrigin, words)
    .transform((url) => new URL(url).origin);

function isBareOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname, search, hash, username } = new URL(text);
  return /^https?:$/.test(protocol) && pathname === '/' && search + hash + username === '';
}

const FORMAT = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test'], 'is development, production or test').default('development'),
  PORT: whole('is a port from 1 to 65535', { from: 1, to: 65_535 }).default(2567),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'is an address to listen on, such as 127.0.0.1')
    .default('0.0.0.0'),
  PUBLIC_URL: webAddress('is the address people use, such as https://play.example.com, without a path').optional(),
  CORS_ORIGINS: z
    .string()
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .pipe(z.array(webAddress('is a list of origins with commas between, such as https://a.example,https://b.example')))
    .default([]),
  TRUST_PROXY: whole('is how many proxies stand in front, 0 to 5', { from: 0, to: 5 }).default(0),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: 'is a PostgreSQL address, such as postgresql://user:password@host:5432/playhouse',
    })
    .optional(),
  DATABASE_CONNECTIONS: whole('is a number of connections from 2 to 200', { from: 2, to: 200 }).default(10),
  DATA_DIR: z.string().default('./data'),
  JWT_SECRET: z.string().optional(),
  SECRETS_KEY: z.string().transform(keyBytes).optional(),
  ROOT_ADMIN_EMAIL: z.email('is an email address').toLowerCase().optional(),
  ROOT_ADMIN_PASSWORD: z.string().optional(),
  REAL_MONEY: onOff('is on or off').default(false),
  REAL_MONEY_COUNTRIES: z
    .string()
    .transform((list) => list.split(',').map((country) => country.trim()))
    .pipe(z.array(z.string().regex(/^[A-Z]{2}$/, 'is a list of countries in two letters with commas between, such as KE,UG')))
    .default(['KE']),
  REAL_MONEY_AGE: whole('is an age from 18 to 25', { from: 18, to: 25 }).default(18),
  DRAIN_SECONDS: whole('is a number of seconds from 0 to 3600', { from: 0, to: 3_600 }).default(30),
  BCRYPT_COST: whole('is a bcrypt cost from 4 to 15 (10 or more in production)', { from: 4, to: 15 }).default(12),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error'], 'is debug, info, warn or error').default('info'),
  METRICS_TOKEN: z.string().min(16, 'has at least 16 characters').optional(),
  JOINS_PER_MINUTE: whole('is a number from 1 to 1000000', { from: 1, to: 1_000_000 }).default(60),
  SIGN_INS_PER_MINUTE: whole('is a number from 1 to 1000000', { from: 1, to: 1_000_000 }).default(60),
  REQUESTS_PER_MINUTE: whole('is a number from 1 to 100000000', { from: 1, to: 100_000_000 }).default(1_200),
  SOCKETS_PER_ADDRESS: whole('is a number from 1 to 1000000', { from: 1, to: 1_000_000 }).default(200),
  ...MPESA_FORMAT,
  ...MINING_FORMAT,
  ...MAIL_FORMAT,
  ...SIGN_IN_FORMAT,
  ...DISCORD_FORMAT,
});

export const SETTING_NAMES: readonly string[] = Object.keys(FORMAT.shape);

const KEY_WORDS = 'is 32 random bytes as 64 hex digits or as base64 (openssl rand -hex 32)';

function keyBytes(text: string, context: z.RefinementCtx<string>): Buffer {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (bytes.length !== 32) context.addIssue({ code: 'custom', message: KEY_WORDS });
  return bytes;
}

const inWords = (issue: z.core.$ZodIssue): string => `${String(issue.path[0])} ${issue.message}`;

/** What no single setting shows: settings that need, or forbid, each other. */
function mistakesBetween(given: Record<string, string | undefined>): string[] {
  const production = given.NODE_ENV === 'production';
  const mistakes: string[] = [];
  if (production && given.JWT_SECRET === undefined) mistakes.push('JWT_SECRET is required in production (openssl rand -hex 32)');
  if (production && given.JWT_SECRET !== undefined && weak(given.JWT_SECRET))
    mistakes.push('JWT_SECRET is too easy to guess: at least 32 bytes of chance, not a sample (openssl rand -hex 32)');
  if (production && given.SECRETS_KEY === undefined)
    mistakes.push('SECRETS_KEY is required in production (openssl rand -hex 32)');
  if (production && given.SECRETS_KEY !== undefined && weak(given.SECRETS_KEY))
    mistakes.push('SECRETS_KEY is too easy to guess: 32 random bytes, not a sample (openssl rand -hex 32)');
  if (production && given.SECRETS_KEY !== undefined && given.SECRETS_KEY === given.JWT_SECRET)
    mistakes.push('SECRETS_KEY and JWT_SECRET are the same: each needs its own');
  if (given.REAL_MONEY === 'on' && given.DATABASE_URL === undefined)
    mistakes.push('REAL_MONEY=on needs DATABASE_URL: the embedded database does not survive a power cut');
  if ((given.ROOT_ADMIN_EMAIL === undefined) !== (given.ROOT_ADMIN_PASSWORD === undefined))
    mistakes.push('ROOT_ADMIN_EMAIL and ROOT_ADMIN_PASSWORD are set together or not at all');
  if (given.ROOT_ADMIN_PASSWORD !== undefined && !passwordLengthOk(given.ROOT_ADMIN_PASSWORD))
    mistakes.push('ROOT_ADMIN_PASSWORD has 12 characters or more and at most 72 bytes');
  if (production && Number(given.BCRYPT_COST ?? 12) < 10) mistakes.push('BCRYPT_COST is at least 10 in production');
  const parts = [mpesaMistakes, miningMistakes, mailMistakes, signInMistakes, discordMistakes];
  return [...mistakes, ...parts.flatMap((mistakesOf) => mistakesOf(given))];
}

const passwordLengthOk = (password: string) => password.length >= 12 && Buffer.byteLength(password) <= 72;

const SAMPLES = /change|replace|secret|password|example|sample|your[-_ ]|default|0123456789|abcdef|qwerty/i;
const KINDS_MIN = 10;

const weak = (secret: string): boolean =>
  Buffer.byteLength(secret) < 32 || SAMPLES.test(secret) || new Set(secret).size < KINDS_MIN;

function settingsFrom(format: z.output<typeof FORMAT>): Settings {
  return {
    environment: format.NODE_ENV,
    production: format.NODE_ENV === 'production',
    port: format.PORT,
    host: format.HOST,
    publicUrl: format.PUBLIC_URL ?? `http://localhost:${format.PORT}`,
    corsOrigins: format.CORS_ORIGINS,
    proxies: format.TRUST_PROXY,
    databaseUrl: format.DATABASE_URL ?? null,
    databaseConnections: format.DATABASE_CONNECTIONS,
    dataFolder: format.DATA_DIR,
    jwtSecret: format.JWT_SECRET ?? null,
    secretsKey: format.SECRETS_KEY ?? null,
    rootAdmin: rootAdmin(format.ROOT_ADMIN_EMAIL, format.ROOT_ADMIN_PASSWORD),
    realMoney: format.REAL_MONEY,
    realMoneyTerms: { countries: format.REAL_MONEY_COUNTRIES, ageMin: format.REAL_MONEY_AGE },
    mpesa: mpesaAccount(format),
    mining: miningSettings(format),
    mail: mailSettings(format),
    signIn: signInSettings(format),
    ...discordSettings(format),
    drainMs: format.DRAIN_SECONDS * 1_000,
    bcryptCost: format.BCRYPT_COST,
    logLevel: format.LOG_LEVEL,
    metricsToken: format.METRICS_TOKEN ?? null,
    joinsPerMinute: format.JOINS_PER_MINUTE,
    signInsPerMinute: format.SIGN_INS_PER_MINUTE,
    requestsPerMinute: format.REQUESTS_PER_MINUTE,
    socketsPerAddress: format.SOCKETS_PER_ADDRESS,
  };
}

const rootAdmin = (email: string | undefined, password: string | undefined) =>
  email === undefined || password === undefined ? null : { email, password };
