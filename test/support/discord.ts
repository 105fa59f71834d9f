// A house that hears Discord: a sandbox of it on loopback, hands that answer and give roles, and people who say things there.
import { openDiscord } from '../../providers/discord.ts';
import {
  SANDBOX_APPLICATION_ID,
  SANDBOX_BOT_TOKEN,
  SANDBOX_GUILD_ID,
  type SandboxOptions,
  startDiscordSandbox,
} from '../../providers/sandbox/discord.ts';
import { type DiscordHands, openDiscordHands } from '../../server/discord.ts';
import { openRest, type Rest, type RestOptions } from './rest.ts';
import { EVIDENCE, winter } from './seasons.ts';
import type { SeasonPlan } from '../../rules/season.ts';
import type { TestStore } from './store.ts';

export type DiscordRest = Awaited<ReturnType<typeof openDiscordRest>>;

export interface DiscordWishes extends RestOptions {
  sandbox?: SandboxOptions;
  answerWithinMs?: number;
}

/** A limit that is over within this is waited for. */
const WAIT_MS_MAX = 500;

export type Logged = [event: string, details: Record<string, unknown>][];

/** Hands over a store, as one process has them. */
export function openHands(
  { store }: Pick<TestStore, 'store'>,
  { apiUrl, publicKey }: { apiUrl: string; publicKey: string },
  { answerWithinMs = 2_500, botToken = SANDBOX_BOT_TOKEN }: { answerWithinMs?: number; botToken?: string } = {},
): DiscordHands & { logged: Logged; discord: ReturnType<typeof openDiscord> } {
  const logged: Logged = [];
  const line = (event: string, details: Record<string, unknown> = {}) => void logged.push([event, details]);
  const settings = { apiUrl, publicKey, applicationId: SANDBOX_APPLICATION_ID, guildId: SANDBOX_GUILD_ID, botToken };
  const patience = { waitMsMax: WAIT_MS_MAX, callMs: 2_000 };
  const discord = openDiscord({ ...settings, site: 'http://localhost' }, { patience });
  const parts = { store, discord, log: { info: line, warn: line, error: line } };
  return { ...openDiscordHands(parts, settings, { answerWithinMs }), logged, discord };
}

export async function openDiscordRest({ sandbox: options, answerWithinMs, ...wishes }: DiscordWishes = {}) {
  const rest: Rest = await openRest(wishes);
  const sandbox = await startDiscordSandbox({ nowMs: () => rest.clock.now().getTime(), ...options });
  const hands = openHands(rest, sandbox, answerWithinMs === undefined ? {} : { answerWithinMs });
  rest.house.providers = { ...rest.house.providers, discord: hands.desk };
  const endpoint = `${rest.url}/api/discord/interactions`;
  let people = 0;
  const stranger = (): Person =>
    person({ sandbox, endpoint }, { userId: String(200_000_000_000_000_000n + BigInt(++people)), name: `Person ${people}` });
  const joined = async () => {
    const someone = stranger();
    await someone.say('register');
    return { ...someone, playerId: await playerOf(rest, someone) };
  };
  return {
    ...rest,
    sandbox,
    hands,
    endpoint,
    /** Somebody at Discord, whom nobody knows here yet. */
    stranger,
    /** A player, whom nobody has verified. */
    joined,
    async verified() {
      const someone = await joined();
      await rest.store.players.verify(someone.playerId, { actorId: null, reason: null });
      return someone;
    },
    async organiser(role = 'admin') {
      const someone = await joined();
      await promote(rest, someone.playerId, role);
      return someone;
    },
    /** A new one; whatever was on is over. */
    async season(more: Partial<SeasonPlan> = {}): Promise<string> {
      const { seasons } = rest.store;
      const on = await seasons.current();
      if (on) await seasons.end(on.id, null);
      const id = await seasons.create(winter(rest.clock, more), null);
      await seasons.start(id, null);
      return id;
    },
    async close() {
      await hands.close();
      await rest.close();
      await sandbox.close();
    },
  };
}

type Sandbox = Awaited<ReturnType<typeof startDiscordSandbox>>;
type Options = Record<string, string | number>;

export type Person = ReturnType<typeof person>;

export function person(
  { sandbox, endpoint }: { sandbox: Sandbox; endpoint: string },
  { userId, name }: { userId: string; name: string },
) {
  return {
    userId,
    name,
    /** What they are shown in the end. `season end`: a command with its sub-command. */
    say(words: string, options: Options = {}): Promise<string> {
      const [command, sub] = words.split(' ');
      return sandbox.say(endpoint, { userId, name, command: command!, options, ...(sub !== undefined && { sub }) });
    },
    /** What is suggested while they type. */
    async typing(words: string, option: string, typed: string): Promise<{ name: string; value: string }[]> {
      const [command, sub] = words.split(' ');
      const said = { userId, name, command: command!, options: { [option]: typed }, focused: option };
      const { body } = await sandbox.interact(endpoint, { ...said, ...(sub !== undefined && { sub }) });
      return body.data?.choices ?? [];
    },
  };
}

export const ore = (quantity: number) => ({ item: 'ore', quantity, evidence: EVIDENCE });
export const herbs = (quantity: number) => ({ item: 'herb', quantity, evidence: EVIDENCE });

/** Makes a player an operator, as root would. */
export const promote = async (
  { db, store }: Pick<TestStore, 'db' | 'store'>,
  playerId: string,
  role = 'admin',
): Promise<void> => {
  await db.rows('update player set roles = array_append(roles, $2) where id = $1', [playerId, role]);
  store.sessions.forgetPlayer(playerId);
};

/** The player of somebody who has registered. */
export const playerOf = async ({ store }: Pick<TestStore, 'store'>, { userId }: { userId: string }): Promise<string> =>
  (await store.discord.playerOf(userId))!.playerId;
