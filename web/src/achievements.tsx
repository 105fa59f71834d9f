import { useState } from 'preact/hooks';
import { type Achievement, type Achievements, byTier, inOrder, readAchievements } from './achievements-read.ts';
import { useReturn } from './daily.tsx';
import { Gains, goalWords, partOf, Progress } from './goals.tsx';
import { digits } from './money.ts';
import { useNews } from './notices.ts';
import { Reading } from './reading.tsx';
import { useRead } from './ui.tsx';

const SHOWN = [
  { shown: 'all', name: 'All' },
  { shown: 'unlocked', name: 'Unlocked' },
  { shown: 'next', name: 'Next to come' },
] as const;
type Shown = (typeof SHOWN)[number]['shown'];

/** So many of the nearest. */
const NEXT_MAX = 12;

export function AchievementsScreen() {
  const achievements = useRead(readAchievements, 'achievements');
  useNews(['achievement_unlocked'], achievements.reload);
  useReturn(achievements.reload);
  return (
    <div class="achievements">
      <div class="screen-title">
        <h1>Achievements</h1>
      </div>
      <Reading of={achievements} what="your achievements">
        {(value) => <All {...value} />}
      </Reading>
    </div>
  );
}

function All({ items, players }: Achievements) {
  const [shown, setShown] = useState<Shown>('all');
  const unlocked = items.filter(({ unlockedAt }) => unlockedAt !== null);
  const ap = unlocked.reduce((sum, one) => sum + BigInt(one.ap), 0n);
  return (
    <>
      <section class="panel achieved" aria-label="How far you have come">
        <p class="row apart">
          <span>
            <b class="figures">{unlocked.length}</b> of <span class="figures">{items.length}</span> unlocked
          </span>
          {ap > 0n && <span class="quiet small">{digits(ap)} action points by them</span>}
        </p>
        <div
          class="bar"
          role="progressbar"
          aria-label="Unlocked"
          aria-valuemin={0}
          aria-valuemax={items.length}
          aria-valuenow={unlocked.length}
        >
          <i style={{ transform: `scaleX(${items.length === 0 ? 0 : unlocked.length / items.length})` }} />
        </div>
      </section>
      <div class="tabs" role="group" aria-label="Which are shown">
        {SHOWN.map(({ shown: to, name }) => (
          <button key={to} type="button" class="chip" aria-pressed={shown === to} onClick={() => setShown(to)}>
            {name}
          </button>
        ))}
      </div>
      {shown === 'next' ? (
        <Next items={items} players={players} />
      ) : (
        <Tiers items={shown === 'all' ? items : unlocked} players={players} />
      )}
    </>
  );
}

function Tiers({ items, players }: Achievements) {
  if (items.length === 0)
    return (
      <div class="bare">
        <p>None yet</p>
        <p class="quiet">Play a few rounds, and the first ones come by themselves.</p>
      </div>
    );
  return byTier(items).map(({ tier, items: inTier }) => (
    <section key={tier} class="tier" aria-label={tier}>
      <h2>
        <span class="tier-name">{tier}</span>{' '}
        <span class="small quiet figures">
          {inTier.filter(({ unlockedAt }) => unlockedAt !== null).length} of {inTier.length}
        </span>
      </h2>
      <Cards items={inTier} players={players} />
    </section>
  ));
}

function Next({ items, players }: Achievements) {
  const begun = inOrder(items.filter((one) => one.unlockedAt === null && partOf(one) > 0)).slice(0, NEXT_MAX);
  if (begun.length > 0) return <Cards items={begun} players={players} />;
  return (
    <div class="bare">
      <p>Nothing is begun</p>
      <p class="quiet">What you have started to fill stands here, the nearest first.</p>
    </div>
  );
}

const Cards = ({ items, players }: Achievements) => (
  <ul class="medals">
    {items.map((one) => (
      <Card key={one.achievementId} one={one} players={players} />
    ))}
  </ul>
);

function Card({ one, players }: { one: Achievement; players: number | null }) {
  const { name, tier, progress, threshold, unlockedAt, holders, ap, gems, xp } = one;
  return (
    <li class="medal" data-tier={tier} data-unlocked={unlockedAt !== null} data-achievement={one.achievementId}>
      <Medal />
      <div class="medal-words">
        <h3>{name}</h3>
        <p class="small quiet">{goalWords(one)}</p>
      </div>
      {unlockedAt === null ? (
        <Progress name={name} progress={progress} threshold={threshold} />
      ) : (
        <p class="small medal-had">
          Unlocked {new Date(unlockedAt).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })}
        </p>
      )}
      <p class="small medal-end">
        <Gains ap={ap} gems={gems} xp={xp} />
        {holders !== null && <span class="quiet">{shareWords(holders, players)}</span>}
      </p>
    </li>
  );
}

/** How rare it is. */
function shareWords(holders: number, players: number | null): string {
  if (holders === 0) return 'Nobody has it yet';
  if (players === null || players === 0) return `${holders.toLocaleString('en')} have it`;
  const percent = Math.min(100, (100 * holders) / players);
  return percent < 1 ? 'Fewer than 1 % have it' : `${Math.round(percent)} % have it`;
}

const Medal = () => (
  <svg class="medal-disc" viewBox="0 0 48 48" aria-hidden="true">
    <path class="medal-ribbon" d="M16 27 12 45l12-6 12 6-4-18z" />
    <circle cx="24" cy="19" r="15" />
    <path
      class="medal-star"
      d="m24 10 2.700 5.800 6.300.8-4.600 4.400 1.200 6.300-5.600-3.100-5.600 3.100 1.200-6.300-4.600-4.400 6.300-.8z"
    />
  </svg>
);
