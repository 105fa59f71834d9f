import { useState } from 'preact/hooks';
import { me, refreshMe } from './me.ts';
import { balances } from './money.ts';
import { Reading } from './reading.tsx';
import { BoughtGear } from './shop-bought.tsx';
import { Buying } from './shop-buy.tsx';
import { OfferCard } from './shop-offer.tsx';
import { type Bought, type Offer, readShop, type Shelves, turnsAt } from './shop-read.ts';
import { Amount, useRead } from './ui.tsx';
import { clockTime, Until } from './until.tsx';

export function Shop() {
  const shop = useRead(readShop, 'shop');
  const [open, setOpen] = useState<Offer | null>(null);
  const [bought, setBought] = useState<Bought | null>(null);
  const done = (came: Bought) => {
    setOpen(null);
    if (came.gear.length > 0) setBought(came);
    shop.reload();
    refreshMe();
  };
  return (
    <div class="shop">
      <div class="screen-title">
        <h1>Shop</h1>
        <Purse />
      </div>
      <Reading of={shop} what="what the shop sells">
        {(shelves) => (
          <>
            <Departments shelves={shelves} buy={setOpen} turn={shop.reload} />
            {open !== null && (
              <Buying
                asked={open}
                offer={shelves.offers.find(({ offerId }) => offerId === open.offerId) ?? null}
                onClose={() => setOpen(null)}
                reload={shop.reload}
                done={done}
              />
            )}
          </>
        )}
      </Reading>
      {bought !== null && <BoughtGear bought={bought} onClose={() => setBought(null)} />}
    </div>
  );
}

function Purse() {
  const shown = (balances.value ?? []).filter(({ currency }) => ['COINS', 'GEMS', 'AP'].includes(currency));
  return (
    <p class="shop-purse" aria-label="What you have">
      {shown.map(({ currency, available }) => (
        <Amount key={currency} amount={available} currency={currency} />
      ))}
    </p>
  );
}

const DEPARTMENTS: { title: string; line: string; has: (offer: Offer) => boolean }[] = [
  { title: 'Potions and elixirs', line: 'For battle, and for before it.', has: ({ kind }) => kind === 'item' },
  { title: 'Gear', line: 'A piece for any slot, rolled at your level from your own seed.', has: ({ kind }) => kind === 'gear' },
  {
    title: 'Eggs',
    line: 'What hatches is drawn from your own seed; the odds are with your pets.',
    has: ({ kind }) => kind === 'egg',
  },
];

interface DepartmentsProps {
  shelves: Shelves;
  buy: (offer: Offer) => void;
  turn: () => void;
}

function Departments({ shelves: { offers, day }, buy, turn }: DepartmentsProps) {
  const today = offers.filter((offer) => offer.today);
  const turns = turnsAt(day);
  if (offers.length === 0) return <div class="bare">{<p>The shop is empty at the moment.</p>}</div>;
  return (
    <>
      <section class="department today" aria-label="Today only">
        <div class="department-head">
          <h2>Today only</h2>
          <p class="quiet small">
            Changes in <Until key={turns} at={turns} onOver={turn} />, at {clockTime(turns)}
          </p>
        </div>
        {today.length === 0 ? <p class="quiet">Nothing extra today.</p> : <Shelf offers={today} buy={buy} />}
      </section>
      {DEPARTMENTS.map(({ title, line, has }) => {
        const here = offers.filter((offer) => !offer.today && has(offer)).sort(byPrice);
        if (here.length === 0) return null;
        return (
          <section key={title} class="department" aria-label={title}>
            <div class="department-head">
              <h2>{title}</h2>
              <p class="quiet small">{line}</p>
            </div>
            <Shelf offers={here} buy={buy} />
          </section>
        );
      })}
    </>
  );
}

const ORDER = ['COINS', 'GEMS', 'AP'];

const byPrice = (one: Offer, other: Offer): number =>
  ORDER.indexOf(one.price.currency) - ORDER.indexOf(other.price.currency) ||
  Number(BigInt(one.usual.amount) - BigInt(other.usual.amount)) ||
  one.name.localeCompare(other.name);

function Shelf({ offers, buy }: { offers: Offer[]; buy: (offer: Offer) => void }) {
  return (
    <ul class="offers">
      {offers.map((offer) => (
        <OfferCard key={offer.offerId} offer={offer} level={me.value?.level ?? 1} buy={() => buy(offer)} />
      ))}
    </ul>
  );
}
