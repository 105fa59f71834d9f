import { useEffect } from 'preact/hooks';
import { ask } from './api.ts';
import { useReturn } from './daily.tsx';
import { me } from './me.ts';
import { digits } from './money.ts';
import { useNews } from './notices.ts';
import { More, type PageOf, usePaged, withCursor } from './paged.tsx';
import { Reading } from './reading.tsx';
import { hrefOf } from './route.ts';
import { HandIn } from './seasons-hand-in.tsx';
import { Mine } from './seasons-mine.tsx';
import {
  type OwnStanding,
  type Place,
  prizeWords,
  type Rank,
  readSeason,
  type Season,
  type SeasonSummary,
  type Submission,
} from './seasons-read.ts';
import { Face, useRead } from './ui.tsx';
import { Until } from './until.tsx';

const LOOK_MS = 20_000;
const REVIEWED = ['submission_reviewed', 'season_rank', 'season_started', 'season_ended'];

/** `which`: a season's id; null: the one that is on. */
export function Seasons({ which }: { which: string | null }) {
  const read = useRead(() => readSeason(which ?? 'current'), which ?? 'current');
  useNews(REVIEWED, read.reload);
  useReturn(read.reload);
  return (
    <div class="seasons">
      <Reading of={read} what="the season">
        {(value) =>
          value.season === null ? (
            <>
              <div class="screen-title">
                <h1>Season</h1>
              </div>
              <div class="bare">
                <p>No season is on</p>
                <p class="quiet">When the next one begins, what you bring in counts towards its ranks and prizes.</p>
              </div>
            </>
          ) : (
            <One key={value.season.id} season={value.season} own={value.own} reload={read.reload} />
          )
        }
      </Reading>
      <Others shown={read.value?.season?.id ?? null} />
    </div>
  );
}

interface OneProps {
  season: Season;
  own: OwnStanding;
  reload: () => void;
}

function One({ season, own, reload }: OneProps) {
  const running = season.phase === 'running';
  const standing = usePaged<Place>(
    (cursor) => ask<PageOf<Place>>(withCursor(`/api/seasons/${season.id}/standing?limit=20`, cursor)),
    season.id,
  );
  const mine = usePaged<Submission>(
    (cursor) => ask<PageOf<Submission>>(withCursor(`/api/seasons/${season.id}/submissions?limit=10`, cursor)),
    season.id,
  );
  const changed = () => {
    reload();
    standing.first.reload();
    mine.first.reload();
  };
  useNews(REVIEWED, changed);
  useEffect(() => {
    if (!running || standing.items.length > 20) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && standing.first.reload(), LOOK_MS);
    return () => clearInterval(timer);
  }, [running, standing.items.length > 20]);
  return (
    <>
      <div class="screen-title">
        <h1>{season.name}</h1>
        <p class="quiet">
          <Phase season={season} reload={reload} />
        </p>
      </div>
      <div class="season-columns">
        <div class="season-own">
          <Own season={season} own={own} />
          {running && <HandIn season={season} changed={changed} />}
          <Worth season={season} />
        </div>
        <div class="season-all">
          <section class="panel" aria-label="Standing">
            <h2>Standing</h2>
            <Reading of={standing.first} what="the standing">
              {() => <Places places={standing.items} ranks={season.ranks} />}
            </Reading>
            <More of={standing} />
          </section>
          <Mine season={season} mine={mine} />
        </div>
      </div>
    </>
  );
}

const day = (at: string): string => new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });

function Phase({ season: { phase, startsAt, endsAt, endedAt }, reload }: { season: SeasonSummary; reload: () => void }) {
  if (phase === 'scheduled')
    return (
      <>
        Begins in <Until at={startsAt} onOver={reload} />
      </>
    );
  if (phase === 'running')
    return (
      <>
        Ends in <Until at={endsAt} onOver={reload} />, on {day(endsAt)}
      </>
    );
  if (phase === 'review') return <>Over: what was handed in last is being looked at</>;
  return <>{`${day(startsAt)} to ${day(endedAt ?? endsAt)}`}</>;
}

function Own({ season: { ranks, phase }, own: { points, place, rankId, next, prizes } }: Omit<OneProps, 'reload'>) {
  const rank = ranks.find((one) => one.rankId === rankId);
  const to = ranks.find((one) => one.rankId === next?.rankId);
  const part = next === null ? 1 : Math.min(1, Number(points) / Number(next.threshold));
  return (
    <section class="panel stack" aria-label="Your standing">
      <p class="own-rank">
        <b class="figures">{digits(points)}</b>
        <span class="quiet">
          {points === '1' ? 'point' : 'points'}
          {place !== null && `, place ${place.toLocaleString('en')}`}
          {rank !== undefined && `, ${rank.name}`}
        </span>
      </p>
      {to !== undefined && next !== null && phase !== 'ended' && (
        <div>
          <div
            class="bar"
            role="progressbar"
            aria-label={`To ${to.name}`}
            aria-valuemin={0}
            aria-valuemax={Number(next.threshold)}
            aria-valuenow={Number(points)}
          >
            <i style={{ transform: `scaleX(${part})` }} />
          </div>
          <p class="small quiet figures">
            {digits(BigInt(next.threshold) - BigInt(points))} more to {to.name}
          </p>
        </div>
      )}
      {ranks.length > 0 && <Ranks ranks={ranks} points={points} had={prizes.map((given) => given.rankId)} />}
    </section>
  );
}

function Ranks({ ranks, points, had }: { ranks: Rank[]; points: string; had: string[] }) {
  return (
    <ol class="season-ranks">
      {ranks.map(({ rankId, name, threshold, prizes }) => {
        const reached = BigInt(points) >= BigInt(threshold);
        return (
          <li key={rankId} data-reached={reached}>
            <b>{name}</b>
            <span class="figures small">{digits(threshold)} points</span>
            <span class="small quiet">
              {prizes.length === 0 ? 'For the honour' : prizes.map(prizeWords).join(', ')}
              {had.includes(rankId) ? ' · paid' : reached ? ' · reached' : ''}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Worth({ season: { items } }: { season: Season }) {
  return (
    <section class="panel" aria-label="What counts">
      <h2>What counts</h2>
      <table class="worth">
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Points each</th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ itemId, name, points, automatic }) => (
            <tr key={itemId}>
              <th scope="row">
                {name}
                {automatic && <span class="tag">at once</span>}
              </th>
              <td>{digits(points)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Places({ places, ranks }: { places: Place[]; ranks: Rank[] }) {
  if (places.length === 0) return <p class="quiet">Nobody yet. The first to bring something in leads.</p>;
  const self = me.value?.id ?? '';
  return (
    <ol class="ranks season-places">
      {places.map(({ place, playerId, displayName, points, rankId }) => (
        <li key={playerId} class={`${playerId === self ? 'own' : ''}${place <= 3 ? ` place-${place}` : ''}`}>
          <span class="rank-no figures">{place}</span>
          <Face id={playerId} name={displayName} />
          <span class="who">
            {playerId === self ? `${displayName} (you)` : displayName}{' '}
            <small class="quiet">{ranks.find((rank) => rank.rankId === rankId)?.name}</small>
          </span>
          <b class="figures">{digits(points)}</b>
        </li>
      ))}
    </ol>
  );
}

const PHASES: Record<SeasonSummary['phase'], string> = {
  draft: 'planned',
  scheduled: 'to come',
  running: 'on now',
  review: 'being looked at',
  ended: 'over',
};

/** Past ones can be read for ever. */
function Others({ shown }: { shown: string | null }) {
  const seasons = usePaged<SeasonSummary>(
    (cursor) => ask<PageOf<SeasonSummary>>(withCursor('/api/seasons?limit=10', cursor)),
    'seasons',
  );
  const others = seasons.items.filter(({ id }) => id !== shown);
  if (others.length === 0) return null;
  return (
    <section class="panel season-others" aria-label="Other seasons">
      <h2>Other seasons</h2>
      <ul class="rounds">
        {others.map(({ id, name, phase, startsAt, endsAt, endedAt }) => (
          <li key={id}>
            <a href={phase === 'running' || phase === 'review' ? hrefOf('seasons') : hrefOf('seasons', id)}>{name}</a>
            <span class="quiet small">
              {day(startsAt)} to {day(endedAt ?? endsAt)}
            </span>
            <span class="tag">{PHASES[phase]}</span>
          </li>
        ))}
      </ul>
      <More of={seasons} />
    </section>
  );
}

/** In the hub: the one that is on. */
export function SeasonsLive() {
  const { value } = useRead(() => readSeason('current'), 'season-live');
  if (value === null) return null;
  if (value.season === null) return <>No season is on</>;
  const { points, place } = value.own;
  return place === null ? (
    <>{value.season.name}: bring something in</>
  ) : (
    <b>
      {digits(points)} points, place {place.toLocaleString('en')}
    </b>
  );
}
