import { useState } from 'preact/hooks';
import { FEED_MAX, feed, type Food, FOOD_NAMES, FOODS } from '../../rules/pets.ts';
import { Confirm, HowMany } from './confirm.tsx';
import { availableOf, digits } from './money.ts';
import { once } from './once.ts';
import { SpeciesMark } from './pets-marks.tsx';
import type { Pet } from './pets-read.ts';
import { tell } from './told.tsx';
import { Amount, useDeed } from './ui.tsx';

interface FeedingProps {
  pet: Pet;
  levelMax: number;
  onClose: () => void;
  changed: () => void;
}

interface Fed {
  level: number;
  xp: string;
  eaten: number;
  price: string;
}

/** What it would come to is worked out here by the house's own rule, and shown before it is paid. */
export function Feeding({ pet, levelMax, onClose, changed }: FeedingProps) {
  const { busy, refusal, run } = useDeed();
  const [food, setFood] = useState<Food>('snack');
  const [quantity, setQuantity] = useState(1);
  const after = feed({ level: pet.level, xp: BigInt(pet.xp) }, { food, quantity, levelMax });
  const price = FOODS[food].priceCoins * BigInt(after.eaten);
  const short = availableOf('COINS') < price;
  const give = () =>
    run(async () => {
      const fed = await once<Fed>(`/api/pets/feed/${pet.petId}`, { food, quantity });
      onClose();
      tell(
        <>
          Your {pet.name.toLowerCase()} ate {fed.eaten} for <Amount amount={fed.price} />
          {fed.level > pet.level ? ` and is level ${fed.level} now.` : '.'}
        </>,
      );
      changed();
    });
  return (
    <Confirm
      title={`Feed your ${pet.name.toLowerCase()}`}
      yes={`Feed for ${digits(price)} coins`}
      off={short}
      busy={busy}
      refusal={refusal ?? (short ? 'funds_short' : null)}
      onYes={give}
      onClose={onClose}
    >
      <fieldset class="foods">
        <legend class="unseen">Food</legend>
        {FOOD_NAMES.map((one) => (
          <label key={one} class="food" data-on={one === food}>
            <input type="radio" name="food" value={one} checked={one === food} onChange={() => setFood(one)} />
            <b>{FOODS[one].name}</b>
            <span class="quiet small figures">{digits(FOODS[one].xp)} XP</span>
            <Amount amount={FOODS[one].priceCoins} />
          </label>
        ))}
      </fieldset>
      <div class="row">
        <HowMany label="How many" value={quantity} max={FEED_MAX} onValue={setQuantity} />
        <button type="button" class="chip" onClick={() => setQuantity(toNextLevel(pet, food))}>
          To level {pet.level + 1}
        </button>
      </div>
      <p class="feeding-after" data-rarity={pet.rarity} aria-live="polite">
        <SpeciesMark species={pet.species} />
        <span>
          Level {pet.level}
          {after.level > pet.level && <b class="better"> → {after.level}</b>}
          <span class="quiet small">
            {after.level >= levelMax ? ', fully grown' : `, ${digits(after.xp)} XP into it`}
            {after.eaten < quantity && `. It eats ${after.eaten}; the rest is not paid`}
          </span>
        </span>
      </p>
    </Confirm>
  );
}

function toNextLevel({ xp, needed }: Pet, food: Food): number {
  const missing = BigInt(needed ?? '0') - BigInt(xp);
  const portion = FOODS[food].xp;
  return Math.min(FEED_MAX, Math.max(1, Number((missing + portion - 1n) / portion)));
}
