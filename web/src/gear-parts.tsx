// What the screens of things share: a thing's mark, its rarity in words as well as in colour, and its figures.
import type { ComponentChildren } from 'preact';
import type { FighterStats } from '../../rules/battle-types.ts';
import { STAT_NAMES, STATS, type Stat, type Strength } from './gear.ts';

/** A square in the rarity's colour; what stands in it is decoration. */
export const Badge = ({ rarity, children }: { rarity: string | null; children: ComponentChildren }) => (
  <span class="badge" data-rarity={rarity ?? 'common'}>
    {children}
  </span>
);

export const Rarity = ({ rarity }: { rarity: string }) => (
  <span class="rarity" data-rarity={rarity}>
    {rarity}
  </span>
);

/** `+12 attack, +30 health`. */
export function Figures({ stats }: { stats: FighterStats }) {
  return (
    <span class="figures">
      {STATS.filter((stat) => stats[stat] !== 0)
        .map((stat) => `${signed(stats[stat])} ${STAT_NAMES[stat]}`)
        .join(', ')}
    </span>
  );
}

/** What changes from `before` to `after`, a token a stat; better and worse by sign as well as by colour. */
export function Change({ before, after }: { before: FighterStats; after: FighterStats }) {
  const changed = STATS.filter((stat) => before[stat] !== after[stat]);
  if (changed.length === 0) return <span class="quiet small">no change</span>;
  return (
    <span class="change figures">
      {changed.map((stat) => {
        const by = after[stat] - before[stat];
        return (
          <span key={stat} class={by > 0 ? 'better' : 'worse'}>
            {signed(by)} {STAT_NAMES[stat]}
          </span>
        );
      })}
    </span>
  );
}

export const signed = (number: number): string => (number < 0 ? `−${-number}` : `+${number}`);

type Part = 'own' | 'gear' | 'pets' | 'effects';

const PARTS: { part: Part; name: string }[] = [
  { part: 'own', name: 'you' },
  { part: 'gear', name: 'gear' },
  { part: 'pets', name: 'pets' },
  { part: 'effects', name: 'elixirs' },
];

const partsOf = ({ own, gear, pets, total }: Strength, stat: Stat): Record<Part, number> => ({
  own: own[stat],
  gear: gear[stat],
  pets: pets[stat],
  effects: total[stat] - own[stat] - gear[stat] - pets[stat],
});

/** The four totals, what they are made of, and what they would become. */
export function Totals({ strength, after }: { strength: Strength; after: Strength | null }) {
  const shown = after ?? strength;
  const named = PARTS.filter(({ part }) => STATS.some((stat) => partsOf(shown, stat)[part] > 0));
  return (
    <div class="totals">
      <dl>
        {STATS.map((stat) => (
          <Total key={stat} stat={stat} now={strength} shown={shown} />
        ))}
      </dl>
      {named.length > 1 && (
        <p class="totals-key small quiet" aria-hidden="true">
          {named.map(({ part, name }) => (
            <span key={part}>
              <i data-part={part} /> {name}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

function Total({ stat, now, shown }: { stat: Stat; now: Strength; shown: Strength }) {
  const [before, next] = [now.total[stat], shown.total[stat]];
  const parts = partsOf(shown, stat);
  return (
    <div data-stat={stat}>
      <dt>{STAT_NAMES[stat]}</dt>
      <dd>
        <b class="figures">{before.toLocaleString('en')}</b>
        {next !== before && (
          <span class={next > before ? 'better figures' : 'worse figures'}>
            {' → '}
            {next.toLocaleString('en')}
          </span>
        )}
      </dd>
      <dd class="bar" aria-hidden="true">
        {PARTS.filter(({ part }) => parts[part] > 0).map(({ part }) => (
          <i key={part} data-part={part} style={{ flexGrow: parts[part] }} />
        ))}
        {next < before && <i data-part="none" style={{ flexGrow: before - next }} />}
      </dd>
    </div>
  );
}
