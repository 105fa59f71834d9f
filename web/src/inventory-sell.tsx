import { useState } from 'preact/hooks';
import { Confirm, HowMany } from './confirm.tsx';
import type { Owned } from './gear.ts';
import { ItemMark } from './gear-marks.tsx';
import { Badge, Figures, Rarity } from './gear-parts.tsx';
import { digits } from './money.ts';
import { once } from './once.ts';
import { tell } from './told.tsx';
import { Amount, useDeed } from './ui.tsx';

interface SellingProps {
  owned: Owned;
  onClose: () => void;
  changed: () => void;
}

/** Says what for before it asks for a yes: what is sold does not come back. */
export function Selling({ owned, onClose, changed }: SellingProps) {
  const { busy, refusal, run } = useDeed();
  const [quantity, setQuantity] = useState(1);
  const price = BigInt(owned.sale) * BigInt(quantity);
  const what = quantity > 1 ? `${quantity} × ${owned.name}` : owned.name;
  const sell = () =>
    run(async () => {
      const { paid } = await once<{ paid: string }>('/api/inventory/sell', { itemId: owned.itemId, quantity });
      onClose();
      tell(
        <>
          Sold {what} for <Amount amount={paid} />.
        </>,
      );
      changed();
    });
  return (
    <Confirm
      title={`Sell ${what}?`}
      yes={`Sell for ${digits(price)} coins`}
      busy={busy}
      refusal={refusal}
      onYes={sell}
      onClose={onClose}
    >
      <div class="thing thing-alone">
        <Badge rarity={owned.rarity}>
          <ItemMark item={owned.item} />
        </Badge>
        <div class="thing-words">
          <Rarity rarity={owned.rarity} />
          <p class="small">
            {owned.gear === null ? (
              <span class="quiet">You have {owned.quantity}.</span>
            ) : (
              <>
                Level {owned.gear.level}: <Figures stats={owned.gear.stats} />
              </>
            )}
          </p>
        </div>
        <Amount amount={price} />
      </div>
      {owned.quantity > 1 && (
        <div class="row">
          <HowMany label="How many" value={quantity} max={owned.quantity} onValue={setQuantity} />
          <button type="button" class="chip" onClick={() => setQuantity(owned.quantity)}>
            All {owned.quantity}
          </button>
        </div>
      )}
      <p class="quiet small">The shop keeps what it buys.</p>
    </Confirm>
  );
}
