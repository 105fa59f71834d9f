// Seasons as the house tells operators of them.
import { worded } from '../parts.tsx';

export type Prize =
  | { kind: 'currency'; currency: string; amount: string }
  | { kind: 'item'; item: string; quantity: number }
  | { kind: 'discord_role'; roleId: string; name: string };

export interface SeasonSummary {
  id: string;
  name: string;
  phase: string;
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

export interface SeasonRank {
  rankId: string;
  name: string;
  threshold: string;
  prizes: Prize[];
}

export interface Season extends SeasonSummary {
  items: SeasonItem[];
  ranks: SeasonRank[];
}

export interface Submission {
  id: string;
  seasonId: string;
  playerId: string;
  displayName: string;
  itemId: string;
  quantity: number;
  evidence: string;
  points: string;
  state: string;
  reason: string | null;
  madeAt: string;
}

export function prizeWords(prize: Prize): string {
  if (prize.kind === 'currency') return `${worded(prize.amount, prize.currency)} ${prize.currency}`;
  if (prize.kind === 'item') return `${prize.quantity} × ${prize.item}`;
  return `Discord role ${prize.name}`;
}
