// The potions a fighter has along: their own first, then the house's at a price.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ITEMS } from '../../rules/items.ts';
import { freshKey } from './api.ts';
import type { BattleState } from './battle-view.ts';
import { readInventory } from './gear.ts';
import { refreshMe } from './me.ts';
import type { Seat } from './seat.ts';
import { codeOf } from './words.ts';

export const POTIONS = ITEMS.flatMap(({ itemId, name, potion }) => (potion === null ? [] : [{ itemId, name, potion }]));

export interface Satchel {
  /** Of one's own; 0 also where that is not known. */
  ownOf: (itemId: string) => number;
  drink: (itemId: string) => Promise<void>;
}

/** Read as the fight begins; each use says what is left. */
export function useSatchel(seat: Seat<BattleState>): Satchel {
  const [own, setOwn] = useState<Record<string, number>>({});
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    readInventory().then(
      ({ items }) => {
        const stacks = items.filter(({ kind }) => kind === 'stack').map(({ itemId, quantity }) => [itemId, quantity] as const);
        if (here.current) setOwn(Object.fromEntries(stacks));
      },
      (error: unknown) => void codeOf(error),
    );
    return () => void (here.current = false);
  }, []);
  return {
    ownOf: (itemId) => own[itemId] ?? 0,
    async drink(itemId) {
      const { left } = await seat.ask<{ left: number | null }>('use', { itemId, requestId: freshKey() });
      setOwn((known) => ({ ...known, [itemId]: left ?? 0 }));
      if (left === null) refreshMe();
    },
  };
}
