// A period that is over: how it ended, read once.
import { useState } from 'preact/hooks';
import { boardReward, type ClosingPeriod } from '../../rules/boards.ts';
import { ask } from './api.ts';
import { OwnPlace, Prizes, type Rank, Row } from './leaderboard-rows.tsx';
import { me } from './me.ts';
import { Reading } from './reading.tsx';
import { Refusal, useDeed, useRead } from './ui.tsx';
import { Refused } from './words.ts';

interface Which {
  board: string;
  period: ClosingPeriod;
  /** Any day of it, UTC. */
  day: string;
}

interface BoardPage {
  items: Rank[];
  nextCursor: string | null;
  closedAt: string | null;
}

interface Standing {
  rank: number;
  score: string;
  above: Rank[];
  below: Rank[];
}

const PAGE = 50;

const readPage = ({ board, period, day }: Which, cursor: string | null) =>
  ask<BoardPage>(
    `/api/leaderboards/${encodeURIComponent(board)}?period=${period}&at=${encodeURIComponent(day)}&limit=${PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`,
  );

/** Null: the player was not on it. */
async function readOwn({ board, period, day }: Which): Promise<Standing | null> {
  try {
    return await ask<Standing>(
      `/api/leaderboards/${encodeURIComponent(board)}/me?period=${period}&at=${encodeURIComponent(day)}`,
    );
  } catch (error) {
    if (error instanceof Refused && error.code === 'not_found') return null;
    throw error;
  }
}

async function read(which: Which): Promise<{ page: BoardPage; own: Standing | null }> {
  const [page, own] = await Promise.all([readPage(which, null), readOwn(which)]);
  return { page, own };
}

export function Closed({ which }: { which: Which }) {
  const closed = useRead(() => read(which), JSON.stringify(which));
  return (
    <Reading of={closed} what="how it ended">
      {({ page, own }) => <Final which={which} first={page} own={own} />}
    </Reading>
  );
}

function Final({ which, first, own }: { which: Which; first: BoardPage; own: Standing | null }) {
  const self = me.value?.id ?? '';
  const [more, setMore] = useState<BoardPage[]>([]);
  const { busy, refusal, run } = useDeed();
  const ranks = [first, ...more].flatMap(({ items }) => items);
  const next = (more.at(-1) ?? first).nextCursor;
  return (
    <div class="board-columns">
      <section class="panel" aria-label="How it ended">
        {first.closedAt === null && ranks.length > 0 && (
          <p class="small quiet closing">It is over, and still being counted: it closes within minutes.</p>
        )}
        {ranks.length === 0 && <p class="quiet">Nobody was on this board then.</p>}
        <ol class="ranks">
          {ranks.map((rank) => (
            <Row key={rank.playerId} rank={rank} self={self} />
          ))}
        </ol>
        <Refusal code={refusal} />
        {next !== null && (
          <button
            type="button"
            class="button button-plain button-wide"
            disabled={busy}
            onClick={() => run(async () => setMore([...more, await readPage(which, next)]))}
          >
            Show more
          </button>
        )}
      </section>
      <div class="board-side">
        <OwnPlace
          own={own === null ? null : { rank: own.rank, score: own.score, around: [...own.above, ...own.below] }}
          self={self}
          earned={
            own === null || first.closedAt === null
              ? null
              : boardReward(which.period, { rank: own.rank, score: BigInt(own.score) })
          }
          over
        />
        <Prizes period={which.period} />
      </div>
    </div>
  );
}
