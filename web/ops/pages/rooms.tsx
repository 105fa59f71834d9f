import { useState } from 'preact/hooks';
import { session } from '../ask.ts';
import { Id, Page, Panel, Reading, State, Table, Time } from '../parts.tsx';
import { useRead } from '../reading.ts';

interface Room {
  roomId: string;
  name: string;
  processId: string;
  clients: number;
  maxClients: number | null;
  locked: boolean;
  metadata: Record<string, unknown> | null;
  openedAt: string | null;
}

const SECONDS_5_MS = 5_000;

export function RoomsPage() {
  const read = useRead<{ total: number; clients: number; items: Room[] }>('/api/admin/rooms', { everyMs: SECONDS_5_MS });
  const [wanted, setWanted] = useState('');
  const isRoot = session.value!.roles.includes('root');
  const fits = ({ roomId, name }: Room) => roomId.startsWith(wanted) || name.includes(wanted.toLowerCase());
  return (
    <Page
      title="Rooms"
      aside={
        isRoot ? (
          <a class="button" href="/ops/monitor/">
            Open the room monitor
          </a>
        ) : (
          <span class="soft">The room monitor is for the root admin.</span>
        )
      }
    >
      <Reading read={read}>
        {({ total, clients, items }) => (
          <Panel
            title={`${total} ${total === 1 ? 'room' : 'rooms'}, ${clients} ${clients === 1 ? 'client' : 'clients'}`}
            aside={
              <input
                type="search"
                data-search
                aria-label="Kind or id of a room"
                placeholder="Kind or id  ( / )"
                value={wanted}
                onInput={({ currentTarget }) => setWanted(currentTarget.value.trim())}
              />
            }
          >
            <Table
              caption="Rooms"
              rows={items.filter(fits)}
              keyOf={({ roomId }) => roomId}
              empty={wanted === '' ? 'No room is open.' : 'No open room is called that.'}
              columns={[
                { head: 'Room', cell: ({ roomId }) => <Id id={roomId} /> },
                { head: 'Kind', cell: ({ name }) => name },
                { head: 'Clients', figure: true, cell: ({ clients: here, maxClients }) => `${here} / ${maxClients ?? '∞'}` },
                { head: 'Of', cell: ({ metadata }) => <span class="soft">{told(metadata)}</span> },
                {
                  head: 'State',
                  cell: ({ locked }) => (locked ? <State tone="warn">locked</State> : <State tone="good">open</State>),
                },
                { head: 'Since', cell: ({ openedAt }) => <Time at={openedAt} /> },
                { head: 'Process', cell: ({ processId }) => <Id id={processId} /> },
              ]}
            />
          </Panel>
        )}
      </Reading>
    </Page>
  );
}

const told = (metadata: Record<string, unknown> | null): string =>
  Object.entries(metadata ?? {})
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ');
