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

const MOST: Record<Stat, number> = { attack: 3, defence: 3, hp: 15, stamina: 2 };

/** The four totals, and what they would become. The bars are drawn to each other, so that a change is seen before it is read. */
export function Totals({ strength, after }: { strength: Strength; after: FighterStats | null }) {
  const { total } = strength;
  const longest = Math.max(...STATS.map((stat) => Math.max(total[stat], after?.[stat] ?? 0) / MOST[stat]));
  return (
    <dl class="totals">
      {STATS.map((stat) => {
        const next = after?.[stat] ?? total[stat];
        return (
          <div key={stat} data-stat={stat}>
            <dt>{STAT_NAMES[stat]}</dt>
            <dd>
              <b class="figures">{total[stat].toLocaleString('en')}</b>
              {next !== total[stat] && (
                <span class={next > total[stat] ? 'better' : 'worse'}>
                  {' → '}
                  {next.toLocaleString('en')}
                </span>
              )}
            </dd>
            <dd class="bar" aria-hidden="true">
              <i class="totals-next" style={{ transform: `scaleX(${next / MOST[stat] / longest})` }} />
              <i style={{ transform: `scaleX(${Math.min(next, total[stat]) / MOST[stat] / longest})` }} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
