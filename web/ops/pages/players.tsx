import { Facts, Id, Page, PagedTable, Panel, State, Time } from '../parts.tsx';
import { go, hrefOf, place } from '../place.ts';
import { usePages } from '../reading.ts';
import { PlayerCard } from './player-card.tsx';

export interface FoundPlayer {
  id: string;
  displayName: string;
  email: string | null;
  guest: boolean;
  roles: string[];
  level: number;
  createdAt: string;
  verifiedAt: string | null;
  vouchedAt: string | null;
  bannedAt: string | null;
}

export function PlayersPage() {
  const { id } = place.value;
  return id === null ? <Players /> : <PlayerCard key={id} id={id} />;
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** Long words without a space are addresses of wallets; names have 32 characters at most. */
const WALLET = /^(0x[\da-f]{40,64}|[1-9A-HJ-NP-Za-km-z]{26,62})$/i;

/** What was typed, as the field it must be. */
function asked(words: string): Record<string, string> {
  if (words === '') return {};
  if (UUID.test(words)) return { id: words };
  if (words.includes('@')) return { email: words };
  return WALLET.test(words) ? { wallet: words } : { name: words };
}

function Players() {
  const words = place.value.search.get('q') ?? '';
  const pages = usePages<FoundPlayer>('/api/admin/players', asked(words));
  return (
    <Page title="Players" aside={<FindPlayer words={words} />}>
      <Panel title={words === '' ? 'All, by name' : `Found for “${words}”`}>
        <PagedTable
          pages={pages}
          caption="Players"
          keyOf={({ id }) => id}
          empty="Nobody is called that, has that address, that id or that wallet."
          columns={[
            { head: 'Player', cell: ({ id, displayName }) => <a href={hrefOf('players', id)}>{displayName}</a> },
            { head: 'Id', cell: ({ id }) => <Id id={id} /> },
            { head: 'Email', cell: ({ email, guest }) => (guest ? <span class="soft">guest</span> : (email ?? '–')) },
            { head: 'Level', figure: true, cell: ({ level }) => level },
            { head: 'State', cell: (player) => <Standing player={player} /> },
            { head: 'Roles', cell: ({ roles }) => roles.filter((role) => role !== 'player').join(', ') || '–' },
            { head: 'Since', cell: ({ createdAt }) => <Time at={createdAt} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

export function FindPlayer({ words = '' }: { words?: string }) {
  return (
    <form
      role="search"
      class="inline"
      onSubmit={(event) => {
        event.preventDefault();
        const q = event.currentTarget.querySelector('input')?.value.trim() ?? '';
        go('players', null, q === '' ? {} : { q });
      }}
    >
      <input
        type="search"
        data-search
        key={words}
        defaultValue={words}
        maxLength={100}
        size={40}
        aria-label="Beginning of a name, email, id or wallet"
        placeholder="Name, email, id or wallet  ( / )"
      />
      <button type="submit">Search</button>
    </form>
  );
}

export function Standing({ player: { bannedAt, vouchedAt, verifiedAt } }: { player: FoundPlayer }) {
  if (bannedAt !== null) return <State tone="bad">banned</State>;
  if (vouchedAt !== null) return <State tone="good">verified</State>;
  return verifiedAt === null ? <State tone="calm">unverified</State> : <State tone="calm">email verified</State>;
}

export const playerFacts = (player: FoundPlayer) => (
  <Facts
    of={[
      ['State', <Standing player={player} />],
      ['Email', player.email ?? (player.guest ? 'guest' : '–')],
      ['Roles', player.roles.join(', ')],
      ['Joined', <Time at={player.createdAt} />],
      ['Email verified', <Time at={player.verifiedAt} />],
      ['Verified by an operator', <Time at={player.vouchedAt} />],
      ['Banned', <Time at={player.bannedAt} />],
    ]}
  />
);
