// What the hub's cards say of right now, each read when the hub is drawn. What cannot be read is left out.
import { useHouseTime } from './clock.ts';
import { ask } from './api.ts';
import { me } from './me.ts';
import { readShop } from './shop-read.ts';
import { useRead } from './ui.tsx';
import { lasting } from './until.tsx';

export function ProfileLive() {
  const points = me.value?.statPoints;
  if (points === undefined) return null;
  return points === 0 ? <>No points to spend</> : <b>{points === 1 ? 'A point to spend' : `${points} points to spend`}</b>;
}

export function InventoryLive() {
  const { value } = useRead(() => ask<{ used: number; places: number }>('/api/inventory?limit=1'), 'inventory-live');
  if (value === null) return null;
  const full = value.used >= value.places;
  return full ? <b>Your bag is full</b> : <>{`${value.used} of ${value.places} places taken`}</>;
}

export function PetsLive() {
  const { value } = useRead(() => ask<{ eggs: { items: { readyAt: string }[] } }>('/api/pets?limit=1'), 'pets-live');
  const eggs = (value?.eggs.items ?? []).map(({ readyAt }) => new Date(readyAt).getTime());
  const now = useHouseTime(1_000, eggs.length > 0);
  if (value === null) return null;
  if (eggs.length === 0) return <>No egg at the moment</>;
  const ready = eggs.filter((at) => at <= now).length;
  if (ready > 0) return <b>{ready === 1 ? 'An egg is ready' : `${ready} eggs are ready`}</b>;
  return <>The next egg in {lasting(Math.min(...eggs) - now)}</>;
}

export function ShopLive() {
  const { value } = useRead(readShop, 'shop-live');
  if (value === null) return null;
  const today = value.offers.filter((offer) => offer.today).length;
  const sales = value.offers.filter(({ percentOff }) => percentOff > 0).length;
  if (sales > 0) return <b>{sales === 1 ? 'One thing on sale' : `${sales} things on sale`}</b>;
  return <>{today === 1 ? 'One thing for today only' : `${today} things for today only`}</>;
}
