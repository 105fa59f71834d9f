import { useState } from 'preact/hooks';
import { refreshMe } from './me.ts';
import { Collection } from './pets-collection.tsx';
import { Eggs } from './pets-eggs.tsx';
import { HatchedShown, type Hatched } from './pets-hatched.tsx';
import { EggOdds } from './pets-odds.tsx';
import { readPets } from './pets-read.ts';
import { Sets } from './pets-sets.tsx';
import { Reading } from './reading.tsx';
import { useRead } from './ui.tsx';

export function Pets() {
  const pets = useRead(readPets, 'pets');
  const [hatched, setHatched] = useState<Hatched | null>(null);
  const changed = () => {
    pets.reload();
    refreshMe();
  };
  const came = (one: Hatched) => {
    setHatched(one);
    changed();
  };
  return (
    <div class="pets">
      <div class="screen-title">
        <h1>Pets</h1>
        {pets.value !== null && pets.value.pets.length > 0 && (
          <p class="quiet">{pets.value.pets.length === 1 ? 'One has hatched' : `${pets.value.pets.length} have hatched`}</p>
        )}
      </div>
      <Reading of={pets} what="your pets">
        {(all) => (
          <div class="pets-parts">
            <Eggs eggs={all.eggs} pity={all.pity} hatched={came} changed={changed} />
            <Sets pets={all.pets} changed={changed} />
            <Collection pets={all.pets} levelMax={all.levelMax} changed={changed} />
            <EggOdds pity={all.pity} />
          </div>
        )}
      </Reading>
      {hatched !== null && <HatchedShown hatched={hatched} onClose={() => setHatched(null)} />}
    </div>
  );
}
