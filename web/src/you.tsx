// What is the player's own: a card and a tab for each screen of it. Another one is a line here, its name in route.ts and what
// draws it in page.tsx.
import type { ComponentChild } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { DailyLive } from './daily.tsx';
import { levelProgress, me } from './me.ts';
import { MiningLive } from './mining.tsx';
import { openCurrencies } from './money.ts';
import { UnreadLive } from './notices.tsx';
import { QuestsLive } from './quests.tsx';
import { hrefOf, route, type Screen } from './route.ts';
import { SeasonsLive } from './seasons.tsx';
import { Face } from './ui.tsx';
import { InventoryLive, PetsLive, ProfileLive, ShopLive } from './you-live.tsx';

interface YourScreen {
  screen: Screen;
  title: string;
  line: string;
  /** Strokes in a square of 80. */
  draw: string;
  /** What there is to see right now; null: nothing that changes. */
  live: (() => ComponentChild) | null;
  /** Whether it is open here; always, unless it says otherwise. */
  here?: () => boolean;
}

const YOURS: readonly YourScreen[] = [
  {
    screen: 'profile',
    title: 'Profile',
    line: 'Your level, your strength, and points to spend on it.',
    draw: 'M40 12a14 14 0 1 0 .1 0M12 70c2-16 13-24 28-24s26 8 28 24z',
    live: ProfileLive,
  },
  {
    screen: 'inventory',
    title: 'Inventory',
    line: 'What you wear, what you carry, what runs.',
    draw: 'M40 10 16 18v18c0 16 10 27 24 34 14-7 24-18 24-34V18zM40 10v60M16 36h48',
    live: InventoryLive,
  },
  {
    screen: 'pets',
    title: 'Pets',
    line: 'Eggs that hatch, by odds anyone can check, and friends who fight beside you.',
    draw: 'M40 10c12 0 22 18 22 33a22 22 0 0 1-44 0c0-15 10-33 22-33zM19 40l10 7 8-9 8 9 9-8 8 6',
    live: PetsLive,
  },
  {
    screen: 'shop',
    title: 'Shop',
    line: 'Potions, gear and eggs. The price shown is the price paid.',
    draw: 'M14 30h52l-5 40H19zM28 30v-6a12 12 0 0 1 24 0v6M30 42v2M50 42v2',
    live: ShopLive,
  },
  {
    screen: 'daily',
    title: 'Daily',
    line: 'A check-in and a claim each day, and the row of days you keep.',
    draw: 'M14 18h52v48H14zM14 32h52M28 10v14M52 10v14M30 49l8 8 14-16',
    live: DailyLive,
  },
  {
    screen: 'quests',
    title: 'Quests',
    line: 'Three a day, three a week, yours alone.',
    draw: 'M20 10h40v60H20zM30 26h20M30 40h20M30 54h10',
    live: QuestsLive,
  },
  {
    screen: 'achievements',
    title: 'Achievements',
    line: 'What you have done, and what is next.',
    draw: 'M40 12a18 18 0 1 0 .1 0M30 46l-6 24 16-9 16 9-6-24',
    live: null,
  },
  {
    screen: 'replay',
    title: 'Battles',
    line: 'Every battle you fought, to watch again and to prove.',
    draw: 'M40 10a30 30 0 1 0 .1 0M33 27v26l22-13z',
    live: null,
  },
  {
    screen: 'notices',
    title: 'Notifications',
    line: 'What happened to you, newest first.',
    draw: 'M22 34a18 18 0 0 1 36 0c0 16 6 18 6 22H16c0-4 6-6 6-22zM34 64a6 6 0 0 0 12 0',
    live: UnreadLive,
  },
  {
    screen: 'seasons',
    title: 'Season',
    line: 'What you bring in counts, up to ranks and their prizes.',
    draw: 'M40 8v64M40 8 60 18 40 28M20 72h40M26 52l14-10 14 10',
    live: SeasonsLive,
  },
  {
    screen: 'mining',
    title: 'Mining',
    line: 'Wallets you mine to bring action points, by the fraction.',
    draw: 'M16 70 50 30M26 20c18-6 34 2 40 20M50 30l8 8',
    live: MiningLive,
  },
  {
    screen: 'payments',
    title: 'Shillings',
    line: 'In and out by M-Pesa, each payment followed to its end.',
    draw: 'M14 24h52v34H14zM40 48a7 7 0 1 0-.01 0M14 34h8M58 48h8',
    live: null,
    here: () => openCurrencies.value.includes('KES'),
  },
  {
    screen: 'tokens',
    title: 'API access',
    line: 'Tokens for programs of your own.',
    draw: 'M28 50a14 14 0 1 0-.01 0M42 36h28M60 36v10M68 36v8',
    live: null,
  },
];

const yoursHere = (): YourScreen[] => YOURS.filter(({ here }) => here === undefined || here());

export const isYours = (screen: Screen): boolean => screen === 'you' || YOURS.some((yours) => yours.screen === screen);

/** Above each screen of the player's own, the way to the others. */
export function YourTabs() {
  const { screen } = route.value;
  const tabs = useRef<HTMLElement>(null);
  useEffect(
    () => tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }),
    [screen, openCurrencies.value],
  );
  return (
    <nav class="your-tabs" aria-label="Yours" ref={tabs}>
      <a class="chip" href={hrefOf('you')} aria-label="All that is yours">
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M5 5h5v5H5zM14 5h5v5h-5zM5 14h5v5H5zM14 14h5v5h-5z" />
        </svg>
      </a>
      {yoursHere().map(({ screen: to, title }) => (
        <a key={to} class="chip" href={hrefOf(to)} aria-current={screen === to ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  );
}

export function You() {
  const mine = me.value;
  return (
    <div class="you">
      <div class="you-head">
        {mine !== null && <Face id={mine.id} name={mine.displayName} />}
        <h1>{mine?.displayName ?? 'You'}</h1>
        {mine !== null && <Level level={mine.level} xp={mine.xp} />}
      </div>
      <ul class="your-bill">
        {yoursHere().map((yours) => (
          <Card key={yours.screen} yours={yours} />
        ))}
      </ul>
    </div>
  );
}

function Level({ level, xp }: { level: number; xp: string | number }) {
  const { part, gained, needed } = levelProgress(xp);
  return (
    <div class="you-level">
      <div class="row apart small">
        <span>Level {level}</span>
        <span class="quiet figures">{needed === null ? `${grouped(xp)} XP` : `${grouped(gained)} of ${grouped(needed)} XP`}</span>
      </div>
      <div class="bar" role="progressbar" aria-label="To the next level" aria-valuenow={Math.round(part * 100)}>
        <i style={{ transform: `scaleX(${part})` }} />
      </div>
    </div>
  );
}

const grouped = (xp: string | number | bigint): string => BigInt(xp).toLocaleString('en');

function Card({ yours: { screen, title, line, draw, live: Live } }: { yours: YourScreen }) {
  return (
    <li>
      <a class="act your-act" href={hrefOf(screen)} data-screen={screen}>
        <svg class="act-drawing" viewBox="0 0 80 80" aria-hidden="true">
          <path d={draw} />
        </svg>
        <h2>{title}</h2>
        <p>{line}</p>
        {Live !== null && (
          <p class="act-live">
            <Live />
          </p>
        )}
      </a>
    </li>
  );
}
