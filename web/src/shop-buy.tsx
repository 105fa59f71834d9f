import { useState } from 'preact/hooks';
import { Confirm, HowMany } from './confirm.tsx';
import { Rarity } from './gear-parts.tsx';
import { availableOf, digits, worded } from './money.ts';
import { once } from './once.ts';
import { hrefOf } from './route.ts';
import { lineOf, OfferBadge, priceOf, rarityOf } from './shop-offer.tsx';
import type { Bought, Offer } from './shop-read.ts';
import { tell } from './told.tsx';
import { Amount, useDeed } from './ui.tsx';
import { lasting } from './until.tsx';
import { houseNow } from './clock.ts';

interface BuyingProps {
  /** As it stood when the buyer asked for it. */
  asked: Offer;
  /** As the shop has it now; null: not any more. */
  offer: Offer | null;
  onClose: () => void;
  reload: () => void;
  done: (bought: Bought) => void;
}

/** Each kind's most at once, as the shop's rule has it. */
const AT_ONCE: Record<Offer['kind'], number> = { item: 99, gear: 10, egg: 10 };

/** What it comes to is on the button; the price said to the house is the one shown, so that nobody pays another. */
export function Buying({ asked, offer, onClose, reload, done }: BuyingProps) {
  const { busy, refusal, run } = useDeed();
  const [wanted, setWanted] = useState(1);
  const now = offer ?? asked;
  const most = Math.max(1, Math.min(AT_ONCE[now.kind], now.left ?? Infinity));
  const quantity = Math.min(wanted, most);
  const { currency, amount } = now.price;
  const total = BigInt(amount) * BigInt(quantity);
  const after = availableOf(currency) - total;
  const moved = amount !== asked.price.amount || currency !== asked.price.currency;
  const closed = offer === null || offer.left === 0;
  const buy = () =>
    run(async () => {
      try {
        const bought = await once<Bought>('/api/shop/purchase', { offerId: now.offerId, quantity, price: { currency, amount } });
        if (bought.gear.length === 0) tell(<Receipt name={now.name} bought={bought} />);
        done(bought);
      } catch (error) {
        if (STALE.has((error as { code?: string }).code ?? '')) reload();
        throw error;
      }
    });
  return (
    <Confirm
      title={quantity > 1 ? `Buy ${quantity} × ${now.name}` : `Buy ${now.name}`}
      yes={`Buy for ${priceOf(now, quantity)}`}
      off={after < 0n || closed}
      busy={busy}
      refusal={
        moved && refusal === 'price_changed' ? null : (refusal ?? (closed ? 'offer_closed' : after < 0n ? 'funds_short' : null))
      }
      onYes={buy}
      onClose={onClose}
    >
      <div class="thing thing-alone">
        <OfferBadge offer={now} />
        <div class="thing-words">
          <Rarity rarity={rarityOf(now)} />
          <p class="small quiet">{lineOf(now)}</p>
        </div>
        <Amount amount={total} currency={currency} />
      </div>
      {moved && (
        <p class="price-moved" role="alert">
          The price has changed: it was {worded(asked.price)}, it is <b>{worded(now.price)}</b> now. Nothing was bought.
        </p>
      )}
      {most > 1 && (
        <div class="row">
          <HowMany label="How many" value={quantity} max={most} onValue={setWanted} />
          {now.left !== null && <span class="quiet small">{now.left.toLocaleString('en')} left for you</span>}
        </div>
      )}
      <p class="quiet small figures">
        You have {digits(availableOf(currency), currency)}
        {after >= 0n && `, and keep ${digits(after, currency)}`}.
      </p>
    </Confirm>
  );
}

/** What the page shows is not what the shop has. */
const STALE = new Set(['price_changed', 'offer_closed', 'offer_unknown', 'stock_out', 'purchase_limit', 'level_short']);

function Receipt({ name, bought: { quantity, paid, eggs } }: { name: string; bought: Bought }) {
  const [egg] = eggs;
  return (
    <>
      Bought {quantity > 1 ? `${quantity} × ${name}` : name} for <Amount amount={paid.amount} currency={paid.currency} />.{' '}
      {egg !== undefined ? (
        <>
          It hatches in {lasting(new Date(egg.readyAt).getTime() - houseNow())}. <a href={hrefOf('pets')}>To your eggs</a>
        </>
      ) : (
        <a href={hrefOf('inventory')}>To your bag</a>
      )}
    </>
  );
}
