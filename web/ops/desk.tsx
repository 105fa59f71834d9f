// The frame: who is here, where one may go, and the page that is looked at.
import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Right } from '../../rules/roles.ts';
import { enterDesk, type Fault, leaveDesk, may, session, signedOut } from './ask.ts';
import { Dialog } from './act.tsx';
import { StepUp } from './factor.tsx';
import { AccessPage } from './pages/access.tsx';
import { AuditPage } from './pages/audit.tsx';
import { ConfigPage } from './pages/config.tsx';
import { CorrectionsPage } from './pages/corrections.tsx';
import { DiscordPage } from './pages/discord.tsx';
import { LedgerPage } from './pages/ledger.tsx';
import { MiningPage } from './pages/mining.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { PaymentsPage } from './pages/payments.tsx';
import { PlayersPage } from './pages/players.tsx';
import { RoomsPage } from './pages/rooms.tsx';
import { RoundsPage } from './pages/rounds.tsx';
import { SeasonsPage } from './pages/seasons.tsx';
import { TokensPage } from './pages/tokens.tsx';
import { Faulty, Page } from './parts.tsx';
import { hrefOf, place } from './place.ts';
import { faultOf, spoken } from './words.ts';

interface Entry {
  page: string;
  name: string;
  right: Right;
  Shown: FunctionComponent;
}

const GROUPS: readonly { name: string; entries: readonly Entry[] }[] = [
  {
    name: 'Watch',
    entries: [
      { page: 'overview', name: 'Overview', right: 'desk', Shown: OverviewPage },
      { page: 'rooms', name: 'Rooms', right: 'rooms.read', Shown: RoomsPage },
      { page: 'rounds', name: 'Rounds', right: 'rooms.read', Shown: RoundsPage },
    ],
  },
  {
    name: 'People',
    entries: [
      { page: 'players', name: 'Players', right: 'players.read', Shown: PlayersPage },
      { page: 'tokens', name: 'API tokens', right: 'tokens.read', Shown: TokensPage },
    ],
  },
  {
    name: 'Money',
    entries: [
      { page: 'ledger', name: 'Ledger', right: 'ledger.read', Shown: LedgerPage },
      { page: 'payments', name: 'Payments', right: 'payments.read', Shown: PaymentsPage },
      { page: 'corrections', name: 'Corrections', right: 'corrections.read', Shown: CorrectionsPage },
    ],
  },
  {
    name: 'Programmes',
    entries: [
      { page: 'seasons', name: 'Seasons', right: 'seasons.read', Shown: SeasonsPage },
      { page: 'mining', name: 'Mining', right: 'mining.read', Shown: MiningPage },
      { page: 'discord', name: 'Discord', right: 'discord.read', Shown: DiscordPage },
    ],
  },
  {
    name: 'House',
    entries: [
      { page: 'config', name: 'Live config', right: 'config.read', Shown: ConfigPage },
      { page: 'audit', name: 'Audit log', right: 'audit.read', Shown: AuditPage },
      { page: 'access', name: 'Access', right: 'desk', Shown: AccessPage },
    ],
  },
];
const ENTRIES = GROUPS.flatMap(({ entries }) => entries);

export function Desk() {
  const [fault, setFault] = useState<Fault | null>(null);
  const [keys, setKeys] = useState(false);
  useEffect(() => {
    enterDesk().catch((error: unknown) => setFault(faultOf(error)));
  }, []);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => shortcut(event, () => setKeys(true));
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
  if (fault !== null || signedOut.value) return <Outside fault={fault} />;
  if (session.value === null) return <p class="loading alone">Reading …</p>;
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <Side />
      <main id="main" tabIndex={-1}>
        <Shown />
      </main>
      <StepUp />
      {keys && <Keys onClose={() => setKeys(false)} />}
    </>
  );
}

function Side() {
  const { page } = place.value;
  const { displayName, roles } = session.value!;
  return (
    <div class="side">
      <p class="side-name">
        Playhouse <span>operations</span>
      </p>
      <nav aria-label="Pages">
        {GROUPS.map(({ name, entries }) => (
          <div key={name} class="side-group">
            <h2>{name}</h2>
            <ul>
              {entries
                .filter(({ right }) => may(right))
                .map((entry) => (
                  <li key={entry.page}>
                    <a href={hrefOf(entry.page)} aria-current={entry.page === page ? 'page' : undefined}>
                      {entry.name}
                    </a>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </nav>
      <div class="side-foot">
        <p title={displayName}>{displayName}</p>
        <p class="soft">{roles.filter((role) => role !== 'player').join(', ')}</p>
        <button type="button" class="link" onClick={() => void leaveDesk()}>
          Sign out
        </button>
      </div>
    </div>
  );
}

function Shown() {
  const entry = ENTRIES.find(({ page }) => page === place.value.page);
  if (!entry || !may(entry.right))
    return (
      <Page title="Not here">
        <p class="empty">{entry ? 'Your roles do not open this page.' : 'There is no such page.'}</p>
      </Page>
    );
  const { Shown: One } = entry;
  return <One key={entry.page} />;
}

function Outside({ fault }: { fault: Fault | null }) {
  return (
    <div class="alone">
      <h1>{fault === null || fault.code === 'unauthenticated' ? 'You are signed out' : spoken(fault.code)}</h1>
      <Faulty fault={fault?.code === 'unauthenticated' ? null : fault} />
      <button type="button" class="first" onClick={() => location.reload()}>
        Sign in again
      </button>
    </div>
  );
}

const KEYS = [
  ['/', 'to the search field of the page'],
  ['↑ ↓', 'from row to row in a table'],
  ['Tab', 'from part to part; the first one skips to the page'],
  ['Esc', 'closes a question, undone'],
  ['?', 'these keys'],
] as const;

function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div class="answers">
        <button type="button" class="first" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function shortcut(event: KeyboardEvent, showKeys: () => void): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if ((event.target as HTMLElement).matches('input, textarea, select') || document.querySelector('dialog[open]')) return;
  if (event.key === '?') showKeys();
  if (event.key !== '/') return;
  const field = document.querySelector<HTMLInputElement>('main [data-search]');
  if (!field) return;
  event.preventDefault();
  field.select();
  field.focus();
}

/** The address is the page's; a jump must not change it. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
