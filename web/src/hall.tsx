import { ask } from './api.ts';
import { History } from './history.tsx';
import { listings, roomsOf, useLobby } from './lobby.ts';
import { isGuest, levelProgress, me } from './me.ts';
import { hrefOf, type Screen } from './route.ts';
import { Coin, useRead } from './ui.tsx';
import { balances, digits, nameOf, type Balance } from './money.ts';

interface Totals {
  players?: number;
  rounds?: { game: string; rounds: number | string }[];
}

export function Hall() {
  useLobby();
  const totals = useRead(() => ask<Totals>('/api/stats', { open: true }), 'stats').value;
  return (
    <div class="hall">
      <div class="screen-title">
        <h1>Tonight at the house</h1>
        {totals?.players !== undefined && <p class="quiet">{counted(totals.players, 'player')} so far</p>}
      </div>
      {isGuest() && (
        <a class="guest-banner" href={hrefOf('account')}>
          <span>
            <b>You play as a guest.</b> Register to keep what you win, get 900 coins more and sit with other people.
          </span>
          <span class="button">Keep my seat</span>
        </a>
      )}
      <ul class="bill">
        {BILL.map((act, index) => (
          <Act key={act.screen} act={act} number={index + 1} rounds={roundsOf(totals, act.games)} />
        ))}
      </ul>
      <div class="hall-lower">
        <Purse />
        <History />
      </div>
    </div>
  );
}

interface BillAct {
  screen: Screen;
  /** As the lobby lists it; null for one that it does not. */
  room: string | null;
  games: string[];
  title: string;
  line: string;
  draw: string;
}

const BILL: BillAct[] = [
  {
    screen: 'roulette',
    room: 'roulette',
    games: ['roulette'],
    title: 'Russian roulette',
    line: 'Two to six at a table, six chambers, one bullet. The last one takes the pot.',
    draw: 'M40 8a32 32 0 1 0 .1 0M40 15.500a6 6 0 1 0 .1 0M56.900 25a6 6 0 1 0 .1 0M56.900 43a6 6 0 1 0 .1 0M40 52.500a6 6 0 1 0 .1 0M23.100 43a6 6 0 1 0 .1 0M23.100 25a6 6 0 1 0 .1 0',
  },
  {
    screen: 'spin',
    room: 'spin',
    games: ['spin', 'spin-and-win'],
    title: 'Spin and win',
    line: 'A wheel drawn to its exact odds, up to 100 times your stake, and a jackpot everybody feeds.',
    draw: 'M40 10a31 31 0 1 0 .1 0M40 41V10M40 41 66.800 25.500M40 41 66.800 56.500M40 41v31M40 41 13.200 56.500M40 41 13.200 25.500M35 3h10l-5 9z',
  },
  {
    screen: 'battle',
    room: 'battle',
    games: ['battle'],
    title: 'Battle',
    line: 'Fight waves and bosses side by side, and share what they leave.',
    draw: 'M12 12 50 50M12 12v10M12 12h10M68 12 30 50M68 12v10M68 12H58M24 46l10 10M56 46 46 56M16 68l13-13M64 68 51 55',
  },
  {
    screen: 'leaderboard',
    room: null,
    games: [],
    title: 'Leaderboards',
    line: 'Winnings, battles, experience: the first hundred, moving as it happens.',
    draw: 'M10 70V42h20v28M30 70V18h20v52M50 70V50h20v20M6 70h68M36 30l4-5v20',
  },
];

function Act({ act, number, rounds }: { act: BillAct; number: number; rounds: number }) {
  const people = act.room === null ? 0 : roomsOf(act.room).reduce((sum, { clients }) => sum + clients, 0);
  return (
    <li>
      <a class="act" href={hrefOf(act.screen)} data-room={act.screen}>
        <svg class="act-drawing" viewBox="0 0 80 80" aria-hidden="true">
          <path d={act.draw} />
        </svg>
        <span class="act-number">No. {number}</span>
        <h2>{act.title}</h2>
        <p>{act.line}</p>
        <p class="act-live">
          <span class={people > 0 ? 'lamp lamp-on' : 'lamp'} aria-hidden="true" />
          {act.room === null
            ? 'Moving live'
            : listings.value === null
              ? '…'
              : people === 0
                ? 'Empty now, be the first'
                : `${people} here now`}
          {rounds > 0 && <span class="quiet"> · {counted(rounds, 'round')} played</span>}
        </p>
      </a>
    </li>
  );
}

const roundsOf = (totals: Totals | null, games: string[]): number =>
  (totals?.rounds ?? []).filter(({ game }) => games.includes(game)).reduce((sum, { rounds }) => sum + Number(rounds), 0);

const counted = (count: number, noun: string): string => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

function Purse() {
  const mine = me.value;
  return (
    <section class="panel stack" aria-label="Your purse">
      <h2>Your purse</h2>
      <ul class="purse-list">
        {(balances.value ?? []).filter(isShown).map(({ currency, available, held }) => (
          <li key={currency}>
            {PLAYED.has(currency) ? <Coin currency={currency} /> : <span />}
            <span class="quiet">{nameOf(currency)}</span>
            <span class="figures">
              <b>{digits(available, currency)}</b>
              {BigInt(held) > 0n && <small class="quiet"> + {digits(held, currency)} in play</small>}
            </span>
          </li>
        ))}
      </ul>
      {mine !== null && <Level level={mine.level} xp={mine.xp} />}
    </section>
  );
}

const PLAYED = new Set(['COINS', 'GEMS', 'AP']);

/** Other currencies once there is something in them. */
const isShown = ({ currency, available, held }: Balance): boolean =>
  PLAYED.has(currency) || BigInt(available) + BigInt(held) > 0n;

function Level({ level, xp }: { level: number; xp: string | number }) {
  const { part, gained, needed } = levelProgress(xp);
  return (
    <div class="level">
      <div class="row apart">
        <span>
          Level <b>{level}</b>
        </span>
        <span class="quiet small figures">{needed === null ? `${xp} XP` : `${gained} of ${needed} XP`}</span>
      </div>
      <div class="bar" role="progressbar" aria-label="To the next level" aria-valuenow={Math.round(part * 100)}>
        <i style={{ transform: `scaleX(${part})` }} />
      </div>
    </div>
  );
}
