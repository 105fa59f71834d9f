import { Act } from '../act.tsx';
import { ask, may } from '../ask.ts';
import { Facts, grouped, Id, Page, PagedTable, Panel, Reading, State, Table, Time } from '../parts.tsx';
import { go, hrefOf, place } from '../place.ts';
import { type Read, usePages, useRead } from '../reading.ts';
import { SeasonForm } from './season-form.tsx';
import { type Prize, prizeWords, type Season, type SeasonSummary, type Submission } from './season-shapes.ts';

export function SeasonsPage() {
  const { id, search } = place.value;
  if (id === null) return <Seasons />;
  if (id === 'new') return <SeasonForm season={null} />;
  return <OneSeason key={id} id={id} editing={search.get('edit') === 'yes'} />;
}

const TONES = { draft: 'calm', scheduled: 'calm', running: 'good', review: 'warn', ended: 'calm' } as const;
const Phase = ({ phase }: { phase: string }) => <State tone={TONES[phase as keyof typeof TONES] ?? 'calm'}>{phase}</State>;

function Seasons() {
  const pages = usePages<SeasonSummary>('/api/admin/seasons');
  return (
    <Page
      title="Seasons"
      aside={
        may('seasons.edit') && (
          <a class="button" href={hrefOf('seasons', 'new')}>
            Plan a season
          </a>
        )
      }
    >
      <Panel title="Newest first">
        <PagedTable
          pages={pages}
          caption="Seasons"
          keyOf={(season) => season.id}
          empty="No season was planned yet."
          columns={[
            { head: 'Season', cell: ({ id, name }) => <a href={hrefOf('seasons', id)}>{name}</a> },
            { head: 'Phase', cell: ({ phase }) => <Phase phase={phase} /> },
            { head: 'Begins', cell: ({ startsAt }) => <Time at={startsAt} /> },
            { head: 'Ends', cell: ({ endsAt }) => <Time at={endsAt} /> },
            { head: 'Ended', cell: ({ endedAt }) => <Time at={endedAt} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

function OneSeason({ id, editing }: { id: string; editing: boolean }) {
  const read = useRead<Season>(`/api/admin/seasons/${id}`);
  if (editing && read.value !== null) return <SeasonForm season={read.value} />;
  return (
    <Page title={read.value?.name ?? 'Season'} aside={read.value && <SeasonActs season={read.value} read={read} />}>
      <p class="crumbs">
        <a href={hrefOf('seasons')}>Seasons</a> / <Id id={id} />
      </p>
      <Reading read={read}>
        {(season) => (
          <>
            <div class="columns-2">
              <Dates season={season} />
              <Ranks season={season} />
            </div>
            <Items season={season} />
            <Submissions season={season} />
            <Prizes season={season} />
          </>
        )}
      </Reading>
    </Page>
  );
}

function SeasonActs({ season, read }: { season: Season; read: Read<Season> }) {
  const { id, name, phase, startsAt, endsAt } = season;
  if (!may('seasons.edit') || phase === 'ended') return null;
  const path = `/api/admin/seasons/${id}`;
  const planned = phase === 'draft' || phase === 'scheduled';
  return (
    <span class="acts">
      <a class="button" href={hrefOf('seasons', id, { edit: 'yes' })}>
        Edit
      </a>
      {phase === 'draft' && (
        <Act label="Start" title={`Start “${name}”?`} run={() => ask(`${path}/start`, { body: {} })} onDone={read.reload}>
          <p>
            Everybody sees it from <Time at={startsAt} /> to <Time at={endsAt} />, or from now on where its beginning is past. Its
            beginning, ranks and prizes cannot be changed after that.
          </p>
        </Act>
      )}
      {planned && (
        <Act
          label="Discard"
          title={`Discard “${name}”?`}
          danger
          run={() => ask(path, { method: 'DELETE' })}
          onDone={() => go('seasons')}
        >
          <p>The plan is gone; nobody has taken part in it.</p>
        </Act>
      )}
      {!planned && (
        <Act
          label="End"
          title={`End “${name}” for good?`}
          danger
          run={() => ask(`${path}/end`, { body: {} })}
          onDone={read.reload}
        >
          <p>
            What still waits for a review lapses, the standings freeze and nothing in the season changes any more. This cannot be
            undone.
          </p>
        </Act>
      )}
    </span>
  );
}

function Dates({ season: { phase, startsAt, endsAt, startedAt, endedAt } }: { season: Season }) {
  return (
    <Panel title="When" aside={<Phase phase={phase} />}>
      <Facts
        of={[
          ['Begins', <Time at={startsAt} />],
          ['Ends', <Time at={endsAt} />],
          ['Was started', <Time at={startedAt} />],
          ['Was ended', <Time at={endedAt} />],
        ]}
      />
    </Panel>
  );
}

function Ranks({ season: { ranks } }: { season: Season }) {
  return (
    <Panel title="Ranks">
      <Table
        caption="Ranks"
        rows={ranks}
        keyOf={({ rankId }) => rankId}
        empty="It has no ranks."
        columns={[
          { head: 'Rank', cell: ({ name }) => name },
          { head: 'From points', figure: true, cell: ({ threshold }) => grouped(threshold) },
          { head: 'Prizes, once', cell: ({ prizes }) => prizes.map(prizeWords).join(', ') || '–' },
        ]}
      />
    </Panel>
  );
}

function Items({ season: { items } }: { season: Season }) {
  return (
    <Panel title="Items">
      <Table
        caption="Items"
        rows={items}
        keyOf={({ itemId }) => itemId}
        empty="It has no items."
        columns={[
          { head: 'Item', cell: ({ name }) => name },
          { head: 'Id', cell: ({ itemId }) => <code>{itemId}</code> },
          { head: 'Points each', figure: true, cell: ({ points }) => grouped(points) },
          { head: 'At once, at most', figure: true, cell: ({ quantityMax }) => grouped(quantityMax) },
          { head: 'Counts', cell: ({ automatic }) => (automatic ? 'at once' : 'after a review') },
        ]}
      />
    </Panel>
  );
}

function Submissions({ season }: { season: Season }) {
  const state = place.value.search.get('state') ?? 'pending';
  const pages = usePages<Submission>(`/api/admin/seasons/${season.id}/submissions`, { state: state === 'all' ? null : state });
  const nameOf = (itemId: string) => season.items.find((item) => item.itemId === itemId)?.name ?? itemId;
  return (
    <Panel
      title="What was handed in"
      aside={
        <label class="inline">
          State
          <select value={state} onChange={({ currentTarget: { value } }) => go('seasons', season.id, { state: value })}>
            {['pending', 'approved', 'rejected', 'lapsed', 'all'].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      }
    >
      <PagedTable
        pages={pages}
        caption="Submissions"
        keyOf={({ id }) => id}
        empty={state === 'pending' ? 'Nothing waits for a review.' : 'There is none.'}
        columns={[
          {
            head: 'Player',
            cell: ({ displayName, playerId }) => (
              <>
                {displayName} <Id id={playerId} />
              </>
            ),
          },
          { head: 'Item', cell: ({ itemId, quantity }) => `${grouped(quantity)} × ${nameOf(itemId)}` },
          { head: 'Points', figure: true, cell: ({ points }) => grouped(points) },
          { head: 'Evidence', cell: ({ evidence }) => <Evidence link={evidence} /> },
          { head: 'Handed in', cell: ({ madeAt }) => <Time at={madeAt} /> },
          {
            head: 'State',
            cell: ({ state: now, reason }) => (
              <>
                {now}
                {reason !== null && <span class="soft">: {reason}</span>}
              </>
            ),
          },
          {
            head: 'Decide',
            cell: (submission) => <Review submission={submission} item={nameOf(submission.itemId)} onDone={pages.reload} />,
          },
        ]}
      />
    </Panel>
  );
}

/** A stranger's link: shown as it is, opened without a word of where from. */
function Evidence({ link }: { link: string }) {
  if (!link.startsWith('https://')) return <span class="soft">{link === '' ? 'erased' : link}</span>;
  return (
    <a class="evidence" href={link} target="_blank" rel="noopener noreferrer nofollow" title={link}>
      {new URL(link).host} ↗
    </a>
  );
}

function Review({ submission, item, onDone }: { submission: Submission; item: string; onDone: () => void }) {
  const { id, displayName, quantity, points, state } = submission;
  if (state !== 'pending' || !may('seasons.review')) return null;
  const decide = (verdict: 'approve' | 'reject') => (reason: string) =>
    ask(`/api/admin/submissions/${id}/review`, { body: { verdict, reason: reason === '' ? null : reason } });
  const what = `${grouped(quantity)} × ${item} of ${displayName}`;
  return (
    <span class="acts">
      <Act
        label="Approve"
        title={`Approve ${what}?`}
        reason="welcome"
        reasonHint={READER}
        run={decide('approve')}
        onDone={onDone}
      >
        <p>
          {displayName} gets {grouped(points)} points, and with them the prizes of every rank they reach.
        </p>
      </Act>
      <Act
        label="Reject"
        title={`Reject ${what}?`}
        danger
        reason="needed"
        reasonHint={READER}
        run={decide('reject')}
        onDone={onDone}
      >
        <p>It counts nothing, and cannot be taken up again; {displayName} may hand it in anew.</p>
      </Act>
    </span>
  );
}

const READER = 'The player reads this too.';

function Prizes({ season }: { season: Season }) {
  const pages = usePages<{ playerId: string; rankId: string; prizes: Prize[]; at: string }>(
    `/api/admin/seasons/${season.id}/prizes`,
  );
  const nameOf = (rankId: string) => season.ranks.find((rank) => rank.rankId === rankId)?.name ?? rankId;
  return (
    <Panel title="Prizes given">
      <PagedTable
        pages={pages}
        caption="Prizes given"
        keyOf={({ playerId, rankId }) => `${playerId} ${rankId}`}
        empty="No rank was reached yet."
        columns={[
          { head: 'Player', cell: ({ playerId }) => <Id id={playerId} /> },
          { head: 'Rank', cell: ({ rankId }) => nameOf(rankId) },
          { head: 'Prizes', cell: ({ prizes }) => prizes.map(prizeWords).join(', ') || '–' },
          { head: 'At', cell: ({ at }) => <Time at={at} /> },
        ]}
      />
    </Panel>
  );
}
