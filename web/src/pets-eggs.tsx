import { useRef } from 'preact/hooks';
import { useHouseTime } from './clock.ts';
import { useKeptFocus } from './kept-focus.ts';
import { once } from './once.ts';
import type { Hatched } from './pets-hatched.tsx';
import { EggMark } from './pets-marks.tsx';
import type { Egg, Pity } from './pets-read.ts';
import { hrefOf } from './route.ts';
import { Refusal, useDeed } from './ui.tsx';
import { clockTime, lasting } from './until.tsx';

interface EggsProps {
  eggs: Egg[];
  pity: Pity;
  hatched: (one: Hatched) => void;
  changed: () => void;
}

export function Eggs({ eggs, pity, hatched, changed }: EggsProps) {
  const list = useRef<HTMLUListElement>(null);
  useKeptFocus(list);
  const waiting = useHouseTime(1_000, eggs.length > 0);
  const ready = eggs.filter(({ readyAt }) => new Date(readyAt).getTime() <= waiting).length;
  return (
    <section class="panel" aria-label="Eggs">
      <div class="row apart eggs-head">
        <h2>Eggs</h2>
        <PityLine pity={pity} />
      </div>
      <p class="unseen" role="status">
        {ready > 0 && (ready === 1 ? 'One egg is ready to hatch.' : `${ready} eggs are ready to hatch.`)}
      </p>
      {eggs.length === 0 && (
        <p class="quiet">
          You have no egg. <a href={hrefOf('shop')}>The shop sells three kinds</a>, and their odds are below.
        </p>
      )}
      <ul class="eggs" ref={list} tabIndex={-1} aria-label="Your eggs">
        {eggs.map((egg) => (
          <EggCard key={egg.eggId} egg={egg} now={waiting} hatched={hatched} changed={changed} />
        ))}
      </ul>
    </section>
  );
}

/** Which egg sort of rarity it is painted in. */
export const EGG_RARITY = { common: 'common', rare: 'rare', epic: 'epic' } as const;

const STAGES = 4;

function EggCard({ egg, now, hatched, changed }: Omit<EggsProps, 'eggs' | 'pity'> & { egg: Egg; now: number }) {
  const { busy, refusal, run } = useDeed();
  const [laid, due] = [new Date(egg.laidAt).getTime(), new Date(egg.readyAt).getTime()];
  const left = due - now;
  const part = left <= 0 ? 1 : Math.max(0, (now - laid) / Math.max(1, due - laid));
  const hatch = () =>
    run(async () => {
      try {
        hatched(await once<Hatched>(`/api/pets/hatch/${egg.eggId}`));
      } catch (error) {
        if ((error as { code?: string }).code === 'egg_hatched') changed();
        throw error;
      }
    });
  return (
    <li class="egg" data-rarity={EGG_RARITY[egg.kind]} data-ready={left <= 0}>
      <EggMark cracks={left <= 0 ? STAGES : Math.floor(part * STAGES)} />
      <h3>{egg.name}</h3>
      {left > 0 ? (
        <>
          <div class="bar" role="progressbar" aria-label={`Time on the ${egg.name}`} aria-valuenow={Math.floor(part * 100)}>
            <i style={{ transform: `scaleX(${part})` }} />
          </div>
          <p class="small quiet">
            <span class="figures">{lasting(left)}</span>, at {clockTime(egg.readyAt)}
          </p>
        </>
      ) : (
        <button
          type="button"
          class="button button-first"
          aria-disabled={busy}
          aria-label={`Hatch the ${egg.name}`}
          onClick={hatch}
        >
          Hatch
        </button>
      )}
      <Refusal code={refusal} />
    </li>
  );
}

function PityLine({ pity: { after, atLeast, misses } }: { pity: Pity }) {
  const left = after - misses;
  return (
    <p class="small quiet">
      {left <= 0
        ? `Your next hatch is ${atLeast} or better, whatever the egg.`
        : `${misses} of ${after} hatches without a ${atLeast} one. After ${after}, the next is ${atLeast} or better.`}
    </p>
  );
}
