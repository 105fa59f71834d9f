import { BOARD_REWARDS, type BoardReward, type ClosingPeriod } from '../../rules/boards.ts';
import { me } from './me.ts';
import { digits } from './money.ts';
import { Amount, Face } from './ui.tsx';

export interface Rank {
  rank: number;
  playerId: string;
  displayName: string;
  score: string;
}

export function Row({ rank: { rank, playerId, displayName, score }, self }: { rank: Rank; self: string }) {
  const place = rank <= 3 ? ` place-${rank}` : '';
  return (
    <li class={`${playerId === self ? 'own' : ''}${place}`} data-player={playerId}>
      <span class="rank-no figures">{rank}</span>
      <Face id={playerId} name={displayName} />
      <span class="who">{playerId === self ? `${displayName} (you)` : displayName}</span>
      <b class="figures">{digits(score)}</b>
    </li>
  );
}

interface OwnProps {
  /** Null: not on the board. */
  own: { rank: number; score: string; around: Rank[] } | null;
  self: string;
  /** What the place has earned, where the period is over; null: nothing is said of it. */
  earned: BoardReward | null;
  /** Whether it can still change. */
  over: boolean;
}

/** The player's own place, with those around it. */
export function OwnPlace({ own, self, earned, over }: OwnProps) {
  return (
    <section class="panel own-place" aria-label="Your place">
      <h2>Your place</h2>
      {own === null ? (
        <p class="quiet">{notThere(over)}</p>
      ) : (
        <>
          <p class="own-rank">
            <b class="figures">{own.rank.toLocaleString('en')}</b>
            <span class="quiet">with {digits(own.score)}</span>
          </p>
          {earned !== null && <Earned earned={earned} />}
          <ol class="ranks">
            {[...own.around, { rank: own.rank, playerId: self, displayName: me.value?.displayName ?? '', score: own.score }]
              .sort((one, other) => one.rank - other.rank)
              .map((rank) => (
                <Row key={rank.playerId} rank={rank} self={self} />
              ))}
          </ol>
        </>
      )}
    </section>
  );
}

function notThere(over: boolean): string {
  if (me.value?.email === null) return 'Boards list registered players. Register to be on them.';
  return over ? 'You were not on this board.' : 'You are not on this board yet.';
}

function Earned({ earned: { coins, gems } }: { earned: BoardReward }) {
  if (coins + gems === 0n) return <p class="quiet small own-earned">This place earned nothing.</p>;
  return (
    <p class="own-earned">
      It earned you <Prize coins={coins} gems={gems} />
    </p>
  );
}

const Prize = ({ coins, gems }: BoardReward) => (
  <span class="gains">
    {coins > 0n && <Amount amount={coins} />}
    {gems > 0n && <Amount amount={gems} currency="GEMS" />}
  </span>
);

/** What places earn when a period like this one closes. */
export function Prizes({ period }: { period: ClosingPeriod }) {
  const bands = BOARD_REWARDS[period];
  return (
    <section class="panel" aria-label="What places earn">
      <h2>What places earn</h2>
      <ul class="prizes">
        {bands.map(({ to, coins, gems }, index) => {
          const from = (bands[index - 1]?.to ?? 0) + 1;
          return (
            <li key={to}>
              <span class="figures">{from === to ? place(to) : `${place(from)} to ${place(to)}`}</span>
              <Prize coins={coins} gems={gems} />
            </li>
          );
        })}
      </ul>
      <p class="small quiet">Paid when the period closes, to whoever has won more than nothing.</p>
    </section>
  );
}

const ENDINGS: Record<string, string> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const place = (rank: number): string => `${rank}${ENDINGS[ordinals.select(rank)]}`;
