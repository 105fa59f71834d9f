// Discord as the settings want it: an application of the operator's, a sandbox on loopback in development, or none. And what the
// house does there by itself: answers that were promised, and roles, which one process gives at a time.
import { randomUUID } from 'node:crypto';
import type { DueAnswer } from '../persistence/discord-answers.ts';
import type { DueRole, RoleOutcome } from '../persistence/discord-roles.ts';
import type { Store } from '../persistence/store.ts';
import { type Discord, type DiscordTold, openDiscord, openDiscordKey } from '../providers/discord.ts';
import {
  SANDBOX_APPLICATION_ID,
  SANDBOX_BOT_TOKEN,
  SANDBOX_GUILD_ID,
  startDiscordSandbox,
} from '../providers/sandbox/discord.ts';
import { BROKEN, editOf, UNFINISHED } from '../rules/discord.ts';
import { faultOf } from '../rules/discord-roles.ts';
import type { Settings } from './config.ts';
import type { DiscordBotSettings } from './config-discord.ts';
import type { DiscordDesk, Log } from './house.ts';
import type { Job } from './schedule.ts';

export interface HouseDiscord {
  desk: DiscordDesk | null;
  discord: Discord | null;
  jobs: Job[];
  close(): Promise<void>;
}

export interface DiscordParts {
  store: Store;
  discord: Discord;
  log: Log;
}

export async function openHouseDiscord(settings: Settings, store: Store, log: Log): Promise<HouseDiscord> {
  if (settings.rootAdminDiscordId !== null && !(await store.discord.linkRoot(settings.rootAdminDiscordId)))
    log.warn('discord_root_taken', { discordId: settings.rootAdminDiscordId });
  const development = settings.environment === 'development';
  const sandbox = settings.discord === null && development ? await startDiscordSandbox({ welcoming: true }) : null;
  const account = settings.discord ?? (sandbox && sandboxAccount(sandbox));
  if (account === null) return { desk: null, discord: null, jobs: [], close: async () => undefined };
  const discord = openDiscord({ ...account, site: settings.publicUrl });
  const opened = openDiscordHands({ store, discord, log }, account);
  const close = async () => {
    await opened.close();
    await sandbox?.close();
  };
  return { ...opened, discord, close };
}

/** By the settings alone: for a command, which has no sandbox. null: not set up. */
export const accountDiscord = ({ discord, publicUrl }: Settings): Discord | null =>
  discord === null ? null : openDiscord({ ...discord, site: publicUrl });

const sandboxAccount = ({ apiUrl, publicKey }: { apiUrl: string; publicKey: string }): DiscordBotSettings => ({
  apiUrl,
  publicKey,
  applicationId: SANDBOX_APPLICATION_ID,
  botToken: SANDBOX_BOT_TOKEN,
  guildId: SANDBOX_GUILD_ID,
});

const ANSWER_WITHIN_MS = 1_500;
const ROUND_MS = 2_000;
const HOUR_MS = 3_600_000;

export interface DiscordHands {
  desk: DiscordDesk;
  jobs: Job[];
  /** Roles that are due, if it is this process's turn. Returns how many Discord was asked for. */
  giveRoles(): Promise<number>;
  /** Promised answers that are due. */
  bringAnswers(): Promise<void>;
  /** Waits for the answers that are being worked out here. */
  close(): Promise<void>;
}

export function openDiscordHands(
  parts: DiscordParts,
  { applicationId, publicKey }: Pick<DiscordBotSettings, 'applicationId' | 'publicKey'>,
  { answerWithinMs = ANSWER_WITHIN_MS }: { answerWithinMs?: number } = {},
): DiscordHands {
  const { store, log } = parts;
  const following = new Set<Promise<void>>();
  const roles = openRoleWorker(parts);
  const bringAnswers = async () => {
    for (const answer of await store.discord.answers.take(ANSWERS_MAX)) await bring(parts, answer);
  };
  return {
    desk: {
      applicationId,
      answerWithinMs,
      signed: openDiscordKey(publicKey),
      follow(promised) {
        const work = follow(parts, promised)
          .catch((error: unknown) => log.error('discord_answer_failed', { interactionId: promised.interactionId, error }))
          .finally(() => following.delete(work));
        following.add(work);
      },
    },
    giveRoles: roles.round,
    bringAnswers,
    jobs: [
      { name: 'discord_roles', everyMs: ROUND_MS, run: roles.round },
      { name: 'discord_answers', everyMs: ROUND_MS, run: bringAnswers },
      { name: 'discord_sweep', everyMs: HOUR_MS, run: () => store.discord.sweep() },
    ],
    async close() {
      await Promise.all(following);
      await roles.close();
    },
  };
}

const ANSWERS_MAX = 50;

type Promised = Parameters<DiscordDesk['follow']>[0];

/** Kept before it is known, so that the promise outlives this process; a database that is down does not keep it from being told. */
async function follow(parts: DiscordParts, { interactionId, token, heard, text }: Promised): Promise<void> {
  const { answers } = parts.store.discord;
  const kept = (await heard) && (await answers.promise({ interactionId, token }).then(...keptOrNot(parts.log)));
  const content = await text;
  if (content === null) return;
  if (kept) await answers.know(interactionId, content).then(...keptOrNot(parts.log));
  await bring(parts, { interactionId, token, content, tries: 1 });
}

const keptOrNot = (log: Log): [() => true, (error: unknown) => false] => [
  () => true,
  (error) => {
    log.error('discord_answer_not_kept', { error });
    return false;
  },
];

/** The answer may reach Discord before the promise does: what it does not know yet is said again. */
async function bring({ store, discord, log }: DiscordParts, { interactionId, token, content }: DueAnswer): Promise<void> {
  const told = await discord.editAnswer({ token, message: editOf(content ?? UNFINISHED) });
  if (told.kind === 'done') return store.discord.answers.done(interactionId);
  log.warn('discord_answer_waits', { interactionId, ...why(told) });
  if (told.kind === 'refused' && told.status === 400) {
    await discord.editAnswer({ token, message: editOf(BROKEN) });
    await store.discord.answers.done(interactionId);
  }
}

/** Longer than one call with all its patience, so that whoever has the turn keeps it while at work. */
const LEASE_MS = 45_000;
const ROLES_A_ROUND = 100;

function openRoleWorker({ store, discord, log }: DiscordParts) {
  const holder = randomUUID();
  const { roles } = store.discord;
  const myTurn = () => store.discord.lease('roles', { holder, ms: LEASE_MS });
  let begun = false;
  let closed = false;

  const give = async (role: DueRole): Promise<RoleOutcome> => {
    const { roleId, userId, seasonId, rankId } = role;
    const told = await discord.giveRole({ userId, roleId, reason: `Season ${seasonId}, rank ${rankId}` });
    const outcome = outcomeOf(told);
    const line = { jobId: String(role.id), roleId, tries: role.tries, ...why(told) };
    if (outcome.kind === 'given') log.info('discord_role_given', line);
    else if (outcome.kind === 'fault') log.warn('discord_role_blocked', { ...line, fault: outcome.fault });
    else log.info('discord_role_waits', line);
    return outcome;
  };

  return {
    async round(): Promise<number> {
      for (let asked = 0; asked < ROLES_A_ROUND && !closed; asked++) {
        if (!(await myTurn())) return asked;
        if (!begun) await roles.wakeStopped();
        begun = true;
        const role = await roles.take();
        if (role === null) return asked;
        const outcome = await give(role);
        await roles.settle(role, outcome);
        if (outcome.kind === 'later') return asked + 1; // the others share its bucket
      }
      return ROLES_A_ROUND;
    },
    async close() {
      closed = true;
      await store.discord.release('roles', holder);
    },
  };
}

function outcomeOf(told: DiscordTold): RoleOutcome {
  switch (told.kind) {
    case 'done':
      return { kind: 'given' };
    case 'later':
      return { kind: 'later', ms: told.ms };
    case 'silent':
      return { kind: 'silent' };
    case 'refused':
      return { kind: 'fault', fault: faultOf(told) };
  }
}

/** For the log: what Discord said, and nothing that was sent. */
function why(told: DiscordTold): Record<string, unknown> {
  switch (told.kind) {
    case 'done':
      return {};
    case 'later':
      return { waitMs: Math.round(told.ms) };
    case 'silent':
      return { silent: told.why };
    case 'refused':
      return { status: told.status, code: told.code, message: told.message };
  }
}
