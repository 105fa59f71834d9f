// What achievements and quests ask for, in words, and how far one has come.
import { type Counter, COUNTERS, type Measure } from '../../rules/counters.ts';
import { digits } from './money.ts';
import { Amount } from './ui.tsx';

export interface Goal {
  counter: string;
  measure: Measure;
  /** Digits. */
  threshold: string;
}

const counted = (count: string, noun: string): string => (count === '1' ? `a ${noun}` : `${digits(count)} ${noun}s`);
const times = (count: string): string => (count === '1' ? 'once' : `${digits(count)} times`);

/** Another counter is told as it is described in the rules. */
const GOALS: Partial<Record<Counter, (count: string) => string>> = {
  winnings: (count) => `Win ${digits(count)} coins`,
  rounds: (count) => `Play ${counted(count, 'round')} to the end`,
  xp: (count) => `Earn ${digits(count)} XP`,
  ap: (count) => `Earn ${digits(count)} action points`,
  ap_spent: (count) => `Spend ${digits(count)} action points`,
  battles: (count) => `Win ${counted(count, 'battle')}`,
  battles_fought: (count) => `Fight ${counted(count, 'battle')} to the end`,
  bosses: (count) => (count === '1' ? 'Defeat a boss' : `Defeat ${digits(count)} bosses`),
  enemies: (count) => (count === '1' ? 'Defeat an enemy' : `Defeat ${digits(count)} enemies`),
  items_bought: (count) => `Buy in the shop ${times(count)}`,
  items_sold: (count) => `Sell ${counted(count, 'thing')}`,
  pets: (count) => `Hatch ${counted(count, 'pet')}`,
  pets_fed: (count) => `Feed your pets ${times(count)}`,
  check_ins: (count) => `Check in ${times(count)}`,
  streak_days: (count) => `Check in ${digits(count)} days in a row`,
  podiums: (count) => `Be among the first three when a board closes, ${times(count)}`,
  registered: () => 'Register',
  verified: () => 'Confirm your email address',
  mining_payouts: (count) => `Receive ${counted(count, 'mining payout')}`,
  mined: (count) => `Mine ${digits(count)} action points`,
  trades: (count) => `Close ${counted(count, 'trade')}`,
  quests: (count) => `Claim ${counted(count, 'quest')}`,
};

const AT_ONCE: Partial<Record<Counter, string>> = { winnings: ' in one round', mined: ' in one payout' };

export function goalWords({ counter, measure, threshold }: Goal): string {
  const known = counter as Counter;
  const words = GOALS[known]?.(threshold) ?? `${COUNTERS[known] ?? counter}: ${digits(threshold)}`;
  return `${words}${measure === 'best' ? (AT_ONCE[known] ?? '') : ''}`;
}

/** 0 … 1. */
export const partOf = ({ progress, threshold }: { progress: string; threshold: string }): number =>
  threshold === '0' ? 1 : Math.min(1, Number(progress) / Number(threshold));

export function Progress({ name, progress, threshold }: { name: string; progress: string; threshold: string }) {
  const said = `${digits(progress)} of ${digits(threshold)}`;
  return (
    <div class="progress">
      <div
        class="bar"
        role="progressbar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={Number(threshold)}
        aria-valuenow={Number(progress)}
        aria-valuetext={said}
      >
        <i style={{ transform: `scaleX(${partOf({ progress, threshold })})` }} />
      </div>
      <span class="small quiet figures" aria-hidden="true">
        {said}
      </span>
    </div>
  );
}

/** What it brings; nothing for what it does not bring. */
export function Gains({
  coins = '0',
  ap = '0',
  gems = '0',
  xp = '0',
}: {
  coins?: string;
  ap?: string;
  gems?: string;
  xp?: string;
}) {
  return (
    <span class="gains">
      {coins !== '0' && <Amount amount={coins} />}
      {ap !== '0' && <Amount amount={ap} currency="AP" />}
      {gems !== '0' && <Amount amount={gems} currency="GEMS" />}
      {xp !== '0' && <span class="figures">{digits(xp)} XP</span>}
    </span>
  );
}
