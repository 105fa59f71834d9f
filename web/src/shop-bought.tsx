import { gearById } from '../../rules/equipment.ts';
import { Modal } from './confirm.tsx';
import { SLOT_NAMES } from './gear.ts';
import { ItemMark } from './gear-marks.tsx';
import { Badge, Figures, Rarity } from './gear-parts.tsx';
import { hrefOf } from './route.ts';
import { Amount } from './ui.tsx';
import type { Bought, NewGear } from './shop-read.ts';

/** What the roll came to: the moment that gear is bought for. */
export function BoughtGear({ bought: { gear, paid, roundId }, onClose }: { bought: Bought; onClose: () => void }) {
  return (
    <Modal title={gear.length === 1 ? `You got: ${nameOf(gear[0]!)}` : `You got ${gear.length} pieces`} onClose={onClose}>
      <ul class="things bought" role="status">
        {gear.map((piece) => (
          <li key={piece.id} class="thing thing-alone">
            <Badge rarity={piece.rarity}>
              <ItemMark item={piece.item} />
            </Badge>
            <div class="thing-words">
              <h3>
                {gear.length > 1 && nameOf(piece)} <Rarity rarity={piece.rarity} />
              </h3>
              <p class="small">
                <span class="quiet">
                  {SLOT_NAMES[gearById(piece.item)!.slot]}, level {piece.level}:{' '}
                </span>
                <Figures stats={piece.stats} />
              </p>
            </div>
          </li>
        ))}
      </ul>
      <p class="quiet small">
        Paid: <Amount amount={paid.amount} currency={paid.currency} />. Rolled from your own seed.
      </p>
      <div class="row confirm-answers">
        {roundId !== null && (
          <a class="button button-plain" href={hrefOf('check', roundId)}>
            Check the draw
          </a>
        )}
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
        <a class="button button-first" autofocus href={hrefOf('inventory')}>
          Try it on
        </a>
      </div>
    </Modal>
  );
}

const nameOf = ({ item }: NewGear): string => gearById(item)?.name ?? item;
