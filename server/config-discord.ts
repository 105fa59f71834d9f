// The settings of Discord's commands and roles. The application is the one that signing in with Discord knows.
import { z } from 'zod';

export interface DiscordBotSettings {
  applicationId: string;
  publicKey: string;
  botToken: string;
  guildId: string;
  apiUrl: string;
}

export interface DiscordSettingsRead {
  /** null: the sandbox in development, switched off in production. */
  discord: DiscordBotSettings | null;
  /** Discord's number of the root admin; null: they say nothing there. */
  rootAdminDiscordId: string | null;
}

const number = (words: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,19}$/, words)
    .optional();

export const DISCORD_FORMAT = {
  DISCORD_PUBLIC_KEY: z
    .string()
    .regex(/^[\da-f]{64}$/i, 'is the application’s public key, 64 hex digits')
    .optional(),
  DISCORD_BOT_TOKEN: z
    .string()
    .regex(/^[\w.-]{20,200}$/, 'is the bot’s token, without the word Bot')
    .optional(),
  DISCORD_GUILD_ID: number('is the number of a server'),
  DISCORD_API_URL: z
    .string()
    .refine(isAddress, 'is an address such as https://discord.com/api/v10')
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://discord.com/api/v10'),
  ROOT_ADMIN_DISCORD_ID: number('is the number of a Discord account'),
};

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

const TOGETHER = ['DISCORD_PUBLIC_KEY', 'DISCORD_BOT_TOKEN', 'DISCORD_GUILD_ID'] as const;

/** What no single setting shows. */
export function discordMistakes(given: Record<string, string | undefined>): string[] {
  const mistakes: string[] = [];
  const set = TOGETHER.filter((name) => given[name] !== undefined);
  if (set.length > 0 && set.length < TOGETHER.length) mistakes.push(`${TOGETHER.join(', ')} are set together or not at all`);
  if (set.length > 0 && given.DISCORD_CLIENT_ID === undefined)
    mistakes.push(`${set[0]} needs DISCORD_CLIENT_ID: the number of the application`);
  if (given.ROOT_ADMIN_DISCORD_ID !== undefined && given.ROOT_ADMIN_EMAIL === undefined)
    mistakes.push('ROOT_ADMIN_DISCORD_ID needs ROOT_ADMIN_EMAIL: it says which account is that one’s');
  if (given.NODE_ENV === 'production' && given.DISCORD_API_URL !== undefined && !given.DISCORD_API_URL.startsWith('https:'))
    mistakes.push('DISCORD_API_URL begins with https: the bot’s token goes there');
  return mistakes;
}

export function discordSettings(
  format: z.output<z.ZodObject<typeof DISCORD_FORMAT>> & { DISCORD_CLIENT_ID?: string | undefined },
): DiscordSettingsRead {
  const { DISCORD_CLIENT_ID: applicationId, DISCORD_PUBLIC_KEY: publicKey, DISCORD_BOT_TOKEN: botToken } = format;
  const guildId = format.DISCORD_GUILD_ID;
  const whole = applicationId !== undefined && publicKey !== undefined && botToken !== undefined && guildId !== undefined;
  return {
    discord: whole ? { applicationId, publicKey, botToken, guildId, apiUrl: format.DISCORD_API_URL } : null,
    rootAdminDiscordId: format.ROOT_ADMIN_DISCORD_ID ?? null,
  };
}
