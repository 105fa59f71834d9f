// What each slash command does: the same calls of the store as its REST route, and a few lines of text in place of JSON.
import { createHash } from 'node:crypto';
import { type CommandPath, escaped, linkOf, type Spoken, STRANGER } from '../rules/discord.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { mayDo, type Right } from '../rules/roles.ts';
import { evidenceRight } from '../rules/season.ts';
import type { House } from '../server/house.ts';
import { displayName, uuid } from './formats.ts';

export interface DiscordCall {
  house: House;
  spoken: Spoken;
  /** Who says it, by Discord's number and name for them. */
  who: { id: string; name: string };
  interactionId: string;
}

type Player = NonNullable<Awaited<ReturnType<House['store']['discord']['playerOf']>>>;

/** Throws refusals; whoever is no player, and has to be, is told how to become one. */
export async function answerTo(call: DiscordCall): Promise<string> {
  const { path } = call.spoken;
  const open = OPEN[path];
  if (open) return open(call);
  const player = await call.house.store.discord.playerOf(call.who.id);
  if (!player) return STRANGER;
  const right = RIGHT_FOR[path];
  refuseUnless(right === undefined || mayDo(player.roles, right), 'forbidden');
  if (ACTS.has(path)) await unlocked(call, player);
  return PLAYERS[path]!(call, player);
}

/** Said by anybody. */
const OPEN: Partial<Record<CommandPath, (call: DiscordCall) => Promise<string>>> = { help, register, link, leaderboard };

const PLAYERS: Partial<Record<CommandPath, (call: DiscordCall, player: Player) => Promise<string>>> = {
  submit,
  standing,
  unlock,
  verify,
  'season status': seasonStatus,
  'season start': startSeason,
  'season end': endSeason,
  pending,
  approve,
  reject,
};

const RIGHT_FOR: Partial<Record<CommandPath, Right>> = {
  unlock: 'desk',
  verify: 'players.verify',
  'season status': 'seasons.read',
  'season start': 'seasons.edit',
  'season end': 'seasons.edit',
  pending: 'seasons.review',
  approve: 'seasons.review',
  reject: 'seasons.review',
};

/** What changes something: as over REST, the second factor must have been said lately. */
const ACTS: ReadonlySet<CommandPath> = new Set(['verify', 'season start', 'season end', 'approve', 'reject']);

const NO_SESSION = '00000000-0000-0000-0000-000000000000';

async function unlocked({ house, who }: DiscordCall, { playerId }: Player): Promise<void> {
  const sessionId = (await house.store.discord.deskOf({ playerId, userId: who.id })) ?? NO_SESSION;
  await house.store.totp.admit({ playerId, sessionId }, { required: house.settings.production });
}

async function unlock({ house, spoken, who }: DiscordCall, { playerId }: Player): Promise<string> {
  const sessionId = await house.store.discord.openDesk({ playerId, userId: who.id });
  const { until } = await house.store.totp.stepUp({ playerId, sessionId }, spoken.texts.get('code')!.trim());
  return `You may act here until ${clock(until)}.`;
}

async function help({ house, who }: DiscordCall): Promise<string> {
  const player = await house.store.discord.playerOf(who.id);
  const season = await house.store.seasons.current();
  const lines = [
    player ? `You are **${escaped(player.displayName)}** here.` : STRANGER,
    season
      ? `The season **${escaped(season.name)}** is on, until ${clock(season.endsAt)}. What counts:`
      : 'There is no season on.',
    ...(season?.items ?? []).map(({ name, points }) => `• ${escaped(name)}: ${points} points`),
    '`/submit` hands something in, `/standing` is yours, `/leaderboard` everybody’s.',
    `More at ${house.settings.publicUrl}`,
  ];
  return lines.join('\n');
}

async function register({ house, who }: DiscordCall): Promise<string> {
  const { made, displayName: name } = await house.store.discord.join({ userId: who.id, name: nameFrom(who.name, house) });
  if (!made) return `You are **${escaped(name)}** already.`;
  return `Welcome, **${escaped(name)}**. An organiser verifies you before you can hand anything in. Sign in with Discord at ${house.settings.publicUrl} to see the rest.`;
}

async function link({ house, spoken, who }: DiscordCall): Promise<string> {
  const playerId = await house.store.discord.takeCode(spoken.texts.get('code')!);
  const name = nameFrom(who.name, house);
  await house.store.arrivals.linkPerson({ provider: 'discord', subject: who.id, name, spent: null }, playerId);
  const player = await house.store.discord.playerOf(who.id);
  return `This Discord account is **${escaped(player?.displayName ?? '')}** now, and may sign in as them. Was the code not from your own page? Then say so to an organiser at once.`;
}

/** What they are called there, where it is a name that may be had here. */
function nameFrom(name: string, { random }: House): string {
  const checked = displayName.safeParse(name.slice(0, 32));
  return checked.success ? checked.data : `Player ${1_000 + random.below(9_000)}`;
}

async function submit({ house, spoken, interactionId }: DiscordCall, { playerId }: Player): Promise<string> {
  const [said, evidence] = [spoken.texts.get('item')!, spoken.texts.get('evidence')!];
  refuseUnless(evidenceRight(evidence), 'malformed');
  const season = await house.store.seasons.current();
  refuseUnless(season, 'season_none');
  const item = season.items.find(({ itemId, name }) => itemId === said || name.toLowerCase() === said.toLowerCase());
  refuseUnless(item, 'item_unknown');
  const quantity = spoken.numbers.get('quantity')!;
  const what = { playerId, itemId: item.itemId, quantity, evidence, key: keyOf(interactionId) };
  const { answer } = await house.store.seasons.submitOnce(what);
  const counted = `${quantity} × ${escaped(item.name)}: ${answer.points} points`;
  return answer.state === 'approved' ? `${counted}. They count.` : `${counted}, once an organiser has approved them.`;
}

/** The interaction is its own key: however often it is worked at, it is handed in once. */
function keyOf(interactionId: string): string {
  const hex = createHash('sha256').update(`discord:${interactionId}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function standing({ house }: DiscordCall, { playerId, displayName: name }: Player): Promise<string> {
  const season = await house.store.seasons.current();
  refuseUnless(season, 'season_none');
  const { points, place, rankId, next } = await house.store.seasons.own(season.id, playerId);
  const rankName = (id: string) => escaped(season.ranks.find((rank) => rank.rankId === id)?.name ?? id);
  const waiting = await house.store.seasons.ownSubmissions(season.id, playerId, { limit: OWN_SHOWN, before: null });
  const pendingNow = waiting.filter(({ state }) => state === 'pending').length;
  const lines = [
    `**${escaped(name)}** in ${escaped(season.name)}: ${points} points${place === null ? '' : `, place ${place}`}.`,
    ...(rankId === null ? [] : [`Rank: **${rankName(rankId)}**`]),
    ...(next === null ? [] : [`Next: ${rankName(next.rankId)} at ${next.threshold} points, ${next.threshold - points} to go.`]),
    ...(pendingNow === 0 ? [] : [`${pendingNow}${pendingNow === OWN_SHOWN ? ' or more' : ''} of yours wait for a review.`]),
  ];
  return lines.join('\n');
}

const OWN_SHOWN = 50;
const PAGE = 10;

async function leaderboard({ house, spoken }: DiscordCall): Promise<string> {
  const season = await house.store.seasons.current();
  refuseUnless(season, 'season_none');
  const after = ((spoken.numbers.get('page') ?? 1) - 1) * PAGE;
  const rows = await house.store.seasons.standing(season.id, { limit: PAGE, after });
  if (rows.length === 0) return `Nobody stands ${after === 0 ? '' : 'that far down '}in ${escaped(season.name)} yet.`;
  const lines = rows.map(({ place, displayName: name, points }) => `${place}\\. ${escaped(name)}: ${points}`);
  return [`**${escaped(season.name)}**`, ...lines].join('\n');
}

async function verify({ house, spoken }: DiscordCall, { playerId: actorId }: Player): Promise<string> {
  const found = await house.store.discord.playerOf(spoken.texts.get('player')!);
  if (!found) return 'They have not registered here: they say `/register` first.';
  await house.store.players.verify(found.playerId, { actorId, reason: null });
  return `**${escaped(found.displayName)}** may take part now.`;
}

async function seasonStatus({ house }: DiscordCall): Promise<string> {
  const season = await house.store.seasons.current();
  if (!season) {
    const planned = (await plannedSeasons(house)).map(({ name, startsAt }) => `• ${escaped(name)}, from ${clock(startsAt)}`);
    return ['There is no season on. Planned:', ...(planned.length === 0 ? ['nothing'] : planned)].join('\n');
  }
  const rows = await house.store.seasons.submissions(season.id, { limit: 100, after: null, state: 'pending' });
  const leading = await house.store.seasons.standing(season.id, { limit: 1, after: 0 });
  return [
    `**${escaped(season.name)}** ${season.phase === 'running' ? `runs until ${clock(season.endsAt)}` : 'takes nothing more in, and waits for reviews'}.`,
    `${rows.length}${rows.length === 100 ? ' or more' : ''} submissions wait for a review.`,
    ...leading.map(({ displayName: name, points }) => `${escaped(name)} leads with ${points} points.`),
  ].join('\n');
}

export async function plannedSeasons({ store }: House) {
  const seasons = await store.seasons.list({ limit: 25, before: null, drafts: true });
  return seasons.filter(({ state }) => state === 'draft' || state === 'scheduled');
}

async function startSeason({ house, spoken }: DiscordCall, { playerId }: Player): Promise<string> {
  const seasonId = idFrom(spoken.texts.get('season')!);
  const season = await house.store.seasons.one(seasonId);
  refuseUnless(season, 'not_found');
  const state = await house.store.seasons.start(seasonId, playerId);
  const name = escaped(season.name);
  return state === 'current' ? `**${name}** is on.` : `**${name}** starts by itself, ${clock(season.startsAt)}.`;
}

async function endSeason({ house, spoken }: DiscordCall, { playerId }: Player): Promise<string> {
  const season = await house.store.seasons.current();
  refuseUnless(season, 'season_none');
  if (spoken.texts.get('name')!.trim().toLowerCase() !== season.name.toLowerCase())
    return `The season that is on is called **${escaped(season.name)}**. Say its name to end it.`;
  await house.store.seasons.end(season.id, playerId);
  return `**${escaped(season.name)}** has ended, and nothing in it changes any more.`;
}

async function pending({ house }: DiscordCall): Promise<string> {
  const season = await house.store.seasons.current();
  refuseUnless(season, 'season_none');
  const rows = await house.store.seasons.submissions(season.id, { limit: PAGE, after: null, state: 'pending' });
  if (rows.length === 0) return 'Nothing waits.';
  const names = new Map(season.items.map(({ itemId, name }) => [itemId, name]));
  return rows
    .map(({ id, displayName: name, itemId, quantity, points, evidence }) => {
      const what = `${quantity} × ${escaped(names.get(itemId) ?? itemId)}`;
      return `• ${escaped(name)}: ${what}, ${points} points ${linkOf(evidence)}\n  \`${id}\``;
    })
    .join('\n');
}

async function approve({ house, spoken }: DiscordCall, { playerId }: Player): Promise<string> {
  const submissionId = idFrom(spoken.texts.get('submission')!);
  const { points } = await house.store.seasons.review({ submissionId, verdict: 'approve', reason: null, actorId: playerId });
  return `Approved: ${points} points.`;
}

async function reject({ house, spoken }: DiscordCall, { playerId }: Player): Promise<string> {
  const reason = spoken.texts.get('reason')!.trim();
  refuseUnless(reason !== '', 'malformed');
  const submissionId = idFrom(spoken.texts.get('submission')!);
  await house.store.seasons.review({ submissionId, verdict: 'reject', reason, actorId: playerId });
  return `Rejected: ${escaped(reason, 500)}`;
}

/** What a suggestion stands for; whoever types a name instead has picked nothing. */
function idFrom(said: string): string {
  const parsed = uuid.safeParse(said.trim().toLowerCase());
  if (!parsed.success) throw new Refusal('not_found');
  return parsed.data;
}

/** Discord shows it in everyone's own time. */
const clock = (at: Date): string => `<t:${Math.floor(at.getTime() / 1_000)}:f>`;
