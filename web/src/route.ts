import { signal } from '@preact/signals';

const ROOMS = ['hall', 'roulette', 'spin', 'battle', 'leaderboard', 'check', 'account'] as const;
/** What is the player's own: each has a card in you.tsx. */
const YOURS = [
  'you',
  'profile',
  'inventory',
  'pets',
  'shop',
  'daily',
  'quests',
  'achievements',
  'replay',
  'notices',
  'seasons',
  'mining',
  'payments',
  'tokens',
] as const;
export const SCREENS = [...ROOMS, ...YOURS] as const;
export type Screen = (typeof SCREENS)[number];

export interface Route {
  screen: Screen;
  /** A table's, a round's or a board's id behind the screen's name. */
  rest: string[];
}

export const route = signal<Route>(read());

addEventListener('hashchange', () => {
  route.value = read();
  scrollTo(0, 0);
});

export const hrefOf = (screen: Screen, ...rest: string[]): string => `#/${[screen, ...rest].join('/')}`;

export function go(screen: Screen, ...rest: string[]): void {
  location.hash = hrefOf(screen, ...rest);
}

/** The address changes and the screen stays: a table that now has an id. */
export function rename(screen: Screen, ...rest: string[]): void {
  history.replaceState(null, '', hrefOf(screen, ...rest));
}

function read(): Route {
  const [name, ...rest] = location.hash.replace(/^#\//, '').split('/').filter(Boolean).map(decodeURIComponent);
  return { screen: SCREENS.find((screen) => screen === name) ?? 'hall', rest };
}
