import type { Slot } from '../../rules/equipment.ts';
import { type Piece, SLOT_NAMES } from './gear.ts';
import { SlotMark } from './gear-marks.tsx';
import { Badge } from './gear-parts.tsx';

interface DollProps {
  worn: ReadonlyMap<Slot, Piece>;
  /** The slot whose pieces are being shown beside it, if one is. */
  chosen: string;
  choose: (slot: Slot) => void;
  look: (piece: Piece | null) => void;
}

/** A figure and its eight slots; choosing one shows what goes there. */
export function Doll({ worn, chosen, choose, look }: DollProps) {
  return (
    <div class="doll" role="group" aria-label="Slots">
      <svg class="doll-figure" viewBox="0 0 100 200" aria-hidden="true">
        <path d="M50 14a17 17 0 1 0 .1 0M50 48v8M24 66c6-8 14-10 26-10s20 2 26 10l10 50c1 6-7 8-9 2L68 84l-1 36 5 62c.5 8-10 8-11.500 1L50 126l-10.500 57c-1.500 7-12 7-11.500-1l5-62-1-36-9 34c-2 6-10 4-9-2zM32 108h36" />
      </svg>
      {AS_WORN.map((slot) => (
        <SlotButton key={slot} slot={slot} piece={worn.get(slot) ?? null} on={chosen === slot} choose={choose} look={look} />
      ))}
    </div>
  );
}

/** From head to foot on one side, what is held and what shines on the other. */
const AS_WORN: readonly Slot[] = ['helmet', 'armour', 'gloves', 'boots', 'weapon', 'shield', 'ring', 'amulet'];

interface SlotButtonProps extends Pick<DollProps, 'choose' | 'look'> {
  slot: Slot;
  piece: Piece | null;
  on: boolean;
}

function SlotButton({ slot, piece, on, choose, look }: SlotButtonProps) {
  const said = piece === null ? 'empty' : `${piece.rarity} ${piece.name}, level ${piece.gear.level}`;
  return (
    <button
      type="button"
      class="slot"
      data-slot={slot}
      data-worn={piece !== null}
      data-rarity={piece?.rarity}
      aria-pressed={on}
      aria-label={`${SLOT_NAMES[slot]}: ${said}`}
      onClick={() => choose(slot)}
      onMouseLeave={() => look(null)}
    >
      <Badge rarity={piece?.rarity ?? null}>
        <SlotMark slot={slot} />
      </Badge>
      <span class="slot-name">{piece?.name ?? SLOT_NAMES[slot]}</span>
      <span class="slot-rarity">{piece?.rarity ?? 'empty'}</span>
    </button>
  );
}
