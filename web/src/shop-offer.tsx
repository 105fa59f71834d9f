import type { ComponentChildren } from 'preact';
import { itemById } from '../../rules/items.ts';
import { drinkLine } from './gear.ts';
import { ItemMark } from './gear-marks.tsx';
import { Badge, Rarity } from './gear-parts.tsx';
import { digits, nameOf, worded } from './money.ts';
import { EggMark } from './pets-marks.tsx';
import type { Offer } from './shop-read.ts';
import { Amount } from './ui.tsx';

export function OfferCard({ offer, level, buy }: { offer: Offer; level: number; buy: () => void }) {
  const { name, price, usual, percentOff, left, levelRequired } = offer;
  const off = left === 0 || level < levelRequired;
  return (
    <li class="offer" data-offer={offer.offerId} data-off={off}>
      <div class="offer-head">
        <OfferBadge offer={offer} />
        <div>
          <h3>{name}</h3>
          <Rarity rarity={rarityOf(offer)} />
        </div>
        {percentOff > 0 && <span class="sale">−{percentOff} %</span>}
      </div>
      <p class="small quiet">{lineOf(offer)}</p>
      <p class="offer-notes small">
        {level < levelRequired && <span>From level {levelRequired} on</span>}
        {left !== null && <span>{left === 0 ? 'None left for you now' : `${left.toLocaleString('en')} left for you`}</span>}
      </p>
      <div class="offer-foot">
        <span class="offer-price">
          <Amount amount={price.amount} currency={price.currency} />
          {percentOff > 0 && (
            <s class="quiet small">
              <span class="unseen">usually </span>
              {digits(usual.amount, usual.currency)}
            </s>
          )}
        </span>
        <button
          type="button"
          class="button"
          disabled={off}
          aria-label={`Buy ${name} for ${digits(price.amount, price.currency)} ${nameOf(price.currency)}`}
          onClick={buy}
        >
          {left === 0 ? 'Sold out' : 'Buy'}
        </button>
      </div>
    </li>
  );
}

export function OfferBadge({ offer }: { offer: Offer }) {
  return <Badge rarity={rarityOf(offer)}>{offer.egg === null ? <ItemMark item={offer.item} /> : <EggMark />}</Badge>;
}

export const rarityOf = ({ rarity, egg, item }: Offer): string =>
  rarity ?? egg ?? (item === null ? null : itemById(item)?.rarity) ?? 'common';

/** What one of it brings. */
export function lineOf(offer: Offer): ComponentChildren {
  if (offer.kind === 'gear') return 'For one of the eight slots, at your level.';
  if (offer.hatchSeconds !== null) return `Hatches in ${inWords(offer.hatchSeconds)}.`;
  return drinkLine(offer);
}

const inWords = (seconds: number): string =>
  seconds < 3_600
    ? `${Math.round(seconds / 60)} minutes`
    : seconds === 3_600
      ? 'an hour'
      : `${Math.round(seconds / 3_600)} hours`;

export const priceOf = (offer: Offer, quantity: number): string =>
  worded({ currency: offer.price.currency, amount: String(BigInt(offer.price.amount) * BigInt(quantity)) });
