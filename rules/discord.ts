// Discord's slash commands as data, what somebody said with one, and what they are told. Names are Discord's own wire format:
// https://discord.com/developers/docs/interactions/application-commands
import type { RefusalCode } from './refusal.ts';

/** Types of options that are used here. */
export const OPTION = { subCommand: 1, string: 3, integer: 4, user: 6 } as const;
/** Types of interactions. */
export const INTERACTION = { ping: 1, command: 2, autocomplete: 4 } as const;
/** Types of answers to them. */
export const ANSWER = { pong: 1, message: 4, deferred: 5, choices: 8 } as const;

export interface CommandOption {
  type: (typeof OPTION)[keyof typeof OPTION];
  name: string;
  description: string;
  required?: boolean;
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
  autocomplete?: boolean;
  options?: readonly CommandOption[];
}

export interface CommandShape {
  name: string;
  /** 1: typed after a slash. */
  type: 1;
  description: string;
  options: readonly CommandOption[];
  /** Bits of Discord's permissions; `0`: shown to a server's administrators alone. Who may is decided here all the same. */
  default_member_permissions: string | null;
  /** 0: a server, 1: a talk with the bot. */
  contexts: readonly number[];
  /** 0: installed by a server. */
  integration_types: readonly number[];
}

const QUANTITY_MAX = 10_000;
const PAGES_MAX = 100;

const command = (name: string, description: string, options: readonly CommandOption[] = [], staff = false): CommandShape => ({
  name,
  type: 1,
  description,
  options,
  default_member_permissions: staff ? '0' : null,
  contexts: [0, 1],
  integration_types: [0],
});

const text = (name: string, description: string, { min_length = 1, max_length = 100 } = {}): CommandOption => ({
  type: OPTION.string,
  name,
  description,
  required: true,
  min_length,
  max_length,
});

const chosen = (name: string, description: string): CommandOption => ({ ...text(name, description), autocomplete: true });

const whole = (name: string, description: string, range: { min_value: number; max_value: number }): CommandOption => ({
  type: OPTION.integer,
  name,
  description,
  ...range,
});

const sub = (name: string, description: string, options: readonly CommandOption[] = []): CommandOption => ({
  type: OPTION.subCommand,
  name,
  description,
  options,
});

export const COMMANDS: readonly CommandShape[] = [
  command('help', 'What can be said here'),
  command('register', 'Become a player, by this Discord account'),
  command('link', 'Make this Discord account the one of a player you have already', [
    text('code', 'The code your page shows: good once, for ten minutes', { max_length: 32 }),
  ]),
  command('submit', 'Hand something in to the season', [
    chosen('item', 'What it is'),
    { ...whole('quantity', 'How many', { min_value: 1, max_value: QUANTITY_MAX }), required: true },
    text('evidence', 'An https link that shows it', { max_length: 500 }),
  ]),
  command('standing', 'How you stand in the season'),
  command('leaderboard', 'Who stands where in the season', [whole('page', 'Ten a page', { min_value: 1, max_value: PAGES_MAX })]),
  command(
    'unlock',
    'Staff: say a code of your second factor, good here for fifteen minutes',
    [text('code', 'Six digits of now, or a recovery code', { min_length: 6, max_length: 40 })],
    true,
  ),
  command(
    'verify',
    'Staff: let a player take part in seasons',
    [{ type: OPTION.user, name: 'player', description: 'Who has registered here', required: true }],
    true,
  ),
  command(
    'season',
    'Staff: look at the season, start one, end it',
    [
      sub('status', 'What is on, and what waits'),
      sub('start', 'Start a season that was planned', [chosen('season', 'Which')]),
      sub('end', 'End the season for good: what waits for a review lapses', [text('name', 'Its name, to be sure')]),
    ],
    true,
  ),
  command('pending', 'Staff: what waits for a review, oldest first', [], true),
  command('approve', 'Staff: approve what was handed in', [chosen('submission', 'Which')], true),
  command(
    'reject',
    'Staff: reject what was handed in',
    [chosen('submission', 'Which'), text('reason', 'Why; the player is told', { max_length: 500 })],
    true,
  ),
];

/** A command with its sub-command: what is looked up by it does something. */
export const COMMAND_PATHS = [
  'help',
  'register',
  'link',
  'submit',
  'standing',
  'leaderboard',
  'unlock',
  'verify',
  'season status',
  'season start',
  'season end',
  'pending',
  'approve',
  'reject',
] as const;
export type CommandPath = (typeof COMMAND_PATHS)[number];

/** An option as it arrives. */
export interface SaidOption {
  name: string;
  type: number;
  value?: unknown;
  focused?: boolean;
  options?: readonly SaidOption[];
}

export interface Said {
  name: string;
  options: readonly SaidOption[];
}

export interface Spoken {
  path: CommandPath;
  texts: ReadonlyMap<string, string>;
  numbers: ReadonlyMap<string, number>;
}

/** What somebody said, or null where it is no command of ours, or one with other options: theirs is out of date. */
export function readCommand({ name, options }: Said): Spoken | null {
  const found = findCommand(name, options);
  if (found === null) return null;
  const [texts, numbers] = [new Map<string, string>(), new Map<string, number>()];
  for (const { name: optionName, type, value } of found.said) {
    const declared = found.options.find((option) => option.name === optionName && option.type === type);
    if (declared === undefined || texts.has(optionName) || numbers.has(optionName)) return null;
    if (declared.type === OPTION.integer) {
      if (!inRange(declared, value)) return null;
      numbers.set(optionName, value);
    } else {
      if (!inLength(declared, value)) return null;
      texts.set(optionName, value);
    }
  }
  const missing = found.options.some((option) => option.required && !texts.has(option.name) && !numbers.has(option.name));
  return missing ? null : { path: found.path, texts, numbers };
}

export interface Completing {
  path: CommandPath;
  option: string;
  /** As far as they have typed. */
  typed: string;
}

/** What somebody is typing, where it is an option that suggests something. */
export function readCompleting({ name, options }: Said): Completing | null {
  const found = findCommand(name, options);
  const focused = found?.said.find((option) => option.focused);
  const declared = found?.options.find((option) => option.name === focused?.name);
  if (!found || !focused || !declared?.autocomplete) return null;
  const typed = typeof focused.value === 'string' ? focused.value.slice(0, TYPED_MAX) : '';
  return { path: found.path, option: focused.name, typed };
}

const TYPED_MAX = 100;

function findCommand(name: string, said: readonly SaidOption[]) {
  const shape = COMMANDS.find((one) => one.name === name);
  if (!shape) return null;
  const subs = shape.options.filter(({ type }) => type === OPTION.subCommand);
  if (subs.length === 0) return { path: name as CommandPath, options: shape.options, said };
  const [only, ...more] = said;
  const picked = subs.find((one) => one.name === only?.name && only.type === OPTION.subCommand);
  if (!picked || more.length > 0) return null;
  return { path: `${name} ${picked.name}` as CommandPath, options: picked.options ?? [], said: only!.options ?? [] };
}

const inRange = ({ min_value = -Infinity, max_value = Infinity }: CommandOption, value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= min_value && (value as number) <= max_value;

function inLength({ type, min_length = 0, max_length = 6_000 }: CommandOption, value: unknown): value is string {
  if (typeof value !== 'string') return false;
  return type === OPTION.user ? SNOWFLAKE.test(value) : value.length >= min_length && value.length <= max_length;
}

/** Discord's ids: numbers too large for JSON's, as text. */
export const SNOWFLAKE = /^[1-9]\d{0,19}$/;

/** A signature older or newer than this is refused: whoever kept an interaction cannot send it again later. */
export const INTERACTION_AGE_MS_MAX = 300_000;

export const interactionFresh = (atMs: number, nowMs: number): boolean => Math.abs(nowMs - atMs) <= INTERACTION_AGE_MS_MAX;

/** How long Discord takes an answer to an interaction. */
export const TOKEN_MS = 15 * 60_000;
/** What one Discord account may say in a minute. */
export const SAID_A_MINUTE_MAX = 30;

const CONTENT_MAX = 2_000;
const EPHEMERAL = 64;
const CHOICES_MAX = 25;
const CHOICE_MAX = 100;
/** Nobody is called by what somebody else wrote. */
const NOBODY = { parse: [] };

/** For their eyes alone, as everything here is. */
export const messageOf = (content: string) => ({
  type: ANSWER.message,
  data: { content: bounded(content), flags: EPHEMERAL, allowed_mentions: NOBODY },
});

export const deferredOf = () => ({ type: ANSWER.deferred, data: { flags: EPHEMERAL } });

/** The same as a message, where it comes after a deferral. */
export const editOf = (content: string) => ({ content: bounded(content), allowed_mentions: NOBODY });

export const choicesOf = (choices: readonly { name: string; value: string }[]) => ({
  type: ANSWER.choices,
  data: { choices: choices.slice(0, CHOICES_MAX).map(({ name, value }) => ({ name: cut(name, CHOICE_MAX), value })) },
});

/** Whole lines, as many as a message takes. */
function bounded(content: string): string {
  if (content.length <= CONTENT_MAX) return content;
  const kept = content.slice(0, CONTENT_MAX - 2);
  const end = kept.lastIndexOf('\n');
  return `${end > 0 ? kept.slice(0, end) : cut(kept, CONTENT_MAX - 2)}\n…`;
}

/** Never half of a character. */
const cut = (content: string, most: number): string =>
  content.length <= most ? content : `${content.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;

/** What somebody wrote, so that it looks as they wrote it: no bold, no link, no mention, no line of its own. */
export const escaped = (words: string, most = 100): string =>
  cut(words.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' '), most).replaceAll(/[\\`*_~|<>@#:[\]()]/g, '\\$&');

/** A link without its picture. It was checked when it was handed in. */
export const linkOf = (url: string): string => `<${url.replaceAll('>', '%3E').replaceAll('<', '%3C')}>`;

const SORRY: Partial<Record<RefusalCode, string>> = {
  season_none: 'There is no season on.',
  season_closed: 'The season is over: nothing more is taken in.',
  season_open: 'A season is on, or this one has been.',
  season_frozen: 'That season has ended: nothing in it changes any more.',
  submission_decided: 'That was decided before.',
  player_unverified: 'An organiser has to verify you first. Ask one.',
  item_unknown: 'That does not count in this season.',
  amount_invalid: 'That is more of it than one submission may hold.',
  limit_reached: 'Too much of yours waits for a review. Come back when some of it is decided.',
  malformed: 'That is not right. Evidence is an https link without a password in it.',
  link_invalid: 'That code is none, or it is too old. Your page makes a new one.',
  identity_taken: 'This Discord account, or that player, is linked to another already.',
  account_banned: 'This account is closed.',
  forbidden: 'That is not yours to do.',
  not_found: 'There is none such.',
  rate_limited: 'That was a lot at once. Wait a minute.',
  request_running: 'That is being done already.',
  totp_required: 'Set up a second factor first, at the operators’ desk.',
  step_up_required: 'Say `/unlock` with a code of your second factor first.',
  code_wrong: 'That code is wrong, or was used before.',
  account_locked: 'That were too many wrong codes. Wait a while.',
  unavailable: 'That is not to be had now. Try again later.',
};

/** A refusal in words. */
export const sorryFor = (code: RefusalCode): string => SORRY[code] ?? `That was refused: ${code.replaceAll('_', ' ')}.`;

export const NOT_KNOWN = 'There is no such command here, or it has changed. Reload Discord and look again.';
export const STRANGER = 'You are no player here yet. `/register` makes you one, or `/link` with a code from your page.';
export const BROKEN = 'Something went wrong here, and was written down. Try again later.';
export const UNFINISHED = 'This was not finished. Look at `/standing` before you say it again.';
