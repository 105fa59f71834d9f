// What each kind of notice says, and where it leads. A kind that this page does not know yet is still told.
import type { ComponentChildren } from 'preact';
import { BOARD_NAMES, dayOfKey, periodName } from './boards.ts';
import { digits } from './money.ts';
import type { Notice } from './notices-page.ts';
import { hrefOf } from './route.ts';
import { Amount } from './ui.tsx';

export interface Said {
  title: string;
  line: ComponentChildren;
  /** Null: it leads nowhere. */
  href: string | null;
  /** What the way there is called. */
  way: string;
  /** Strokes in a square of 24. */
  draw: string;
}

export function saidOf({ kind, data }: Notice): Said {
  const words = KINDS[kind];
  return words === undefined ? unknown(kind) : { href: null, way: 'See', draw: DRAWINGS.news, ...words(new Facts(data)) };
}

const unknown = (kind: string): Said => ({
  title: kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('_', ' '),
  line: null,
  href: null,
  way: 'See',
  draw: DRAWINGS.news,
});

/** What a notice's data says, if it says it. */
class Facts {
  readonly #data: Record<string, unknown>;

  constructor(data: Record<string, unknown>) {
    this.#data = data;
  }

  text(key: string): string {
    const value = this.#data[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  }

  /** Digits; 0 where there are none. */
  amount(key: string): string {
    return /^-?\d+$/.test(this.text(key)) ? this.text(key) : '0';
  }

  /** Amounts that are not nothing. */
  gains(...wanted: [key: string, currency: string][]): ComponentChildren {
    const parts = wanted.filter(([key]) => this.amount(key) !== '0');
    const xp = this.amount('xp');
    return (
      <span class="gains">
        {parts.map(([key, currency]) => (
          <Amount key={key} amount={this.amount(key)} currency={currency} />
        ))}
        {xp !== '0' && <span class="figures">{digits(xp)} XP</span>}
      </span>
    );
  }

  inside(key: string): Facts {
    const value = this.#data[key];
    return new Facts(typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
  }
}

const DRAWINGS = {
  news: 'M6 9a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7zM10 19a2 2 0 0 0 4 0',
  level: 'M12 20V5M6 11l6-6 6 6',
  medal: 'M12 13a5 5 0 1 0-.01 0M9 12l-2 8 5-3 5 3-2-8',
  quest: 'M6 4h12v16H6zM9 9h6M9 13h6M9 17h3',
  loot: 'M4 10h16v10H4zM4 10a8 5 0 0 1 16 0M12 13v3',
  egg: 'M12 4c4 0 6 6 6 9a6 6 0 0 1-12 0c0-3 2-9 6-9z',
  board: 'M4 20V11h5v9M9 20V5h6v15M15 20v-7h5v7M3 20h18',
  money: 'M4 7h16v10H4zM12 14.500a2.500 2.500 0 1 0-.01 0',
  mine: 'M5 19 14 8M8 6c5-2 9-1 11 3',
  seal: 'M5 12l5 5 9-10',
};

type Words = (facts: Facts) => Pick<Said, 'title' | 'line'> & Partial<Said>;

const KINDS: Record<string, Words> = {
  level_up: (facts) => ({
    title: `You reached level ${facts.text('level')}`,
    line: (
      <>
        {facts.text('statPoints')} points to spend, and <Amount amount={facts.amount('gems')} currency="GEMS" />
      </>
    ),
    href: hrefOf('profile'),
    way: 'Spend them',
    draw: DRAWINGS.level,
  }),
  achievement_unlocked: (facts) => ({
    title: `Achievement: ${facts.text('name')}`,
    line: facts.gains(['ap', 'AP'], ['gems', 'GEMS']),
    href: hrefOf('achievements'),
    way: 'See all',
    draw: DRAWINGS.medal,
  }),
  quest_completed: (facts) => ({
    title: `Quest done: ${facts.text('name')}`,
    line: facts.gains(['coins', 'COINS'], ['gems', 'GEMS']),
    href: hrefOf('quests'),
    way: 'Claim it',
    draw: DRAWINGS.quest,
  }),
  loot_ready: () => ({
    title: 'A battle left you something',
    line: 'It waits until you claim it.',
    href: hrefOf('replay'),
    way: 'Claim it',
    draw: DRAWINGS.loot,
  }),
  egg_ready: () => ({
    title: 'An egg is ready to hatch',
    line: 'Something stirs in there.',
    href: hrefOf('pets'),
    way: 'Hatch it',
    draw: DRAWINGS.egg,
  }),
  board_reward: (facts) => ({
    title: `Place ${facts.text('rank')}, ${BOARD_NAMES[facts.text('board')] ?? facts.text('board')}`,
    line: (
      <>
        {periodName(facts.text('key'))}: {facts.gains(['coins', 'COINS'], ['gems', 'GEMS'])}
      </>
    ),
    href: hrefOf('leaderboard', facts.text('board'), facts.text('period'), dayOfKey(facts.text('key')) ?? ''),
    way: 'See the board',
    draw: DRAWINGS.board,
  }),
  payment_changed: (facts) => ({
    title:
      facts.text('state') === 'paid'
        ? facts.text('direction') === 'withdrawal'
          ? 'Your withdrawal is paid out'
          : 'Your deposit has arrived'
        : `Your ${facts.text('direction') || 'payment'} did not go through`,
    line: <Amount amount={facts.inside('amount').amount('amount')} currency={facts.inside('amount').text('currency')} />,
    href: hrefOf('payments'),
    draw: DRAWINGS.money,
  }),
  mining_reward: (facts) => ({
    title: 'Mining brought you action points',
    line: facts.gains(['ap', 'AP']),
    href: hrefOf('mining'),
    draw: DRAWINGS.mine,
  }),
  mining_taken_back: (facts) => ({
    title: 'A mining payout was taken back',
    line: <>Its block did not stay in the chain: {facts.gains(['ap', 'AP'])}</>,
    href: hrefOf('mining'),
    draw: DRAWINGS.mine,
  }),
  submission_reviewed: (facts) => ({
    title: facts.text('state') === 'approved' ? 'What you handed in counts' : 'What you handed in was not accepted',
    line:
      facts.text('state') === 'approved'
        ? `${facts.text('quantity')} × ${facts.text('itemId')}: ${digits(facts.amount('points'))} points`
        : facts.text('reason'),
    href: hrefOf('seasons'),
    way: 'See the season',
    draw: DRAWINGS.seal,
  }),
  season_rank: (facts) => ({
    title: `You reached the rank ${facts.text('rankId')}`,
    line: `${digits(facts.amount('points'))} points this season`,
    href: hrefOf('seasons'),
    way: 'See the season',
    draw: DRAWINGS.board,
  }),
  api_token_decided: (facts) => ({
    title: facts.text('state') === 'granted' ? 'Your API token is granted' : 'Your API token was declined',
    line: facts.text('reason') || null,
    href: hrefOf('tokens'),
    way: facts.text('state') === 'granted' ? 'Collect it' : 'See',
    draw: DRAWINGS.seal,
  }),
  balance_corrected: (facts) => ({
    title: 'An operator corrected your balance',
    line: (
      <>
        {facts.amount('amount').startsWith('-') ? 'Taken: ' : 'Given: '}
        <Amount amount={facts.amount('amount').replace('-', '')} currency={facts.text('currency')} />
      </>
    ),
    draw: DRAWINGS.money,
  }),
  verification_complete: (facts) => ({
    title: facts.text('address') === '' ? 'Your email address is confirmed' : 'Your wallet is confirmed',
    line: facts.amount('coins') === '0' ? facts.text('address') : facts.gains(['coins', 'COINS']),
    draw: DRAWINGS.seal,
  }),
};
