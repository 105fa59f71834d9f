import { useRef, useState } from 'preact/hooks';
import { SLOTS, type Slot } from '../../rules/equipment.ts';
import { byWorth, type Inventory, isPiece, isWorn, type Owned, type Piece, SLOT_NAMES } from './gear.ts';
import { InventoryRow } from './inventory-row.tsx';
import { Selling } from './inventory-sell.tsx';
import { hrefOf } from './route.ts';
import { useKeptFocus } from './kept-focus.ts';

/** Which part of what is owned is shown. */
export type Shelf = 'all' | 'gear' | 'drinks' | 'finds' | Slot;

interface BagProps {
  inventory: Inventory;
  worn: ReadonlyMap<Slot, Piece>;
  shelf: Shelf;
  choose: (shelf: Shelf) => void;
  look: (piece: Piece | null) => void;
  level: number;
  changed: () => void;
}

export function Bag({ inventory, worn, shelf, choose, look, level, changed }: BagProps) {
  const list = useRef<HTMLUListElement>(null);
  useKeptFocus(list);
  const [selling, setSelling] = useState<Owned | null>(null);
  const shown = inventory.items.filter((owned) => isOn(owned, shelf)).sort(byWorth);
  return (
    <section class="bag" aria-label="What you own">
      <Shelves inventory={inventory} shelf={shelf} choose={choose} />
      {shown.length === 0 && <Bare shelf={shelf} nothing={inventory.items.length === 0} />}
      <ul class="things" ref={list} tabIndex={-1} aria-label={shelf === 'all' ? 'Everything' : NAMES[shelf]}>
        {shown.map((owned) => (
          <InventoryRow
            key={owned.itemId}
            owned={owned}
            worn={worn}
            level={level}
            look={look}
            changed={changed}
            sell={() => setSelling(owned)}
          />
        ))}
      </ul>
      {selling !== null && <Selling owned={selling} onClose={() => setSelling(null)} changed={changed} />}
    </section>
  );
}

/** What is worn stands first where a slot was chosen, and with the doll otherwise. */
function isOn(owned: Owned, shelf: Shelf): boolean {
  if ((SLOTS as readonly string[]).includes(shelf)) return owned.gear?.goesIn === shelf;
  if (isWorn(owned)) return false;
  if (shelf === 'all') return true;
  const isDrink = owned.potion !== null || owned.elixir !== null;
  return shelf === 'gear' ? isPiece(owned) : shelf === 'drinks' ? isDrink : !isPiece(owned) && !isDrink;
}

const NAMES: Record<Shelf, string> = { all: 'All', gear: 'Gear', drinks: 'Drinks', finds: 'Finds', ...SLOT_NAMES };

function Shelves({ inventory, shelf, choose }: Pick<BagProps, 'inventory' | 'shelf' | 'choose'>) {
  const ofSlot = (SLOTS as readonly string[]).includes(shelf);
  const shelves: Shelf[] = ['all', 'gear', 'drinks', 'finds'];
  return (
    <div class="tabs shelves" role="group" aria-label="Show">
      {shelves.map((one) => (
        <button key={one} type="button" class="chip" aria-pressed={shelf === one} onClick={() => choose(one)}>
          {NAMES[one]} <span class="quiet">{inventory.items.filter((owned) => isOn(owned, one)).length}</span>
        </button>
      ))}
      {ofSlot && (
        <button
          type="button"
          class="chip"
          aria-pressed="true"
          aria-label={`${NAMES[shelf]}: show all again`}
          onClick={() => choose('all')}
        >
          {NAMES[shelf]} ✕
        </button>
      )}
    </div>
  );
}

function Bare({ shelf, nothing }: { shelf: Shelf; nothing: boolean }) {
  return (
    <div class="bare">
      <p>
        {nothing
          ? 'Your bag is empty.'
          : shelf === 'all'
            ? 'Your bag is empty: you wear all you have.'
            : `No ${NAMES[shelf].toLowerCase()} here yet.`}
      </p>
      <p class="quiet">Battles leave things behind, and the shop has the rest.</p>
      <div class="row">
        <a class="button" href={hrefOf('battle')}>
          To battle
        </a>
        <a class="button" href={hrefOf('shop')}>
          To the shop
        </a>
      </div>
    </div>
  );
}
