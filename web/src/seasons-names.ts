import { itemById } from '../../rules/items.ts';

/** What the shop and the bag call it. */
export const nameOfItem = (item: string): string => itemById(item)?.name ?? item.replaceAll('_', ' ');
