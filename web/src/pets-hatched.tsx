import type { PetRarity, Species } from '../../rules/pets.ts';
import { Modal } from './confirm.tsx';
import { Rarity } from './gear-parts.tsx';
import { SpeciesMark } from './pets-marks.tsx';
import { hrefOf } from './route.ts';

/** What a hatch answers. */
export interface Hatched {
  petId: string;
  roundId: string;
  species: Species;
  name: string;
  rarity: PetRarity;
  pity: boolean;
}

export function HatchedShown({
  hatched: { species, name, rarity, pity, roundId },
  onClose,
}: {
  hatched: Hatched;
  onClose: () => void;
}) {
  return (
    <Modal title={`It is ${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name.toLowerCase()}!`} onClose={onClose}>
      <div class="hatched" data-rarity={rarity} data-species={species} role="status">
        <SpeciesMark species={species} />
        <p>
          <Rarity rarity={rarity} />
        </p>
        {pity && <p class="quiet small">After so many without one, this one had to be rare or better.</p>}
      </div>
      <div class="row confirm-answers">
        <a class="button button-plain" href={hrefOf('check', roundId)}>
          Check the draw
        </a>
        <button type="button" class="button button-first" autofocus onClick={onClose}>
          Welcome it
        </button>
      </div>
    </Modal>
  );
}
