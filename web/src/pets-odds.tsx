import { useState } from 'preact/hooks';
import type { EggKind } from '../../rules/pets.ts';
import { Rarity } from './gear-parts.tsx';
import { SpeciesMark } from './pets-marks.tsx';
import { type Pity, readOdds } from './pets-read.ts';
import { Reading } from './reading.tsx';
import { useRead } from './ui.tsx';

/** What hatches from what, exactly, as the house publishes it. */
export function EggOdds({ pity }: { pity: Pity }) {
  const odds = useRead(readOdds, 'odds');
  const [kind, setKind] = useState<EggKind>('common');
  return (
    <section class="panel odds egg-odds" aria-label="Exact odds of each egg">
      <h2>Exact odds</h2>
      <Reading of={odds} what="the odds">
        {({ eggs }) => (
          <>
            <div class="tabs" role="group" aria-label="Of which egg">
              {eggs.map((egg) => (
                <button
                  key={egg.kind}
                  type="button"
                  class="chip"
                  aria-pressed={egg.kind === kind}
                  onClick={() => setKind(egg.kind)}
                >
                  {egg.name}
                </button>
              ))}
            </div>
            <table>
              <thead>
                <tr>
                  <th scope="col">Hatches</th>
                  <th scope="col">Rarity</th>
                  <th scope="col">Chance</th>
                  <th scope="col">With pity</th>
                </tr>
              </thead>
              <tbody>
                {eggs
                  .find((egg) => egg.kind === kind)!
                  .species.map((one) => (
                    <tr key={one.species} data-rarity={one.rarity}>
                      <td>
                        <SpeciesMark species={one.species} /> {one.name}
                      </td>
                      <td>
                        <Rarity rarity={one.rarity} />
                      </td>
                      <td>{percent(one.odds)}</td>
                      <td>{percent(one.oddsWithPity)}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
            <p class="quiet small">
              After {pity.after} hatches in a row below {pity.atLeast}, of whatever eggs, the next one is {pity.atLeast} or
              better: the last column counts that in. Each hatch is drawn from your own seed, and can be checked.
            </p>
          </>
        )}
      </Reading>
    </section>
  );
}

const percent = (ratio: string): string => `${(Number(ratio) * 100).toFixed(2)} %`;
