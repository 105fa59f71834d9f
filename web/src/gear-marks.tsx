// Marks of what is worn and carried: strokes in a square of 24, as in the tabs.
import { gearById, type Slot } from '../../rules/equipment.ts';
import { itemById } from '../../rules/items.ts';

const SLOT_PATHS: Record<Slot, string> = {
  weapon: 'M20.500 3.500h-3.700L8 12.300l3.700 3.700 8.800-8.800zM6 12.500l5.500 5.500M8.600 15.400 4 20M4 18.500v1.600h1.600',
  shield: 'M12 3 5 5.500v6c0 4.500 2.800 7.500 7 9.500 4.200-2 7-5 7-9.500v-6zM12 7v9.500M8.500 10.500h7',
  helmet: 'M5 18.500V12a7 7 0 0 1 14 0v6.500l-4 1.500v-6H9v6zM12 5v6M5 12.500h4M15 12.500h4',
  armour:
    'M8.500 3.500 4.500 6 6 11v9.500h12V11l1.500-5-4-2.500c-.8 1.800-2 2.700-3.500 2.700s-2.700-.9-3.500-2.700zM6 13.500h12M12 13.500v7',
  gloves:
    'M8.500 20.500v-4L6 12.700c-.8-1.300.9-2.400 1.900-1.300L9 12.700V6.200a1.200 1.200 0 0 1 2.400 0V11M11.400 6V4.800a1.200 1.200 0 0 1 2.400 0V11M13.800 6.200a1.200 1.200 0 0 1 2.400 0v7.300c0 1.200-.3 2.200-.9 3v4zM8.500 17.700h6.800',
  boots:
    'M8.500 3.500h6v9.800l4.300 2.500c.8.500 1.200 1.200 1.200 2.100v2.600H5.500v-3.300l3-2.700zM8.500 7.500h6M5.500 17.800H20',
  ring: 'M12 9.500a5.600 5.600 0 1 0 .01 0M9.300 3.500h5.400l2 2.500L12 9.500 7.300 6z',
  amulet: 'M5 3.500c.3 5.500 2.800 9 7 9.800 4.200-.8 6.700-4.300 7-9.800M12 13.300l3.300 3.600L12 20.500l-3.300-3.600z',
};

const POTION =
  'M9.500 3.500h5M10.500 3.500v5.200l-4.600 8.200a2.400 2.400 0 0 0 2.100 3.600h8a2.400 2.400 0 0 0 2.100-3.600l-4.600-8.200V3.500M8 14.500h8';
const ELIXIR =
  'M9.500 3.500h5M10.500 3.500v4.600a6.400 6.400 0 1 0 3 0V3.500M5.700 14.500c2 1.300 4.200-1.300 6.300 0s4.300 1.300 6.300 0';
const FIND =
  'M9 3.500h6l-1.500 3.300c4 2 6 5.700 6 9 0 3.200-2.600 4.700-7.500 4.700s-7.500-1.500-7.500-4.700c0-3.300 2-7 6-9zM10.500 6.800h3M12 11.500v5M10 14h4';
const CHEST =
  'M4 10.500h16v9H4zM4 10.500V8.800A4.300 4.300 0 0 1 8.300 4.500h7.400A4.300 4.300 0 0 1 20 8.800v1.700M10 10.500v3.500h4v-3.500M4 14h6M14 14h6';

export const SlotMark = ({ slot }: { slot: Slot }) => <Mark d={SLOT_PATHS[slot]} />;

/** Of a kind of gear, of a stack, or, by neither, of gear that is still to be rolled. */
export function ItemMark({ item }: { item: string | null }) {
  if (item === null) return <Mark d={CHEST} />;
  const gear = gearById(item);
  if (gear !== null) return <SlotMark slot={gear.slot} />;
  const kind = itemById(item);
  return <Mark d={kind?.elixir ? ELIXIR : kind?.potion ? POTION : FIND} />;
}

const Mark = ({ d }: { d: string }) => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
    <path d={d} />
  </svg>
);
