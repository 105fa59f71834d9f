import type { DiscordTold, KnownCommand } from '../../providers/discord.ts';
import { COMMANDS } from '../../rules/discord.ts';
import { ROLE_FAULTS } from '../../rules/discord-roles.ts';
import type { Progress } from '../control.ts';
import type { Command, CommandHouse } from './index.ts';

const ACTS = new Set(['register', 'register global', 'status', 'retry']);

export const discord: Command = {
  help: `npm run discord -- register          makes the commands of the server DISCORD_GUILD_ID ours, at once there; says what changed
npm run discord -- register global   the same for every server the application is in; Discord takes a while to show them
npm run discord -- status            roles that wait, are blocked and were given, and what would free them
npm run discord -- retry             asks again for all that is blocked, after a setting was mended`,
  anySchema: false,
  takes: (words) => ACTS.has(words.join(' ')),
  run: ([act, where], house, progress) => {
    if (act === 'register') return register(house, where === 'global', progress);
    return act === 'status' ? status(house, progress) : retry(house);
  },
};

const OFF = {
  ok: false,
  line: 'Discord is not set up: DISCORD_CLIENT_ID, DISCORD_PUBLIC_KEY, DISCORD_BOT_TOKEN, DISCORD_GUILD_ID.',
};

async function register({ discord: client }: CommandHouse, everywhere: boolean, progress: Progress) {
  if (client === null) return OFF;
  const guild = everywhere ? null : client.guildId;
  const known = await client.commands(guild);
  if (known.kind !== 'done') return { ok: false, line: `The commands could not be read: ${inWords(known)}` };
  const before = (Array.isArray(known.body) ? known.body : []) as KnownCommand[];
  const changes = changesFrom(before);
  for (const { what, name } of changes) if (what !== 'same') progress(0, 0, `${what}: /${name}`);
  const where = everywhere ? 'everywhere' : `on the server ${guild}`;
  if (changes.every(({ what }) => what === 'same'))
    return { ok: true, line: `${COMMANDS.length} commands ${where} are as they should be.` };
  const told = await client.overwriteCommands(guild, COMMANDS);
  if (told.kind !== 'done') return { ok: false, line: `The commands were not taken: ${inWords(told)}` };
  const count = (what: Change['what']) => changes.filter((change) => change.what === what).length;
  return {
    ok: true,
    line: `${COMMANDS.length} commands ${where}: ${count('new')} new, ${count('changed')} changed, ${count('removed')} removed.`,
  };
}

interface Change {
  what: 'new' | 'changed' | 'removed' | 'same';
  name: string;
}

function changesFrom(before: readonly KnownCommand[]): Change[] {
  const known = new Map(before.map((command) => [command.name, command]));
  const ours = COMMANDS.map((wanted): Change => {
    const old = known.get(wanted.name);
    return { name: wanted.name, what: old === undefined ? 'new' : text(old) === text(wanted) ? 'same' : 'changed' };
  });
  const removed = before.filter(({ name }) => COMMANDS.every((wanted) => wanted.name !== name));
  return [...ours, ...removed.map(({ name }): Change => ({ name, what: 'removed' }))];
}

/** What both sides say of a command; Discord leaves out what is empty or false, and orders by its own mind. */
const text = (command: object): string => {
  const { name, description, options, default_member_permissions, contexts, integration_types } = command as KnownCommand;
  const numbers = (list: unknown) => (Array.isArray(list) ? list.map(Number).toSorted((one, other) => one - other) : []);
  const where = { contexts: numbers(contexts), integration_types: numbers(integration_types) };
  return JSON.stringify({ name, description, options, default_member_permissions, ...where }, ordered);
};

function ordered(_name: string, value: unknown): unknown {
  if (value === null || value === false || (Array.isArray(value) && value.length === 0)) return undefined;
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function inWords(told: DiscordTold): string {
  switch (told.kind) {
    case 'later':
      return `Discord asks to wait ${Math.ceil(told.ms / 1_000)} s.`;
    case 'silent':
      return `Discord did not answer (${told.why}).`;
    case 'refused':
      return told.status === 401 ? ROLE_FAULTS.token_refused.cure : `${told.message} (${told.status}, code ${told.code}).`;
    case 'done':
      return 'done';
  }
}

async function status({ store, discord: client }: CommandHouse, progress: Progress) {
  const { waiting, blocked, given, unlinked, faults } = await store.discord.roles.figures();
  for (const fault of faults) progress(0, 0, `${fault}: ${ROLE_FAULTS[fault].cure}`);
  const line = `${given} roles were given, ${waiting} wait, ${blocked} are blocked; ${unlinked} are of players who have linked no Discord account.`;
  return { ok: blocked === 0 && client !== null, line: client === null ? `${line} ${OFF.line}` : line };
}

async function retry({ store }: CommandHouse) {
  const woken = await store.discord.roles.retry(null);
  return { ok: true, line: `${woken} roles are asked for again.` };
}
