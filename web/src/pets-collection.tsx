import { useRef, useState } from 'preact/hooks';
import type { PetSet } from '../../rules/pets.ts';
import { Figures, Rarity } from './gear-parts.tsx';
import { useKeptFocus } from './kept-focus.ts';
import { digits } from './money.ts';
import { Feeding } from './pets-feed.tsx';
import { SpeciesMark } from './pets-marks.tsx';
import type { Pet } from './pets-read.ts';
import { ALL_PLACES, place, placeName } from './pets-sets.tsx';
import { hrefOf } from './route.ts';
import { Refusal, useDeed } from './ui.tsx';

type Order = 'newest' | 'level' | PetSet;

const ORDERS: Record<Order, string> = {
  newest: 'Newest first',
  level: 'Highest level first',
  attack: 'Best in attack first',
  defence: 'Best in defence first',
};

const SORTS: Record<Order, (one: Pet, other: Pet) => number> = {
  newest: () => 0,
  level: (one, other) => other.level - one.level,
  attack: (one, other) => other.bonus.attack.attack - one.bonus.attack.attack,
  defence: (one, other) => other.bonus.defence.defence - one.bonus.defence.defence,
};

const SHOWN = 24;

interface CollectionProps {
  pets: Pet[];
  levelMax: number;
  changed: () => void;
}

export function Collection({ pets, levelMax, changed }: CollectionProps) {
  const list = useRef<HTMLUListElement>(null);
  useKeptFocus(list);
  const [order, setOrder] = useState<Order>('newest');
  const [shown, setShown] = useState(SHOWN);
  const [feeding, setFeeding] = useState<string | null>(null);
  const fed = pets.find(({ petId }) => petId === feeding) ?? null;
  if (pets.length === 0)
    return (
      <div class="bare">
        <p>No pets yet.</p>
        <p class="quiet">What hatches fights beside you, grows on food, and stays.</p>
        <a class="button" href={hrefOf('shop')}>
          Buy an egg
        </a>
      </div>
    );
  return (
    <section aria-label="Your pets">
      {pets.length > 1 && (
        <label class="order">
          <span class="unseen">Order</span>
          <select value={order} onChange={({ currentTarget }) => setOrder(currentTarget.value as Order)}>
            {(Object.keys(ORDERS) as Order[]).map((one) => (
              <option key={one} value={one}>
                {ORDERS[one]}
              </option>
            ))}
          </select>
        </label>
      )}
      <ul class="collection" ref={list} tabIndex={-1} aria-label="Your pets">
        {[...pets]
          .sort(SORTS[order])
          .slice(0, shown)
          .map((pet) => (
            <PetCard key={pet.petId} pet={pet} feed={() => setFeeding(pet.petId)} changed={changed} />
          ))}
      </ul>
      {pets.length > shown && (
        <button type="button" class="button button-plain button-wide" onClick={() => setShown(shown + SHOWN)}>
          Show more
        </button>
      )}
      {fed !== null && <Feeding pet={fed} levelMax={levelMax} onClose={() => setFeeding(null)} changed={changed} />}
    </section>
  );
}

function PetCard({ pet, feed, changed }: { pet: Pet; feed: () => void; changed: () => void }) {
  const { busy, refusal, run } = useDeed();
  const grown = pet.needed === null;
  const stand = (to: string) =>
    run(async () => {
      await place(pet, ALL_PLACES.find((at) => placeName(at) === to) ?? null);
      changed();
    });
  return (
    <li class="pet" data-rarity={pet.rarity} data-pet={pet.petId}>
      <div class="pet-head">
        <SpeciesMark species={pet.species} />
        <div>
          <h3>{pet.name}</h3>
          <p>
            <Rarity rarity={pet.rarity} /> <span class="quiet small">level {pet.level}</span>
          </p>
        </div>
        <a class="small pet-check" href={hrefOf('check', pet.roundId)} aria-label={`Check the draw of your ${pet.name}`}>
          Check
        </a>
      </div>
      <div class="bar" role="progressbar" aria-label="To its next level" aria-valuenow={Math.floor(partOf(pet) * 100)}>
        <i style={{ transform: `scaleX(${partOf(pet)})` }} />
      </div>
      <p class="small quiet figures">{grown ? 'Fully grown' : `${digits(pet.xp)} of ${digits(pet.needed!)} XP`}</p>
      <dl class="pet-bonus small">
        <dt>In attack</dt>
        <dd>
          <Figures stats={pet.bonus.attack} />
        </dd>
        <dt>In defence</dt>
        <dd>
          <Figures stats={pet.bonus.defence} />
        </dd>
      </dl>
      <div class="row pet-deeds">
        <select
          aria-label={`Where your ${pet.name} stands`}
          aria-disabled={busy}
          value={pet.set === null ? '' : placeName({ set: pet.set, place: pet.place! })}
          onChange={({ currentTarget }) => stand(currentTarget.value)}
        >
          <option value="">Not in a set</option>
          {ALL_PLACES.map((at) => (
            <option key={placeName(at)}>{placeName(at)}</option>
          ))}
        </select>
        <button type="button" class="button" disabled={grown} aria-label={`Feed your ${pet.name}`} onClick={feed}>
          {grown ? 'Grown' : 'Feed'}
        </button>
      </div>
      <Refusal code={refusal} />
    </li>
  );
}

const partOf = ({ xp, needed }: Pet): number => (needed === null ? 1 : Number(xp) / Number(needed));
