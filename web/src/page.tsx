import type { ComponentChild } from 'preact';
import { useEffect } from 'preact/hooks';
import { Account } from './account.tsx';
import { AchievementsScreen } from './achievements.tsx';
import { Battle } from './battle.tsx';
import { Check } from './check.tsx';
import { DailyScreen } from './daily.tsx';
import { Door } from './door.tsx';
import { errand } from './errand.ts';
import { ErrandScreen } from './errand-screen.tsx';
import { Hall } from './hall.tsx';
import { Inventory } from './inventory.tsx';
import { Leaderboard } from './leaderboard.tsx';
import { loadMe, me } from './me.ts';
import { MiningScreen } from './mining.tsx';
import { balances, loadCurrencies } from './money.ts';
import { Bell, News } from './notices-bell.tsx';
import { Notices } from './notices.tsx';
import { Payments } from './payments.tsx';
import { Pets } from './pets.tsx';
import { Profile } from './profile.tsx';
import { Quests } from './quests.tsx';
import { RealityCheck } from './reality.tsx';
import { Replay } from './replay.tsx';
import { go, hrefOf, route, type Screen } from './route.ts';
import { Roulette } from './roulette.tsx';
import { Seasons } from './seasons.tsx';
import { playerId } from './session.ts';
import { Shop } from './shop.tsx';
import { Spin } from './spin.tsx';
import { Tokens } from './tokens.tsx';
import { Told } from './told.tsx';
import { Amount, Face } from './ui.tsx';
import { codeOf } from './words.ts';
import { isYours, You, YourTabs } from './you.tsx';

/** A round can be checked by anybody; everything else is behind the door. */
export function Page() {
  const { screen, rest } = route.value;
  const here = playerId.value;
  useEffect(() => {
    loadCurrencies().catch((error: unknown) => void codeOf(error));
  }, []);
  useEffect(() => {
    if (here !== null) return untilRead(loadMe);
  }, [here]);
  if (errand.value !== null) return <ErrandScreen errand={errand.value} />;
  if (here === null && screen !== 'check') return <Door />;
  return (
    <div class="shell">
      <Top player={here} />
      {here !== null && isYours(screen) && screen !== 'you' && <YourTabs />}
      <main key={here ?? ''}>{here === null ? <Check roundId={rest[0] ?? null} /> : SCREENS_DRAWN[screen](rest)}</main>
      <Told />
      {here !== null && <News />}
      <RealityCheck />
      {screen === 'account' && here !== null && <Account onClose={() => go('hall')} />}
    </div>
  );
}

const AGAIN_MS = 3_000;

/** Read now, and again for as long as the house cannot be reached. Gives what ends it. */
function untilRead(read: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const tryOnce = () =>
    read().catch((error: unknown) => {
      const passing = ['offline', 'unavailable', 'rate_limited'].includes(codeOf(error));
      if (passing && !ended) timer = setTimeout(tryOnce, AGAIN_MS);
    });
  void tryOnce();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

const SCREENS_DRAWN: Record<Screen, (rest: string[]) => ComponentChild> = {
  hall: () => <Hall />,
  account: () => <Hall />,
  roulette: ([roomId]) => <Roulette roomId={roomId ?? null} />,
  spin: () => <Spin />,
  battle: ([battleId, roomId]) => <Battle battleId={battleId ?? null} roomId={roomId ?? null} />,
  leaderboard: ([board, period, day]) => <Leaderboard board={board ?? 'winnings'} period={period ?? 'all'} day={day ?? null} />,
  check: ([roundId]) => <Check roundId={roundId ?? null} />,
  you: () => <You />,
  profile: () => <Profile />,
  inventory: () => <Inventory />,
  pets: () => <Pets />,
  shop: () => <Shop />,
  daily: () => <DailyScreen />,
  quests: () => <Quests />,
  achievements: () => <AchievementsScreen />,
  replay: ([roundId]) => <Replay roundId={roundId ?? null} />,
  notices: () => <Notices />,
  seasons: ([season]) => <Seasons key={season} which={season ?? null} />,
  mining: () => <MiningScreen />,
  payments: () => <Payments />,
  tokens: () => <Tokens />,
};

function Top({ player }: { player: string | null }) {
  const mine = me.value;
  const shown = (balances.value ?? []).filter(({ currency }) => currency === 'COINS' || currency === 'GEMS');
  return (
    <header class="top">
      <a class="wordmark" href={hrefOf('hall')}>
        Play<b>house</b>
      </a>
      <Nav />
      {player !== null && (
        <div class="purse" aria-label="What you have">
          {shown.map(({ currency, available }) => (
            <span key={currency} data-balance={currency}>
              <Amount amount={available} currency={currency} />
            </span>
          ))}
        </div>
      )}
      {player !== null && <Bell playerId={player} />}
      {mine !== null && (
        <a class="me-button" href={hrefOf('account')} aria-label={`Your account, ${mine.displayName}, level ${mine.level}`}>
          <Face id={mine.id} name={mine.displayName} />
          <span class="me-name">{mine.displayName}</span>
        </a>
      )}
    </header>
  );
}

const NAV: { screen: Screen; name: string; path: string }[] = [
  { screen: 'hall', name: 'Hall', path: 'M4 11 12 4l8 7v9h-5v-6H9v6H4z' },
  {
    screen: 'roulette',
    name: 'Roulette',
    path: 'M12 3a9 9 0 1 0 .01 0M12 6.5v.01M16.8 9.2v.01M16.8 14.8v.01M12 17.5v.01M7.2 14.8v.01M7.2 9.2v.01',
  },
  { screen: 'spin', name: 'Wheel', path: 'M12 5a8 8 0 1 0 .01 0M12 13V5M12 13l7 4M12 13l-7 4M10 2h4l-2 3z' },
  {
    screen: 'battle',
    name: 'Battle',
    path: 'm4 4 10 10M4 4v3M4 4h3M20 4 10 14M20 4v3M20 4h-3M8 13l3 3M16 13l-3 3M5 20l4-4M19 20l-4-4',
  },
  { screen: 'leaderboard', name: 'Boards', path: 'M4 20V11h5v9M9 20V5h6v15M15 20v-7h5v7M3 20h18' },
  { screen: 'you', name: 'You', path: 'M12 4a4 4 0 1 0 .01 0M4.500 20c.500-4.500 3.500-7 7.500-7s7 2.500 7.500 7z' },
];

function Nav() {
  const { screen } = route.value;
  return (
    <nav class="tabs-nav" aria-label="Rooms">
      {NAV.map(({ screen: to, name, path }) => (
        <a key={to} href={hrefOf(to)} aria-current={screen === to || (to === 'you' && isYours(screen)) ? 'page' : undefined}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d={path} />
          </svg>
          {name}
        </a>
      ))}
    </nav>
  );
}
