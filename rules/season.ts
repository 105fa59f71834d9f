// A season: a span of time in which what players hand in earns points, and points earn ranks with their prizes.
import { CURRENCIES, type Currency, isCurrency } from './currency.ts';
import { itemById } from './items.ts';

/** `scheduled` starts by the clock; `current`: the one that is on; `ended`: frozen. */
export const SEASON_STATES = ['draft', 'scheduled', 'current', 'ended'] as const;
export type SeasonState = (typeof SEASON_STATES)[number];

/** As people see it: after its end a season takes nothing more in, and what waits may still be reviewed for a while. */
export const PHASES = ['draft', 'scheduled', 'running', 'review', 'ended'] as const;
export type Phase = (typeof PHASES)[number];

export type Prize =
  | { kind: 'currency'; currency: Currency; amount: bigint }
  | { kind: 'item'; item: string; quantity: number }
  /** `roleId`: Discord's own number for it. */
  | { kind: 'discord_role'; roleId: string; name: string };

export interface SeasonItem {
  itemId: string;
  name: string;
  /** For one of it. */
  points: bigint;
  /** Of it in one submission. */
  quantityMax: number;
  /** Counts at once, without a review. */
  automatic: boolean;
}

export interface SeasonRank {
  rankId: string;
  name: string;
  /** Points at which it is reached. */
  threshold: bigint;
  prizes: readonly Prize[];
}

export interface SeasonPlan {
  name: string;
  startsAt: Date;
  endsAt: Date;
  items: readonly SeasonItem[];
  ranks: readonly SeasonRank[];
}

export const SUBMISSION_STATES = ['pending', 'approved', 'rejected', 'lapsed'] as const;
export type SubmissionState = (typeof SUBMISSION_STATES)[number];

export const ITEMS_MAX = 200;
export const RANKS_MAX = 30;
export const PRIZES_MAX = 10;
export const ITEM_POINTS_MAX = 1_000_000n;
export const QUANTITY_MAX = 10_000;
export const THRESHOLD_MAX = 1_000_000_000_000n;
/** Submissions of one player that wait for a review. */
export const PENDING_MAX = 50;
/** After its end a season waits so long for reviews, then it is frozen by itself; an operator may do so before. */
export const REVIEW_MS = 72 * 3_600_000;
export const EVIDENCE_MAX = 500;
const SEASON_MS_MAX = 400 * 86_400_000;
const PRIZE_AMOUNT_MAX = 1_000_000_000n;

export function phaseOf({ state, endsAt }: { state: SeasonState; endsAt: Date }, now: Date): Phase {
  if (state !== 'current') return state;
  return now < endsAt ? 'running' : 'review';
}

export const pointsOf = ({ points }: Pick<SeasonItem, 'points'>, quantity: number): bigint => points * BigInt(quantity);

/** Ranks reached with so many points, the lowest first. */
export const ranksReached = <Rank extends { threshold: bigint }>(ranks: readonly Rank[], points: bigint): Rank[] =>
  ranks.filter(({ threshold }) => threshold <= points).toSorted((one, other) => (one.threshold < other.threshold ? -1 : 1));

/** What is wrong with a plan, in words for an operator; empty: nothing. */
export function planFaults({ startsAt, endsAt, items, ranks }: SeasonPlan): string[] {
  const faults: string[] = [];
  const length = endsAt.getTime() - startsAt.getTime();
  if (length <= 0) faults.push('endsAt: lies after startsAt');
  if (length > SEASON_MS_MAX) faults.push('endsAt: at most 400 days after startsAt');
  if (twice(items.map(({ itemId }) => itemId))) faults.push('items: one of them is there twice');
  if (twice(ranks.map(({ rankId }) => rankId))) faults.push('ranks: one of them is there twice');
  if (twice(ranks.map(({ threshold }) => String(threshold)))) faults.push('ranks: two are reached with the same points');
  for (const { rankId, prizes } of ranks)
    for (const prize of prizes) if (!prizeRight(prize)) faults.push(`ranks.${rankId}: a prize nobody can give`);
  return faults;
}

const twice = (words: readonly string[]): boolean => new Set(words).size < words.length;

/** Real money is never a prize: it comes from players alone. */
function prizeRight(prize: Prize): boolean {
  if (prize.kind === 'discord_role') return true;
  if (prize.kind === 'item') return itemById(prize.item) !== null;
  const { currency, amount } = prize;
  return isCurrency(currency) && CURRENCIES[currency].kind === 'play' && amount > 0n && amount <= PRIZE_AMOUNT_MAX;
}

/** A link to what shows that it is so: https, to a name, without a password in it. */
export function evidenceRight(link: string): boolean {
  if (link.length > EVIDENCE_MAX || !/^https:\/\/[\x21-\x7e]+$/.test(link) || !URL.canParse(link)) return false;
  const { protocol, hostname, username, password } = new URL(link);
  return protocol === 'https:' && username + password === '' && /^[a-z\d-]+(\.[a-z\d-]+)*\.[a-z][a-z\d-]+$/.test(hostname);
}
