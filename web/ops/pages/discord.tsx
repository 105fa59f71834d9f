// Roles that ranks brought, on their way to Discord; what they are blocked by, and the cure.
import { Act } from '../act.tsx';
import { ask, may } from '../ask.ts';
import { Facts, grouped, Id, Narrowed, Page, PagedTable, Panel, Reading, State, Table, Time } from '../parts.tsx';
import { hrefOf, place } from '../place.ts';
import { usePages, useRead } from '../reading.ts';
import { spoken } from '../words.ts';

interface RoleFault {
  fault: string;
  cure: string;
}

interface Figures {
  waiting: number;
  blocked: number;
  given: number;
  unlinked: number;
  faults: RoleFault[];
}

interface Job {
  id: string;
  playerId: string;
  displayName: string;
  seasonId: string;
  rankId: string;
  roleId: string;
  roleName: string;
  state: 'waiting' | 'blocked' | 'given';
  fault: RoleFault | null;
  linked: boolean;
  tries: number;
  dueAt: string;
  givenAt: string | null;
}

const TONES = { waiting: 'calm', blocked: 'bad', given: 'good' } as const;

export function DiscordPage() {
  const state = place.value.search.get('state');
  const figures = useRead<Figures>('/api/admin/discord', { everyMs: 30_000 });
  const pages = usePages<Job>('/api/admin/discord/roles', { state });
  const reload = () => {
    figures.reload();
    pages.reload();
  };
  return (
    <Page
      title="Discord"
      aside={
        may('discord.write') && (
          <Act
            label="Ask again for all that is blocked"
            title="Ask Discord again for every blocked role?"
            disabled={figures.value?.blocked === 0}
            run={() => ask('/api/admin/discord/retry', { body: {} })}
            onDone={reload}
          >
            <p>
              For when a setting was changed. {grouped(figures.value?.blocked ?? 0)} are blocked; those that Discord still refuses
              block again.
            </p>
          </Act>
        )
      }
    >
      <div class="columns-2">
        <Panel title="The queue">
          <Reading read={figures}>
            {({ waiting, blocked, given, unlinked }) => (
              <Facts
                of={[
                  ['Waiting', grouped(waiting)],
                  ['Blocked', blocked === 0 ? '0' : <strong class="bad">{grouped(blocked)}</strong>],
                  ['Given', grouped(given)],
                  ['Without an account there', grouped(unlinked)],
                ]}
              />
            )}
          </Reading>
        </Panel>
        <Panel title="Why, and the cure">
          <Reading read={figures}>
            {({ faults }) => (
              <Table
                caption="Why, and the cure"
                rows={faults}
                keyOf={({ fault }) => fault}
                empty="Nothing blocks a role."
                columns={[
                  { head: 'Why', cell: ({ fault }) => spoken(fault) },
                  { head: 'Cure', cell: ({ cure }) => cure },
                ]}
              />
            )}
          </Reading>
        </Panel>
      </div>
      <Panel title="Roles, newest first" aside={<Narrowed page="discord" of="state" name="State" among={Object.keys(TONES)} />}>
        <PagedTable
          pages={pages}
          caption="Roles"
          keyOf={({ id }) => id}
          empty="No rank has brought a role."
          columns={[
            { head: 'Player', cell: ({ playerId, displayName }) => <a href={hrefOf('players', playerId)}>{displayName}</a> },
            {
              head: 'Role',
              cell: ({ roleName, roleId }) => (
                <>
                  {roleName} <Id id={roleId} />
                </>
              ),
            },
            { head: 'For', cell: ({ rankId, seasonId }) => <a href={hrefOf('seasons', seasonId)}>{rankId}</a> },
            {
              head: 'State',
              cell: ({ state: now, linked }) => (
                <>
                  <State tone={TONES[now]}>{now}</State>
                  {!linked && now !== 'given' && <span class="soft"> no account</span>}
                </>
              ),
            },
            { head: 'Why', cell: ({ fault }) => (fault === null ? '–' : <span title={fault.cure}>{spoken(fault.fault)}</span>) },
            { head: 'Tries', figure: true, cell: ({ tries }) => tries },
            { head: 'Next', cell: ({ state: now, dueAt }) => (now === 'given' ? '–' : <Time at={dueAt} />) },
            { head: 'Given', cell: ({ givenAt }) => <Time at={givenAt} /> },
            { head: 'Retry', cell: (job) => <Retry job={job} onDone={reload} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

function Retry({ job: { id, state, roleName, displayName }, onDone }: { job: Job; onDone: () => void }) {
  if (state === 'given' || !may('discord.write')) return null;
  return (
    <Act
      label="Ask again"
      title={`Ask Discord again to give ${displayName} “${roleName}”?`}
      run={() => ask(`/api/admin/discord/roles/${id}/retry`, { body: {} })}
      onDone={onDone}
    >
      <p>At once. Whoever has the role keeps it; it is given once.</p>
    </Act>
  );
}
