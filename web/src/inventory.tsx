import { useMemo, useState } from 'preact/hooks';
import type { Slot } from '../../rules/equipment.ts';
import { useHouseTime } from './clock.ts';
import {
  type Effect,
  type Kit,
  type Piece,
  readKit,
  running,
  STAT_NAMES,
  statsOfWorn,
  type Strength,
  strengthOf,
  type Strong,
  wornIn,
  wornWith,
} from './gear.ts';
import { Doll } from './gear-doll.tsx';
import { Totals } from './gear-parts.tsx';
import { Bag, type Shelf } from './inventory-bag.tsx';
import { me, refreshMe } from './me.ts';
import { Reading } from './reading.tsx';
import { useRead } from './ui.tsx';
import { clockTime, Until } from './until.tsx';

export function Inventory() {
  const kit = useRead(readKit, 'kit');
  const changed = () => {
    kit.reload();
    refreshMe();
  };
  return (
    <div class="inventory">
      <div class="screen-title">
        <h1>Inventory</h1>
        {kit.value !== null && (
          <p class="quiet">
            {kit.value.inventory.used} of {kit.value.inventory.places} places taken
          </p>
        )}
      </div>
      <Reading of={kit} what="what you own">
        {(value) => <Kept kit={value} changed={changed} />}
      </Reading>
    </div>
  );
}

function Kept({ kit, changed }: { kit: Kit; changed: () => void }) {
  const [shelf, setShelf] = useState<Shelf>('all');
  const [looked, setLooked] = useState<Piece | null>(null);
  const { inventory, pets } = kit;
  const worn = useMemo(() => wornIn(inventory.items), [inventory]);
  const effects = running(inventory.effects, useHouseTime(1_000, inventory.effects.length > 0));
  const mine = me.value;
  const strength = (of: ReadonlyMap<Slot, Piece>): Strength | null =>
    mine?.stamina === undefined ? null : strengthOf(mine as Strong, { worn: statsOfWorn(of), pets, effects });
  const now = strength(worn);
  return (
    <div class="inventory-columns">
      <section class="panel stage-panel" aria-label="What you wear">
        <Doll worn={worn} chosen={shelf} choose={(slot) => setShelf(shelf === slot ? 'all' : slot)} look={setLooked} />
        {now !== null && <Totals strength={now} after={looked === null ? null : strength(wornWith(worn, looked))} />}
        <p class="quiet small">What a battle counts: your level and points, gear, pets and what runs.</p>
        <Effects effects={effects} />
      </section>
      <Bag
        inventory={inventory}
        worn={worn}
        shelf={shelf}
        choose={setShelf}
        look={setLooked}
        level={mine?.level ?? 1}
        changed={changed}
      />
    </div>
  );
}

function Effects({ effects }: { effects: Effect[] }) {
  if (effects.length === 0) return null;
  return (
    <section class="effects" aria-label="What runs">
      <h3>Running</h3>
      <ul>
        {effects.map(({ stat, percent, endsAt }) => (
          <li key={stat}>
            <span>
              +{percent} % {STAT_NAMES[stat]}
            </span>
            <span class="quiet small">
              ends in <Until at={endsAt} />, at {clockTime(endsAt)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
