// Quests as data: what is to be done within a day or a week of the player's own clock. Three at a time of each; which three,
// the period and the player decide.
import { type Goal, goalFrom, wholeFrom } from './counters.ts';
import { firstDay, type Span } from './daily.ts';

export const QUEST_PERIODS = ['daily', 'weekly'] as const;
export type QuestPeriod = (typeof QUEST_PERIODS)[number];

export interface QuestTerms {
  questId: string;
  name: string;
  period: QuestPeriod;
  coins: bigint;
  gems: bigint;
  xp: bigint;
}

export interface Quest extends Goal, QuestTerms {}

export const QUESTS_AT_A_TIME = 3;

const DAILY: readonly Quest[] = [
  quest('daily-rounds', 'Play 5 rounds', { counter: 'rounds', threshold: 5n, coins: 60n, gems: 0n, xp: 20n }),
  quest('daily-fight', 'Fight 2 battles to their end', {
    counter: 'battles_fought',
    threshold: 2n,
    coins: 60n,
    gems: 0n,
    xp: 30n,
  }),
  quest('daily-win', 'Win a battle', { counter: 'battles', threshold: 1n, coins: 80n, gems: 0n, xp: 40n }),
  quest('daily-enemies', 'Defeat 20 enemies', { counter: 'enemies', threshold: 20n, coins: 80n, gems: 0n, xp: 40n }),
  quest('daily-xp', 'Earn 150 XP', { counter: 'xp', threshold: 150n, coins: 60n, gems: 1n, xp: 0n }),
  quest('daily-check-in', 'Check in', { counter: 'check_ins', threshold: 1n, coins: 30n, gems: 0n, xp: 10n }),
  quest('daily-feed', 'Feed your pets twice', { counter: 'pets_fed', threshold: 2n, coins: 60n, gems: 0n, xp: 20n }),
  quest('daily-shop', 'Buy something in the shop', { counter: 'items_bought', threshold: 1n, coins: 40n, gems: 1n, xp: 10n }),
];

const WEEKLY: readonly Quest[] = [
  quest('weekly-rounds', 'Play 50 rounds', { counter: 'rounds', threshold: 50n, coins: 400n, gems: 2n, xp: 120n }),
  quest('weekly-fight', 'Fight 12 battles to their end', {
    counter: 'battles_fought',
    threshold: 12n,
    coins: 400n,
    gems: 2n,
    xp: 150n,
  }),
  quest('weekly-win', 'Win 6 battles', { counter: 'battles', threshold: 6n, coins: 500n, gems: 3n, xp: 200n }),
  quest('weekly-boss', 'Defeat a boss', { counter: 'bosses', threshold: 1n, coins: 500n, gems: 5n, xp: 200n }),
  quest('weekly-enemies', 'Defeat 120 enemies', { counter: 'enemies', threshold: 120n, coins: 500n, gems: 3n, xp: 200n }),
  quest('weekly-xp', 'Earn 1,200 XP', { counter: 'xp', threshold: 1_200n, coins: 400n, gems: 4n, xp: 0n }),
  quest('weekly-check-in', 'Check in on 5 days', { counter: 'check_ins', threshold: 5n, coins: 300n, gems: 3n, xp: 100n }),
  quest('weekly-feed', 'Feed your pets 10 times', { counter: 'pets_fed', threshold: 10n, coins: 300n, gems: 2n, xp: 100n }),
];

export const QUESTS: readonly Quest[] = [...DAILY, ...WEEKLY];

function quest(questId: string, name: string, terms: Omit<Quest, 'questId' | 'name' | 'period' | 'measure'>): Quest {
  return { questId, name, period: questId.startsWith('weekly-') ? 'weekly' : 'daily', measure: 'sum', ...terms };
}

export const spanOf = (period: QuestPeriod): Span => (period === 'daily' ? 1 : 7);

/** The period that a date lies in, by its first day. */
export const periodOf = (period: QuestPeriod, day: string): string => firstDay(day, spanOf(period));

/**
 * A player's quests of a period: those `kept` (done already, whatever has become of their rows), then the others in an order
 * of the player's own, each with a counter of its own while there are enough.
 */
export function questsOf(
  all: readonly Quest[],
  { playerId, period, first, kept }: { playerId: string; period: QuestPeriod; first: string; kept: readonly string[] },
): Quest[] {
  const ranked = all
    .filter((one) => one.period === period && !kept.includes(one.questId))
    .map((one) => ({ one, rank: rankOf(`${playerId}:${first}:${one.questId}`) }))
    .toSorted((left, right) => left.rank - right.rank || (left.one.questId < right.one.questId ? -1 : 1))
    .map(({ one }) => one);
  const places = Math.max(QUESTS_AT_A_TIME - kept.length, 0);
  const counters = new Set(all.filter(({ questId }) => kept.includes(questId)).map(({ counter }) => counter));
  const [fresh, others]: [Quest[], Quest[]] = [[], []];
  for (const one of ranked) {
    (counters.has(one.counter) ? others : fresh).push(one);
    counters.add(one.counter);
  }
  return [...fresh, ...others].slice(0, places);
}

/** FNV-1a with a last mixing: spreads quests over players. Nothing of value hangs on it. */
function rankOf(words: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < words.length; index++) hash = Math.imul(hash ^ words.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

const COINS_MAX = 100_000n;
const GEMS_MAX = 1_000n;
const XP_MAX = 10_000n;

/** A row as a quest. Null: it is none, it brings nothing, or an operator has retired it; nothing else stops for it. */
export function questFrom(questId: string, data: unknown): Quest | null {
  if (typeof data !== 'object' || data === null) return null;
  const row = data as Record<string, unknown>;
  const goal = goalFrom(row);
  const period = QUEST_PERIODS.find((known) => known === row.period);
  const [coins, gems, xp] = [
    wholeFrom(row.coins ?? 0, { from: 0n, to: COINS_MAX }),
    wholeFrom(row.gems ?? 0, { from: 0n, to: GEMS_MAX }),
    wholeFrom(row.xp ?? 0, { from: 0n, to: XP_MAX }),
  ];
  if (!goal || !period || coins === null || gems === null || xp === null || coins + gems + xp === 0n) return null;
  if (typeof row.name !== 'string' || row.name === '' || row.retired === true) return null;
  return { questId, name: row.name, period, ...goal, coins, gems, xp };
}
