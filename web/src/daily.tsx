import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ask } from './api.ts';
import { type Daily, ladderOf, percentOf } from './daily-ladder.ts';
import { Zone } from './daily-zone.tsx';
import { refreshMe } from './me.ts';
import { digits } from './money.ts';
import { useNews } from './notices.ts';
import { once } from './once.ts';
import { Reading } from './reading.tsx';
import { tell } from './told.tsx';
import { Amount, Refusal, useDeed, useRead } from './ui.tsx';
import { clockTime, Until } from './until.tsx';

const readDaily = (): Promise<Daily> => ask<Daily>('/api/daily');

export function DailyScreen() {
  const daily = useRead(readDaily, 'daily');
  useNews(['level_up'], daily.reload);
  useReturn(daily.reload);
  return (
    <div class="daily">
      <div class="screen-title">
        <h1>Your day</h1>
        {daily.value !== null && <p class="quiet">{dayName(daily.value.day)}</p>}
      </div>
      <Reading of={daily} what="your day">
        {(card) => (
          <div class="daily-parts">
            <Row card={card} />
            <div class="daily-acts">
              <CheckIn card={card} reload={daily.reload} />
              <Claim card={card} reload={daily.reload} />
            </div>
            <Zone card={card} reload={daily.reload} />
          </div>
        )}
      </Reading>
    </div>
  );
}

/** Reads again when the tab is looked at again: a day may have begun meanwhile. */
export function useReturn(reload: () => void): void {
  useEffect(() => {
    const change = () => void (document.visibilityState === 'visible' && reload());
    document.addEventListener('visibilitychange', change);
    return () => document.removeEventListener('visibilitychange', change);
  }, []);
}

const dayName = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`);

/** The row of days as it stands, and what the next ones bring. */
function Row({ card }: { card: Daily }) {
  const { streak, best, keptUntil, checkIn } = card;
  return (
    <section class="panel streak" aria-label="Days in a row">
      <p class="streak-figure">
        <b class="figures">{streak}</b>
        <span>
          {streak === 1 ? 'day in a row' : 'days in a row'}
          <small class="quiet">
            {best > streak ? `Your longest: ${days(best)}` : streak > 0 ? 'Your longest so far' : 'It begins with a check-in'}
          </small>
        </span>
        {percentOf(checkIn) > 100 && <span class="tag">event: more XP</span>}
      </p>
      <ol class="ladder">
        {ladderOf(card).map(({ day, xp, state }) => (
          <li key={day} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
            <span class="small">Day {day}</span>
            <b class="figures">{state === 'had' ? <Tick /> : `+${xp}`}</b>
            <span class="small quiet">{state === 'had' ? 'had' : 'XP'}</span>
          </li>
        ))}
      </ol>
      {keptUntil !== null && (
        <p class="small quiet">
          {checkIn.opensAt === null ? 'Check in' : 'Check in again'} before {clockTime(keptUntil)}, your time, and the row goes
          on.
        </p>
      )}
    </section>
  );
}

const Tick = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M5 12l5 5 9-10" />
  </svg>
);

interface ActProps {
  card: Daily;
  reload: () => void;
}

function CheckIn({ card: { checkIn }, reload }: ActProps) {
  return (
    <Act
      name="check-in"
      title="Check in"
      gain={<span class="figures">+{digits(checkIn.xp)} XP</span>}
      line="Once a day. The longer your row of days, the more it brings."
      had="Checked in"
      opensAt={checkIn.opensAt}
      reload={reload}
      take={async () => {
        const { xp, streak } = await once<{ xp: string; streak: number }>('/api/daily/check-in');
        tell(`Checked in: ${digits(xp)} XP. ${days(streak)} in a row.`);
      }}
    />
  );
}

function Claim({ card: { claim, checkIn }, reload }: ActProps) {
  const first = checkIn.opensAt === null && claim.opensAt === null;
  return (
    <Act
      name="claim"
      title="Claim your coins"
      gain={<Amount amount={claim.coins} />}
      line={
        first
          ? 'Once a day. Check in first: five more for each day of your row.'
          : `Once a day: more by your row of days${claim.trades === '0' ? ' and your trades' : `, and by your ${digits(claim.trades)} trades`}.`
      }
      had="Claimed"
      opensAt={claim.opensAt}
      reload={reload}
      take={async () => {
        const { coins } = await once<{ coins: string }>('/api/daily/claim');
        tell(
          <>
            Yours: <Amount amount={coins} />
          </>,
        );
      }}
    />
  );
}

interface ActParts {
  name: string;
  title: string;
  gain: ComponentChildren;
  line: string;
  had: string;
  opensAt: string | null;
  take: () => Promise<void>;
  reload: () => void;
}

/** One of the two things a day has: open, or taken until the next day begins. */
function Act({ name, title, gain, line, had, opensAt, take, reload }: ActParts) {
  const { busy, refusal, run } = useDeed();
  const heading = useRef<HTMLHeadingElement>(null);
  const doIt = () =>
    run(async () => {
      try {
        await take();
      } finally {
        // Refused, it was taken on another device: either way the card has changed.
        reload();
        refreshMe();
        heading.current?.focus();
      }
    });
  return (
    <section class="panel daily-act" data-act={name} data-open={opensAt === null} aria-label={title}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p class="daily-gain">
        {opensAt !== null && <span class="small">next </span>}
        {gain}
      </p>
      <p class="quiet">{line}</p>
      {opensAt === null ? (
        <button type="button" class="button button-first button-wide" disabled={busy} onClick={doIt}>
          {title}
        </button>
      ) : (
        <p class="daily-had">
          <Tick />
          <span>
            {had}. Again in <Until at={opensAt} onOver={reload} />
          </span>
        </p>
      )}
      <Refusal code={refusal} />
    </section>
  );
}

/** In the hub: what is open now. */
export function DailyLive() {
  const { value } = useRead(readDaily, 'daily');
  if (value === null) return null;
  const open = [value.checkIn, value.claim].filter(({ opensAt }) => opensAt === null).length;
  if (open === 0) return <>{days(value.streak)} in a row</>;
  return <b>{open === 2 ? 'Check-in and coins are waiting' : 'One thing is waiting'}</b>;
}
