import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { stillness } from './clock.ts';
import { me } from './me.ts';
import { digits } from './money.ts';
import { hrefOf } from './route.ts';
import { useSeat, type Seat } from './seat.ts';
import { Face, Presence, Refusal, useDeed } from './ui.tsx';

interface Rank {
  rank: number;
  playerId: string;
  displayName: string;
  score: string;
}

interface BoardState {
  board: string;
  period: string;
  top?: Record<string, Rank>;
  standings?: Record<string, { rank: number; score: string; neighbours?: Record<string, Rank> }>;
}

const BOARDS = [
  { board: 'winnings', name: 'Winnings', unit: 'coins won, less coins staked, at tables of people and at the wheel' },
  { board: 'battles', name: 'Battles', unit: 'battles won' },
  { board: 'xp', name: 'Experience', unit: 'experience earned' },
  { board: 'ap', name: 'Action points', unit: 'action points earned' },
];
const PERIODS = [
  { period: 'all', name: 'All time' },
  { period: 'monthly', name: 'Month' },
  { period: 'weekly', name: 'Week' },
  { period: 'daily', name: 'Today' },
];

export function Leaderboard({ board, period }: { board: string; period: string }) {
  const key = `${board}/${period}`;
  const seat = useSeat<BoardState>({ room: 'leaderboard', options: { board, period } }, key);
  const state = seat.state.value;
  const about = BOARDS.find((known) => known.board === board);
  return (
    <div class="boards">
      <div class="screen-title">
        <h1>{about?.name ?? board}</h1>
        <p class="quiet">{about?.unit}</p>
      </div>
      <nav class="tabs board-tabs" aria-label="Boards">
        {BOARDS.map(({ board: to, name }) => (
          <a key={to} class="chip" href={hrefOf('leaderboard', to, period)} aria-selected={to === board}>
            {name}
          </a>
        ))}
      </nav>
      <nav class="tabs board-tabs" aria-label="Periods">
        {PERIODS.map(({ period: to, name }) => (
          <a key={to} class="chip" href={hrefOf('leaderboard', board, to)} aria-selected={to === period}>
            {name}
          </a>
        ))}
      </nav>
      <Presence seat={seat} />
      {state !== null && <Standings key={key} state={state} seat={seat} />}
    </div>
  );
}

function Standings({ state, seat }: { state: BoardState; seat: Seat<BoardState> }) {
  const self = me.value?.id ?? '';
  const top = Object.values(state.top ?? {}).sort((one, other) => one.rank - other.rank);
  return (
    <div class="board-columns">
      <section class="panel" aria-label="The first hundred">
        {top.length === 0 ? <p class="quiet">Nobody yet. The first one to play leads.</p> : <Moving ranks={top} self={self} />}
        <Further seat={seat} after={top.length} self={self} />
      </section>
      <Own state={state} self={self} />
    </div>
  );
}

/** Rows slide from where they were to where they are now. */
function Moving({ ranks, self }: { ranks: Rank[]; self: string }) {
  const list = useRef<HTMLOListElement>(null);
  const tops = useRef(new Map<string, number>());
  useLayoutEffect(() => {
    const before = tops.current;
    tops.current = new Map();
    for (const row of list.current?.children ?? []) {
      const { player = '' } = (row as HTMLElement).dataset;
      const top = (row as HTMLElement).offsetTop;
      tops.current.set(player, top);
      const moved = (before.get(player) ?? top) - top;
      if (moved === 0 || stillness()) continue;
      const zIndex = moved > 0 ? 1 : 0;
      row.animate(
        [
          { transform: `translateY(${moved}px)`, zIndex },
          { transform: 'none', zIndex },
        ],
        { duration: 620, easing: 'cubic-bezier(0.2, 0.8, 0.2, 1)' },
      );
      if (moved > 0)
        row.animate([{ backgroundColor: '#5a441c' }, { backgroundColor: getComputedStyle(row).backgroundColor }], {
          duration: 1_600,
        });
    }
  });
  return (
    <ol class="ranks" ref={list}>
      {ranks.map((rank) => (
        <Row key={rank.playerId} rank={rank} self={self} />
      ))}
    </ol>
  );
}

function Row({ rank: { rank, playerId, displayName, score }, self }: { rank: Rank; self: string }) {
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

/** Those past the hundred that move live, read by the page. */
function Further({ seat, after, self }: { seat: Seat<BoardState>; after: number; self: string }) {
  const [pages, setPages] = useState<{ items: Rank[]; nextCursor: string | null }[]>([]);
  const { busy, refusal, run } = useDeed();
  const last = pages.at(-1);
  const more = last === undefined ? after >= 100 : last.nextCursor !== null;
  const known = pages.flatMap(({ items }) => items).filter(({ rank }) => rank > after);
  return (
    <>
      {known.length > 0 && (
        <ol class="ranks">
          {known.map((rank) => (
            <Row key={rank.playerId} rank={rank} self={self} />
          ))}
        </ol>
      )}
      <Refusal code={refusal} />
      {more && (
        <button
          type="button"
          class="button button-plain button-wide"
          disabled={busy}
          onClick={() => run(async () => setPages([...pages, await seat.ask('page', { cursor: last?.nextCursor ?? null })]))}
        >
          Show more
        </button>
      )}
    </>
  );
}

function Own({ state, self }: { state: BoardState; self: string }) {
  const own = state.standings?.[self];
  const around = Object.values(own?.neighbours ?? {});
  const mine = own === undefined || own.rank === 0 ? null : own;
  const rows =
    mine === null
      ? around
      : [...around, { rank: mine.rank, playerId: self, displayName: me.value?.displayName ?? '', score: mine.score }];
  return (
    <section class="panel own-place" aria-label="Your place">
      <h2>Your place</h2>
      {mine === null ? (
        <p class="quiet">
          {me.value?.email === null
            ? 'Boards list registered players. Register to be on them.'
            : 'You are not on this board yet.'}
        </p>
      ) : (
        <p class="own-rank">
          <b class="figures">{mine.rank.toLocaleString('en')}</b>
          <span class="quiet">with {digits(mine.score)}</span>
        </p>
      )}
      {mine !== null && (
        <ol class="ranks">
          {rows
            .sort((one, other) => one.rank - other.rank)
            .map((rank) => (
              <Row key={rank.playerId} rank={rank} self={self} />
            ))}
        </ol>
      )}
    </section>
  );
}
