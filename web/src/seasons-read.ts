import { ask } from './api.ts';
import { nameOfItem } from './seasons-names.ts';
import { digits, worded } from './money.ts';

export interface SeasonSummary {
  id: string;
  name: string;
  phase: 'scheduled' | 'running' | 'review' | 'ended' | 'draft';
  startsAt: string;
  endsAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

export interface SeasonItem {
  itemId: string;
  name: string;
  points: string;
  quantityMax: number;
  automatic: boolean;
}

export type Prize =
  | { kind: 'currency'; currency: string; amount: string }
  | { kind: 'item'; item: string; quantity: number }
  | { kind: 'discord_role'; roleId: string; name: string };

export interface Rank {
  rankId: string;
  name: string;
  threshold: string;
  prizes: Prize[];
}

export interface Season extends SeasonSummary {
  items: SeasonItem[];
  ranks: Rank[];
}

export interface OwnStanding {
  seasonId: string;
  points: string;
  place: number | null;
  rankId: string | null;
  next: { rankId: string; threshold: string } | null;
  prizes: { rankId: string; prizes: Prize[]; at: string }[];
}

export interface Place {
  place: number;
  playerId: string;
  displayName: string;
  points: string;
  rankId: string | null;
}

export interface Submission {
  id: string;
  itemId: string;
  quantity: number;
  evidence: string;
  points: string;
  state: 'pending' | 'approved' | 'rejected' | 'lapsed';
  reason: string | null;
  madeAt: string;
}

export type SeasonRead = { season: Season; own: OwnStanding } | { season: null };

/** A season by its id, or `current`: the one that is on, if any. */
export async function readSeason(which: string): Promise<SeasonRead> {
  const id = which === 'current' ? await currentId() : which;
  if (id === null) return { season: null };
  const [season, own] = await Promise.all([ask<Season>(`/api/seasons/${id}`), ask<OwnStanding>(`/api/seasons/${id}/me`)]);
  return { season, own };
}

/** From the list, where that none is on is no refusal. */
async function currentId(): Promise<string | null> {
  const { items } = await ask<{ items: SeasonSummary[] }>('/api/seasons?limit=100');
  return items.find(({ phase }) => phase === 'running' || phase === 'review')?.id ?? null;
}

export function prizeWords(prize: Prize): string {
  if (prize.kind === 'currency') return worded(prize);
  if (prize.kind === 'discord_role') return `the role “${prize.name}” on Discord`;
  return `${digits(String(prize.quantity))} × ${nameOfItem(prize.item)}`;
}
