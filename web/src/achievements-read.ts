import { TIERS, type Tier } from '../../rules/achievements.ts';
import { ask } from './api.ts';
import { partOf, type Goal } from './goals.tsx';

export interface Achievement extends Goal {
  achievementId: string;
  name: string;
  tier: Tier;
  ap: string;
  gems: string;
  xp: string;
  progress: string;
  unlockedAt: string | null;
  /** How many players have it; null: not known now. */
  holders: number | null;
}

export interface Achievements {
  items: Achievement[];
  /** All there are; null: not known now. */
  players: number | null;
}

interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

export async function readAchievements(): Promise<Achievements> {
  const [mine, all, stats] = await Promise.all([
    everyPage<Omit<Achievement, 'holders'>>('/api/player/me/achievements'),
    everyPage<{ achievementId: string; holders: string }>('/api/achievements'),
    ask<{ players?: number }>('/api/stats', { open: true }),
  ]);
  const holders = new Map(all.map((one) => [one.achievementId, Number(one.holders)]));
  return {
    items: mine.map((one) => ({ ...one, holders: holders.get(one.achievementId) ?? null })),
    players: stats.players ?? null,
  };
}

async function everyPage<Item>(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await ask(`${path}?limit=100${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** Those unlocked first, the newest of them first; then those nearest to it. */
export function inOrder(items: readonly Achievement[]): Achievement[] {
  return items.toSorted((one, other) => {
    const [at, then] = [one.unlockedAt ?? '', other.unlockedAt ?? ''];
    if (at !== then) return at > then ? -1 : 1;
    return partOf(other) - partOf(one) || Number(one.threshold) - Number(other.threshold);
  });
}

/** Tiers with what there is in them, the easiest first. */
export const byTier = (items: readonly Achievement[]): { tier: Tier; items: Achievement[] }[] =>
  TIERS.map((tier) => ({ tier, items: inOrder(items.filter((one) => one.tier === tier)) })).filter(
    ({ items: inTier }) => inTier.length > 0,
  );
