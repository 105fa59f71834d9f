import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Period, periodEnd, PERIODS as ALL_PERIODS } from '../../rules/boards.ts';
import { beside, BOARD_NAMES, firstOf, spanName } from './boards.ts';
import { houseNow, stillness } from './clock.ts';
import { Closed } from './leaderboard-closed.tsx';
import { OwnPlace, Prizes, type Rank, Row } from './leaderboard-rows.tsx';
import { me } from './me.ts';
import { hrefOf } from './route.ts';
import { useSeat, type Seat } from './seat.ts';
import { Presence, Refusal, useDeed } from './ui.tsx';
import { Until } from './until.tsx';

interface BoardState {
  board: string;
  period: string;
  top?: Record<string, Rank>;
  standings?: Record<string, { rank: number; score: string; neighbours?: Record<string, Rank> }>;
}

const BOARDS = [
  { board: 'winnings', unit: 'coins won, less coins staked, at tables of people and at the wheel' },
  { board: 'battles', unit: 'battles won' },
  { board: 'xp', unit: 'experience earned' },
  { board: 'ap', unit: 'action points earned' },
];
const PERIODS = [
  { period: 'all', name: 'All time' },
  { period: 'monthly', name: 'Month' },
  { period: 'weekly', name: 'Week' },
  { period: 'daily', name: 'Day' },
];

interface BoardProps {
  board: string;
  period: string;
  /** A day, UTC, of a period that is over; null: the one that runs. */
  day: string | null;
}

export function Leaderboard({ board, period: asked, day }: BoardProps) {
  const period = ALL_PERIODS.find((known) => known === asked) ?? 'all';
  const today = new Date(houseNow()).toISOString().slice(0, 10);
  const shown = day !== null && /^\d{4}-\d\d-\d\d$/.test(day) ? firstOf(period, day) : firstOf(period, today);
  const over = period !== 'all' && shown < firstOf(period, today);
  return (
    <div class="boards">
      <div class="screen-title">
        <h1>{BOARD_NAMES[board] ?? board}</h1>
        <p class="quiet">{BOARDS.find((known) => known.board === board)?.unit}</p>
      </div>
      <nav class="tabs board-tabs" aria-label="Boards">
        {BOARDS.map(({ board: to }) => (
          <a
            key={to}
            class="chip"
            href={hrefOf('leaderboard', to, period, ...(over ? [shown] : []))}
            aria-current={to === board ? 'page' : undefined}
          >
            {BOARD_NAMES[to]}
          </a>
        ))}
      </nav>
      <nav class="tabs board-tabs" aria-label="Periods">
        {PERIODS.map(({ period: to, name }) => (
          <a key={to} class="chip" href={hrefOf('leaderboard', board, to)} aria-current={to === period ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {period !== 'all' && <Span board={board} period={period} shown={shown} over={over} />}
      {over ? (
        <Closed key={`${board}/${period}/${shown}`} which={{ board, period, day: shown }} />
      ) : (
        <Live key={`${board}/${period}`} board={board} period={period} />
      )}
    </div>
  );
}

/** Which day, week or month it is, and the way to those before it. */
function Span({ board, period, shown, over }: { board: string; period: Period; shown: string; over: boolean }) {
  const [before, after] = [beside(period, shown, -1), beside(period, shown, 1)];
  const today = new Date(houseNow()).toISOString().slice(0, 10);
  const ends = periodEnd(period, new Date(houseNow()));
  return (
    <nav class="board-span" aria-label="Earlier and later">
      <a class="chip" href={hrefOf('leaderboard', board, period, before)} aria-label={`Before: ${spanName(period, before)}`}>
        ‹
      </a>
      <span>
        {spanName(period, shown)}{' '}
        <span class="quiet small">
          {over ? (
            'is over'
          ) : ends === null ? (
            ''
          ) : (
            <>
              closes in <Until at={ends.getTime()} />
            </>
          )}
        </span>
      </span>
      {over && (
        <a
          class="chip"
          href={
            after >= firstOf(period, today) ? hrefOf('leaderboard', board, period) : hrefOf('leaderboard', board, period, after)
          }
          aria-label={`After: ${spanName(period, after)}`}
        >
          ›
        </a>
      )}
    </nav>
  );
}

function Live({ board, period }: { board: string; period: Period }) {
  const seat = useSeat<BoardState>({ room: 'leaderboard', options: { board, period } }, `${board}/${period}`);
  const state = seat.state.value;
  return (
    <>
      <Presence seat={seat} />
      {state !== null && <Standings state={state} seat={seat} period={period} />}
    </>
  );
}

function Standings({ state, seat, period }: { state: BoardState; seat: Seat<BoardState>; period: Period }) {
  const self = me.value?.id ?? '';
  const top = Object.values(state.top ?? {}).sort((one, other) => one.rank - other.rank);
  const own = state.standings?.[self];
  return (
    <div class="board-columns">
      <section class="panel" aria-label="The first hundred">
        {top.length === 0 ? <p class="quiet">Nobody yet. The first one to play leads.</p> : <Moving ranks={top} self={self} />}
        <Further seat={seat} after={top.length} self={self} />
      </section>
      <div class="board-side">
        <OwnPlace
          own={own === undefined || own.rank === 0 ? null : { ...own, around: Object.values(own.neighbours ?? {}) }}
          self={self}
          earned={null}
          over={false}
        />
        {period !== 'all' && <Prizes period={period} />}
      </div>
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
