// What people say in Discord, as Discord sends it: signed over the very bytes, said once, answered within three seconds. What
// takes longer is promised and follows. Who they are here is by the account they linked, never by Discord's permissions.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  ANSWER,
  BROKEN,
  choicesOf,
  deferredOf,
  INTERACTION,
  interactionFresh,
  messageOf,
  NOT_KNOWN,
  readCommand,
  readCompleting,
  type Said,
  SNOWFLAKE,
  sorryFor,
} from '../rules/discord.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import type { House } from '../server/house.ts';
import { answerTo } from './discord-commands.ts';
import { suggest } from './discord-suggestions.ts';
import { instant, recorded } from './formats.ts';
import { type Route, route, type Sent } from './route.ts';
import { admitNewWay } from './session.ts';

const BYTES_MAX = 256 * 1_024;

const snowflake = z.string().regex(SNOWFLAKE);

const leaf = z.looseObject({
  name: z.string().max(32),
  type: z.int(),
  value: z.union([z.string().max(6_000), z.number(), z.boolean()]).optional(),
  focused: z.boolean().optional(),
});

const person = z.looseObject({
  id: snowflake,
  username: z.string().max(256).default(''),
  global_name: z.string().max(256).nullable().default(null),
});

const OPTIONS_MAX = 25;

/** Discord adds fields as it likes; these are what is read. */
const interaction = z.looseObject({
  type: z.int(),
  id: snowflake.optional(),
  application_id: snowflake.optional(),
  token: z.string().min(1).max(1_024).optional(),
  user: person.optional(),
  member: z.looseObject({ user: person.optional() }).optional(),
  data: z
    .looseObject({
      name: z.string().max(32).optional(),
      options: z
        .array(z.looseObject({ ...leaf.shape, options: z.array(leaf).max(OPTIONS_MAX).optional() }))
        .max(OPTIONS_MAX)
        .default([]),
    })
    .optional(),
});

export const discordRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/discord/interactions',
    who: 'anyone',
    limit: 'callback',
    summary:
      'Discord’s Interactions Endpoint URL: slash commands and what is being typed in them, signed by Discord. Refuses unauthenticated, interaction_replayed, malformed, unavailable',
    heads: z.strictObject({
      'x-signature-ed25519': z.string().meta({ description: 'Over timestamp and body, 128 hex digits' }),
      'x-signature-timestamp': z.string().meta({ description: 'Seconds since 1970; within five minutes of now' }),
    }),
    body: interaction,
    bytesMax: BYTES_MAX,
    answers: z.strictObject({ type: z.int(), data: recorded.optional() }),
    signed: signerOf,
    answer: ({ house, body }) => answerOf(house, body),
  }),
  route({
    method: 'POST',
    path: '/api/discord/link-codes',
    who: 'player',
    limit: 'auth',
    status: 201,
    summary:
      'A code for `/link` in Discord, good once for ten minutes, in place of an older one: the account that says it is linked to you, and may sign in as you. Refuses unavailable, and for operators totp_required, step_up_required',
    body: z.strictObject({}),
    answers: z.strictObject({ code: z.string(), expiresAt: instant }),
    async answer({ house, visitor }) {
      refuseUnless(house.providers.discord, 'unavailable');
      await admitNewWay(visitor, house);
      return house.store.discord.newCode(visitor.playerId);
    },
  }),
];

/** Refuses alike what is forged, stale and unsigned: Discord tries all three from time to time. */
function signerOf({ house, headers, bytes }: Sent): string {
  const { discord } = house.providers;
  refuseUnless(discord, 'unavailable');
  const [timestamp, signature] = [headers['x-signature-timestamp'], headers['x-signature-ed25519']].map(String);
  refuseUnless(discord.signed({ timestamp: timestamp!, signature: signature!, bytes }), 'unauthenticated');
  refuseUnless(interactionFresh(Number(timestamp) * 1_000, house.now().getTime()), 'unauthenticated');
  return 'discord';
}

type Body = z.output<typeof interaction>;
type Answer = { type: number; data?: Record<string, unknown> };

async function answerOf(house: House, body: Body): Promise<Answer> {
  if (body.type === INTERACTION.ping) return { type: ANSWER.pong };
  const { id, token, data, application_id: application } = body;
  const from = body.member?.user ?? body.user;
  const { discord } = house.providers;
  refuseUnless(id && token && from && data?.name !== undefined && application === discord?.applicationId, 'malformed');
  const said: Said = { name: data.name, options: data.options };
  const who = { id: from.id, name: from.global_name ?? from.username };
  if (body.type === INTERACTION.autocomplete) return suggested(house, said, who.id);
  refuseUnless(body.type === INTERACTION.command, 'malformed');
  const heard = hear(house, { id, userId: who.id });
  const text = heard.then((refused) => refused ?? answered(house, { id, said, who }));
  const inTime = await Promise.race([text, sleep(discord!.answerWithinMs, 'late' as const, { ref: false })]);
  if (inTime === 'late') {
    discord!.follow({ interactionId: id, token, heard: heard.then((refused) => refused === null), text: text.then(wordsOf) });
    return deferredOf();
  }
  const words = wordsOf(inTime);
  // What was said before has its answer: the same again would be taken for another's.
  refuseUnless(words !== null, 'interaction_replayed');
  return messageOf(words);
}

/** null: there is nothing to be said, or it would be said twice. */
const wordsOf = (said: { text: string } | Refusal): string | null =>
  said instanceof Refusal ? (said.code === 'interaction_replayed' ? null : sorryFor(said.code)) : said.text;

/** null: it is new. A database that does not answer is told of as a refusal. Never rejects. */
async function hear(house: House, interaction: { id: string; userId: string }): Promise<Refusal | null> {
  try {
    await house.store.discord.hear(interaction);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    house.log.error('discord_command_failed', { command: null, error });
    return new Refusal('unavailable');
  }
}

interface Speaking {
  id: string;
  said: Said;
  who: { id: string; name: string };
}

/** What is said to it in the end. Never rejects. */
async function answered(house: House, { id, said, who }: Speaking): Promise<{ text: string } | Refusal> {
  try {
    const spoken = readCommand(said);
    return { text: spoken === null ? NOT_KNOWN : await answerTo({ house, spoken, who, interactionId: id }) };
  } catch (error) {
    if (error instanceof Refusal) return error;
    house.log.error('discord_command_failed', { command: said.name, error });
    return { text: BROKEN };
  }
}

/** Whoever types is asked for nothing but patience: what goes wrong suggests nothing. */
async function suggested(house: House, said: Said, userId: string): Promise<Answer> {
  const completing = readCompleting(said);
  if (completing === null) return choicesOf([]);
  try {
    return choicesOf(await suggest(house, completing, userId));
  } catch (error) {
    if (!(error instanceof Refusal)) house.log.error('discord_suggestion_failed', { option: completing.option, error });
    return choicesOf([]);
  }
}
