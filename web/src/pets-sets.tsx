import { useState } from 'preact/hooks';
import { PET_SETS, PLACES_A_SET, type PetSet } from '../../rules/pets.ts';
import { ask } from './api.ts';
import { Modal } from './confirm.tsx';
import { summed } from './gear.ts';
import { Badge, Figures, Rarity } from './gear-parts.tsx';
import { SpeciesMark } from './pets-marks.tsx';
import type { Pet } from './pets-read.ts';
import { tell } from './told.tsx';
import { Refusal, useDeed } from './ui.tsx';

interface Place {
  set: PetSet;
  /** From 1. */
  place: number;
}

const PLACES = Array.from({ length: PLACES_A_SET }, (_, index) => index + 1);
const SET_NAMES: Record<PetSet, string> = { attack: 'Attack', defence: 'Defence' };
export const placeName = ({ set, place }: Place): string => `${SET_NAMES[set]} ${place}`;
export const ALL_PLACES: readonly Place[] = PET_SETS.flatMap((set) => PLACES.map((place) => ({ set, place })));

export async function place(pet: Pet, to: Place | null): Promise<void> {
  if (to === null) await ask(`/api/pets/equip/${pet.petId}`, { method: 'DELETE' });
  else await ask(`/api/pets/equip/${pet.petId}`, { body: to });
  tell(
    to === null
      ? `Your ${pet.name.toLowerCase()} stepped out.`
      : `Your ${pet.name.toLowerCase()} stands at ${placeName(to).toLowerCase()}.`,
  );
}

/** Two sets of three. A place is chosen first, then who stands there. */
export function Sets({ pets, changed }: { pets: Pet[]; changed: () => void }) {
  const [open, setOpen] = useState<Place | null>(null);
  return (
    <div class="sets">
      {PET_SETS.map((set) => (
        <section key={set} class="panel" aria-label={`${SET_NAMES[set]} set`}>
          <div class="row apart">
            <h2>{SET_NAMES[set]} set</h2>
            <p class="small">
              <Sum pets={pets.filter((pet) => pet.set === set)} set={set} />
            </p>
          </div>
          <div class="set-places">
            {PLACES.map((at) => (
              <PlaceButton
                key={at}
                at={{ set, place: at }}
                pet={pets.find((pet) => pet.set === set && pet.place === at) ?? null}
                choose={() => setOpen({ set, place: at })}
              />
            ))}
          </div>
        </section>
      ))}
      {open !== null && <Choosing at={open} pets={pets} onClose={() => setOpen(null)} changed={changed} />}
    </div>
  );
}

function Sum({ pets, set }: { pets: Pet[]; set: PetSet }) {
  if (pets.length === 0)
    return <span class="quiet">{set === 'attack' ? 'adds attack in battle' : 'adds defence and health in battle'}</span>;
  return <Figures stats={summed(pets.map(({ bonus }) => bonus[set]))} />;
}

function PlaceButton({ at, pet, choose }: { at: Place; pet: Pet | null; choose: () => void }) {
  const said = pet === null ? 'empty' : `${pet.rarity} ${pet.name}, level ${pet.level}`;
  return (
    <button
      type="button"
      class="set-place"
      data-place={placeName(at)}
      data-rarity={pet?.rarity}
      aria-label={`${placeName(at)}: ${said}`}
      onClick={choose}
    >
      {pet === null ? <span class="set-place-empty">+</span> : <SpeciesMark species={pet.species} />}
      <span>{pet === null ? 'Empty' : pet.name}</span>
      <small class="quiet">{pet === null ? `place ${at.place}` : `level ${pet.level}`}</small>
    </button>
  );
}

interface ChoosingProps {
  at: Place;
  pets: Pet[];
  onClose: () => void;
  changed: () => void;
}

function Choosing({ at, pets, onClose, changed }: ChoosingProps) {
  const { busy, refusal, run } = useDeed();
  const here = pets.find(({ set, place: there }) => set === at.set && there === at.place) ?? null;
  const worth = ({ bonus }: Pet) => bonus[at.set].attack * 5 + bonus[at.set].defence * 5 + bonus[at.set].hp;
  const choices = [...pets].sort((one, other) => worth(other) - worth(one)).slice(0, CHOICES_MAX);
  const choose = (pet: Pet, to: Place | null) =>
    run(async () => {
      await place(pet, to);
      onClose();
      changed();
    });
  return (
    <Modal title={`Who stands at ${placeName(at).toLowerCase()}?`} onClose={onClose}>
      {pets.length === 0 && <p class="quiet">Nobody has hatched yet. The first egg makes a friend.</p>}
      <ul class="choices">
        {choices.map((pet) => (
          <li key={pet.petId}>
            <button
              type="button"
              class="choice"
              aria-pressed={pet === here}
              aria-disabled={busy}
              onClick={() => (pet === here ? onClose() : choose(pet, at))}
            >
              <Badge rarity={pet.rarity}>
                <SpeciesMark species={pet.species} />
              </Badge>
              <span>
                {pet.name} <Rarity rarity={pet.rarity} />
                <small class="quiet">
                  level {pet.level}
                  {pet.set !== null && `, now at ${placeName({ set: pet.set, place: pet.place! }).toLowerCase()}`}
                </small>
              </span>
              <span class="small">
                <Figures stats={pet.bonus[at.set]} />
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Refusal code={refusal} />
      <div class="row confirm-answers">
        {here !== null && (
          <button type="button" class="button" aria-disabled={busy} onClick={() => choose(here, null)}>
            Let it step out
          </button>
        )}
        <button type="button" class="button" onClick={onClose}>
          Leave it so
        </button>
      </div>
    </Modal>
  );
}

/** The strongest; the collection has them all. */
const CHOICES_MAX = 30;
