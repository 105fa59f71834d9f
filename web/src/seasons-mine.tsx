import { digits } from './money.ts';
import { More, type Paged } from './paged.tsx';
import { Reading } from './reading.tsx';
import type { Season, Submission } from './seasons-read.ts';
import { ago } from './ui.tsx';

const STATES: Record<Submission['state'], string> = {
  pending: 'waits to be looked at',
  approved: 'counts',
  rejected: 'does not count',
  lapsed: 'was not looked at in time',
};

/** What the player handed in, newest first. */
export function Mine({ season, mine }: { season: Season; mine: Paged<Submission> }) {
  return (
    <section class="panel" aria-label="What you handed in">
      <h2>What you handed in</h2>
      <Reading of={mine.first} what="what you handed in">
        {() =>
          mine.items.length === 0 ? (
            <p class="quiet">Nothing {season.phase === 'running' ? 'yet' : 'in this season'}.</p>
          ) : (
            <ul class="handed">
              {mine.items.map((one) => (
                <Row key={one.id} one={one} name={season.items.find(({ itemId }) => itemId === one.itemId)?.name ?? one.itemId} />
              ))}
            </ul>
          )
        }
      </Reading>
      <More of={mine} />
    </section>
  );
}

function Row({ one: { quantity, evidence, points, state, reason, madeAt }, name }: { one: Submission; name: string }) {
  return (
    <li data-state={state}>
      <b>
        {quantity.toLocaleString('en')} × {name}
      </b>
      <span class="figures">{digits(points)} points</span>
      <span class="small handed-state">{STATES[state]}</span>
      <span class="small quiet">
        {ago(madeAt)},{' '}
        <a href={evidence} target="_blank" rel="noopener noreferrer nofollow">
          what shows it
        </a>
      </span>
      {reason !== null && <p class="small">“{reason}”</p>}
    </li>
  );
}
