import type { GearRoll } from './equipment.ts';
import { refuseUnless } from './refusal.ts';

/** Something to own, as loot and the shop give it. A piece of gear comes one by one, under its own kind. */
export interface Thing {
  item: string;
  quantity: number;
  gear: GearRoll | null;
}

/** Each piece of gear takes one, worn or not; so does each kind of stack, however high. */
export const PLACES = 100;
export const STACK_MAX = 9_999;

/** What an inventory holds as far as room matters. */
export interface Held {
  gear: number;
  stacks: ReadonlyMap<string, number>;
}

/** Refuses `inventory_full` where the things do not all fit. */
export function refuseOverfull({ gear, stacks }: Held, things: readonly Thing[]): void {
  const after = new Map(stacks);
  let pieces = gear;
  for (const { item, quantity, gear: rolled } of things) {
    if (rolled) pieces += quantity;
    else after.set(item, (after.get(item) ?? 0) + quantity);
  }
  refuseUnless(pieces + after.size <= PLACES, 'inventory_full');
  for (const [item, quantity] of after) refuseUnless(quantity <= STACK_MAX || quantity === stacks.get(item), 'inventory_full');
}
