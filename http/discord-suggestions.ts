// What Discord suggests while somebody types: items of the season, and for organisers what there is to start and to decide.
import type { Completing } from '../rules/discord.ts';
import { mayDo } from '../rules/roles.ts';
import type { House } from '../server/house.ts';
import { plannedSeasons } from './discord-commands.ts';

export interface Suggestion {
  name: string;
  value: string;
}

/** Of the pending, so many of the oldest are looked through. */
const LOOKED_THROUGH = 100;

export async function suggest(house: House, { option, typed }: Completing, userId: string): Promise<Suggestion[]> {
  const all = await suggestionsFor(house, option, userId);
  const wanted = typed.toLowerCase();
  return all.filter(({ name, value }) => name.toLowerCase().includes(wanted) || value === wanted);
}

async function suggestionsFor(house: House, option: string, userId: string): Promise<Suggestion[]> {
  const season = await house.store.seasons.current();
  if (option === 'item')
    return (season?.items ?? []).map(({ itemId, name, points }) => ({ name: `${name} (${points} points)`, value: itemId }));
  const player = await house.store.discord.playerOf(userId);
  if (option === 'season') {
    if (!player || !mayDo(player.roles, 'seasons.edit')) return [];
    return (await plannedSeasons(house)).map(({ id, name }) => ({ name, value: id }));
  }
  if (!player || !season || !mayDo(player.roles, 'seasons.review')) return [];
  const names = new Map(season.items.map(({ itemId, name }) => [itemId, name]));
  const wanted = { limit: LOOKED_THROUGH, after: null, state: 'pending' } as const;
  const rows = await house.store.seasons.submissions(season.id, wanted);
  return rows.map(({ id, displayName, itemId, quantity, points }) => ({
    name: `${displayName}: ${quantity} × ${names.get(itemId) ?? itemId} (${points} points)`,
    value: id,
  }));
}
