import { useState } from 'preact/hooks';
import { BATTLES } from '../../rules/battle-content.ts';
import { itemById } from '../../rules/items.ts';
import { ask } from './api.ts';
import { refreshMe } from './me.ts';
import { once } from './once.ts';
import { Reading } from './reading.tsx';
import { hrefOf } from './route.ts';
import { tell } from './told.tsx';
import { ago, Amount, Refusal, useDeed, useRead } from './ui.tsx';

interface Run {
  roundId: string;
  battleId: string;
  state: 'open' | 'started' | 'settled' | 'void';
  outcome: string | null;
  coins: string;
  xp: string;
  items: { item: string; quantity: number }[];
  shareBp: number;
  claimedAt: string | null;
  startedAt: string;
  endedAt: string | null;
}

interface Runs {
  items: Run[];
  nextCursor: string | null;
}

const LIMIT = 20;
const read = (cursor: string | null) =>
  ask<Runs>(`/api/battles/history?limit=${LIMIT}${cursor === null ? '' : `&cursor=${cursor}`}`);

/** The player's battles, newest first: each can be watched, and what it left be claimed. */
export function YourBattles() {
  const first = useRead(() => read(null), 'battles');
  return (
    <div class="replay">
      <div class="screen-title">
        <h1>Your battles</h1>
        <p class="quiet">Each one can be watched again, and proves its own end.</p>
      </div>
      <Reading of={first} what="your battles">
        {(page) => <Battles key={page.items[0]?.roundId ?? ''} first={page} />}
      </Reading>
    </div>
  );
}

function Battles({ first }: { first: Runs }) {
  const [more, setMore] = useState<Runs[]>([]);
  const { busy, refusal, run } = useDeed();
  const pages = [first, ...more];
  const runs = pages.flatMap(({ items }) => items);
  const next = pages.at(-1)!.nextCursor;
  if (runs.length === 0)
    return (
      <div class="bare">
        <p>You have fought no battle yet.</p>
        <a class="button button-first" href={hrefOf('battle')}>
          To battle
        </a>
      </div>
    );
  return (
    <>
      <ul class="runs">
        {runs.map((one) => (
          <Row key={one.roundId} run={one} />
        ))}
      </ul>
      <Refusal code={refusal} />
      {next !== null && (
        <button
          type="button"
          class="button button-plain button-wide"
          disabled={busy}
          onClick={() => run(async () => setMore([...more, await read(next)]))}
        >
          Show more
        </button>
      )}
    </>
  );
}

const nameOf = (battleId: string): string => BATTLES.find((battle) => battle.battleId === battleId)?.name ?? battleId;

function Row({ run: { roundId, battleId, state, outcome, coins, xp, items, claimedAt, startedAt } }: { run: Run }) {
  const [claimed, setClaimed] = useState(claimedAt !== null);
  const { busy, refusal, run } = useDeed();
  const name = nameOf(battleId);
  const anything = coins !== '0' || xp !== '0' || items.length > 0;
  const claim = () =>
    run(async () => {
      await once(`/api/battles/runs/${roundId}/claim-loot`);
      setClaimed(true);
      tell(
        <>
          Yours: <Amount amount={coins} />, {xp} XP
          {items.length > 0 && `, ${items.map(({ item }) => itemById(item)?.name ?? item).join(', ')}`}
        </>,
      );
      refreshMe();
    });
  return (
    <li class="run" data-outcome={outcome}>
      <div>
        <h2>{name}</h2>
        <p class="small quiet">
          <span class={outcome === 'won' ? 'gain' : outcome === 'lost' ? 'loss' : ''}>{WORDS[outcome ?? state] ?? state}</span>{' '}
          {ago(startedAt)}
        </p>
      </div>
      {state === 'settled' && anything && (
        <p class="run-reward">
          <Amount amount={coins} /> <span class="figures">{xp} XP</span>
          {items.length > 0 && <span class="quiet"> and {items.length === 1 ? 'a find' : `${items.length} finds`}</span>}
        </p>
      )}
      <div class="row run-deeds">
        {state === 'settled' && anything && (
          <button type="button" class="button" disabled={busy || claimed} onClick={claim}>
            {claimed ? 'Claimed' : 'Claim'}
            <span class="unseen"> what {name} left you</span>
          </button>
        )}
        {state === 'settled' && (
          <a class="button button-first" href={hrefOf('replay', roundId)}>
            Watch<span class="unseen"> {name} again</span>
          </a>
        )}
      </div>
      <Refusal code={refusal} />
    </li>
  );
}

const WORDS: Record<string, string> = { won: 'Won', lost: 'Lost', open: 'Gathering', started: 'Being fought', void: 'Void' };
