import { ask } from './api.ts';
import { Reading } from './reading.tsx';
import { useRead } from './ui.tsx';

interface Source {
  source: string;
  name: string;
  /** Digits; null: no cap. */
  dailyMax: string | null;
  earned: string | null;
}

export function XpSources() {
  const sources = useRead(() => ask<{ items: Source[] }>('/api/player/xp-sources'), 'xp-sources');
  return (
    <section class="panel" aria-label="Where experience comes from">
      <h2>Where experience comes from</h2>
      <Reading of={sources} what="the sources">
        {({ items }) => (
          <ul class="xp-sources">
            {items.map(({ source, name, dailyMax, earned }) => (
              <li key={source}>
                <span>{name}</span>
                <span class="quiet small figures">
                  {dailyMax === null ? 'as much as you do' : `${grouped(earned ?? '0')} of ${grouped(dailyMax)} XP today`}
                </span>
                {dailyMax !== null && (
                  <div class="bar" aria-hidden="true">
                    <i style={{ transform: `scaleX(${Math.min(1, Number(earned ?? '0') / Number(dailyMax))})` }} />
                  </div>
                )}
              </li>
            ))}
          </ul>
        )}
      </Reading>
    </section>
  );
}

const grouped = (digits: string): string => BigInt(digits).toLocaleString('en');
