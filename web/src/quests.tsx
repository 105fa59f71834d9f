import { useRef } from 'preact/hooks';
import { ask } from './api.ts';
import { useReturn } from './daily.tsx';
import { Gains, type Goal, goalWords, Progress } from './goals.tsx';
import { refreshMe } from './me.ts';
import { useNews } from './notices.ts';
import { once } from './once.ts';
import { Reading } from './reading.tsx';
import { tell } from './told.tsx';
import { Refusal, useDeed, useRead } from './ui.tsx';
import { Until } from './until.tsx';

interface Quest extends Goal {
  id: string;
  questId: string;
  name: string;
  period: 'daily' | 'weekly';
  progress: string;
  done: boolean;
  claimedAt: string | null;
  endsAt: string;
  coins: string;
  gems: string;
  xp: string;
}

const readQuests = async (): Promise<Quest[]> => (await ask<{ items: Quest[] }>('/api/quests')).items;

/** What is counted is added up each second; a look after a deed may come before it. */
const COUNTED = ['quest_completed', 'loot_ready', 'level_up'];

const PERIODS = [
  { period: 'daily', title: 'Today' },
  { period: 'weekly', title: 'This week' },
] as const;

export function Quests() {
  const quests = useRead(readQuests, 'quests');
  useNews(COUNTED, quests.reload);
  useReturn(quests.reload);
  return (
    <div class="quests">
      <div class="screen-title">
        <h1>Quests</h1>
        <p class="quiet">Three a day and three a week, yours alone.</p>
      </div>
      <Reading of={quests} what="your quests">
        {(items) =>
          items.length === 0 ? (
            <div class="bare">
              <p>No quests at the moment</p>
              <p class="quiet">New ones come with the next day.</p>
            </div>
          ) : (
            PERIODS.map(({ period, title }) => (
              <Period
                key={period}
                title={title}
                quests={items.filter((quest) => quest.period === period)}
                reload={quests.reload}
              />
            ))
          )
        }
      </Reading>
    </div>
  );
}

function Period({ title, quests, reload }: { title: string; quests: Quest[]; reload: () => void }) {
  const [first] = quests;
  if (first === undefined) return null;
  return (
    <section class="quest-period" aria-label={title}>
      <div class="row apart">
        <h2>{title}</h2>
        <p class="small quiet">
          Others in <Until at={first.endsAt} onOver={reload} />
        </p>
      </div>
      <ul class="quest-list">
        {quests.map((quest) => (
          <Card key={quest.id} quest={quest} reload={reload} />
        ))}
      </ul>
    </section>
  );
}

function Card({ quest, reload }: { quest: Quest; reload: () => void }) {
  const { id, name, progress, threshold, done, claimedAt, coins, gems, xp } = quest;
  const { busy, refusal, run } = useDeed();
  const heading = useRef<HTMLHeadingElement>(null);
  const state = claimedAt !== null ? 'claimed' : done ? 'done' : 'open';
  const claim = () =>
    run(async () => {
      try {
        const gains = await once<{ coins: string; gems: string; xp: string }>(`/api/quests/${id}/claim`);
        tell(
          <>
            {name}: <Gains {...gains} />
          </>,
        );
      } finally {
        reload();
        refreshMe();
        heading.current?.focus();
      }
    });
  return (
    <li class="quest" data-quest={quest.questId} data-state={state}>
      <div>
        <h3 ref={heading} tabIndex={-1}>
          {name}
        </h3>
        {verbOf(goalWords(quest)) !== verbOf(name) && <p class="small quiet">{goalWords(quest)}</p>}
      </div>
      <Progress name={name} progress={progress} threshold={threshold} />
      <div class="quest-end">
        <Gains coins={coins} gems={gems} xp={xp} />
        {state === 'done' && (
          <button type="button" class="button button-first" disabled={busy} onClick={claim}>
            Claim<span class="unseen"> what “{name}” brings</span>
          </button>
        )}
        {state === 'claimed' && (
          <span class="quest-had">
            <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
              <path d="M5 12l5 5 9-10" />
            </svg>
            Claimed
          </span>
        )}
      </div>
      <Refusal code={refusal} />
    </li>
  );
}

/** A quest whose name says what to do needs no second line. */
const verbOf = (words: string): string => words.split(' ', 1)[0]!;

/** In the hub: what is done and waits. */
export function QuestsLive() {
  const { value } = useRead(readQuests, 'quests');
  if (value === null) return null;
  const waiting = value.filter(({ done, claimedAt }) => done && claimedAt === null).length;
  const had = value.filter(({ claimedAt }) => claimedAt !== null).length;
  return waiting > 0 ? <b>{waiting} to claim</b> : <>{`${had} of ${value.length} claimed`}</>;
}
