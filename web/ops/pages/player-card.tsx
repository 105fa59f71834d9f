// One player: who it is, what they own, what moved, what operators wrote, and what can be done.
import { useState } from 'preact/hooks';
import { Act } from '../act.tsx';
import { ask, type Fault, may, session } from '../ask.ts';
import { Faulty, Id, Money, Page, PagedTable, Panel, Reading, Table, Time } from '../parts.tsx';
import { hrefOf } from '../place.ts';
import { type Read, usePages, useRead } from '../reading.ts';
import { faultOf, spoken } from '../words.ts';
import { RoleActs } from './access.tsx';
import { Correct } from './correct.tsx';
import { type PaymentRow, PaymentMark } from './payment-shapes.tsx';
import { FindPlayer, type FoundPlayer, playerFacts } from './players.tsx';

interface Note {
  id: string;
  kind: 'note' | 'ban' | 'unban' | 'verify';
  text: string;
  at: string;
  author: { playerId: string; displayName: string } | null;
}

interface Card {
  player: FoundPlayer;
  xp: string;
  timeZone: string;
  balances: { currency: string; available: string; held: string }[];
  wallets: { chain: string; address: string; proof: string; linkedAt: string }[];
  identities: { provider: string; name: string; linkedAt: string }[];
  sessions: { id: string; device: string; createdAt: string; usedAt: string }[];
  payments: PaymentRow[] | null;
}

interface Transaction {
  id: string;
  at: string;
  reason: string;
  op: string;
  currency: string;
  amount: string;
  available: string;
}

export function PlayerCard({ id }: { id: string }) {
  const read = useRead<Card>(`/api/admin/players/${id}`);
  return (
    <Page title={read.value?.player.displayName ?? 'Player'} aside={<FindPlayer />}>
      <p class="crumbs">
        <a href={hrefOf('players')}>Players</a> / <Id id={id} />
      </p>
      <Reading read={read}>
        {(card) => (
          <>
            <PlayerActs player={card.player} read={read} />
            <div class="columns-2">
              <Panel title={`Level ${card.player.level}, ${card.xp} XP, ${card.timeZone}`}>{playerFacts(card.player)}</Panel>
              <Balances balances={card.balances} />
            </div>
            <Notes id={id} name={card.player.displayName} />
            <div class="columns-2">
              <WaysIn card={card} />
              <Sessions sessions={card.sessions} />
            </div>
            {card.payments !== null && <Payments payments={card.payments} />}
            <Transactions id={id} />
          </>
        )}
      </Reading>
    </Page>
  );
}

function PlayerActs({ player, read }: { player: FoundPlayer; read: Read<Card> }) {
  const { id, displayName, guest, vouchedAt, bannedAt, roles } = player;
  if (id === session.value!.playerId) return <p class="note">This is you: another operator has to judge you.</p>;
  const judge = (verb: string) => (reason: string) =>
    ask(`/api/admin/players/${id}/${verb}`, { body: { reason: reason === '' ? null : reason } });
  return (
    <div class="acts" role="group" aria-label={`Acts on ${displayName}`}>
      {may('players.verify') && !guest && vouchedAt === null && (
        <Act
          label="Verify"
          title={`Say that you know who ${displayName} is?`}
          reason="welcome"
          run={judge('verify')}
          onDone={read.reload}
        >
          <p>They may then take part in seasons and ask for API tokens. They are told. It cannot be taken back.</p>
        </Act>
      )}
      {may('players.ban') && bannedAt === null && (
        <Act
          label="Ban"
          title={`Ban ${displayName}?`}
          danger
          reason="needed"
          reasonHint={NOTED}
          run={judge('ban')}
          onDone={read.reload}
        >
          <p>
            Every session, socket and API token of {displayName} ends at once, and they cannot sign in. What they own stays
            theirs; what they have on a table is settled by its rules.
          </p>
        </Act>
      )}
      {may('players.ban') && bannedAt !== null && (
        <Act
          label="Unban"
          title={`Let ${displayName} in again?`}
          reason="needed"
          reasonHint={NOTED}
          run={judge('unban')}
          onDone={read.reload}
        >
          <p>They can sign in again, with all they had.</p>
        </Act>
      )}
      {may('corrections.write') && <Correct playerId={id} displayName={displayName} onDone={read.reload} />}
      {may('roles.write') && <RoleActs playerId={id} displayName={displayName} roles={roles} onDone={read.reload} />}
    </div>
  );
}

const NOTED = 'Kept as a note about the player, for operators.';

function Balances({ balances }: Pick<Card, 'balances'>) {
  return (
    <Panel title="Balances">
      <Table
        caption="Balances"
        rows={balances}
        keyOf={({ currency }) => currency}
        empty="They have no account."
        columns={[
          { head: 'Currency', cell: ({ currency }) => currency },
          {
            head: 'Available',
            figure: true,
            cell: ({ available, currency }) => <Money amount={available} currency={currency} />,
          },
          { head: 'Held', figure: true, cell: ({ held, currency }) => <Money amount={held} currency={currency} /> },
        ]}
      />
    </Panel>
  );
}

function Notes({ id, name }: { id: string; name: string }) {
  const pages = usePages<Note>(`/api/admin/players/${id}/notes`, { limit: 10 });
  const [fault, setFault] = useState<Fault | null>(null);
  const write = (event: SubmitEvent) => {
    event.preventDefault();
    const field = (event.currentTarget as HTMLFormElement).querySelector('textarea')!;
    ask(`/api/admin/players/${id}/notes`, { body: { text: field.value.trim() } }).then(
      () => {
        field.value = '';
        setFault(null);
        pages.reload();
      },
      (error: unknown) => setFault(faultOf(error)),
    );
  };
  return (
    <Panel title="What operators wrote">
      <PagedTable
        pages={pages}
        caption={`Notes about ${name}`}
        keyOf={(note) => note.id}
        empty="Nobody wrote anything yet."
        columns={[
          { head: 'At', cell: ({ at }) => <Time at={at} /> },
          { head: 'By', cell: ({ author }) => author?.displayName ?? 'the terminal' },
          { head: 'Kind', cell: ({ kind }) => kind },
          { head: 'Words', cell: ({ text }) => <span class="written">{text}</span> },
        ]}
      />
      {may('players.note') && (
        <form class="write" onSubmit={write}>
          <textarea
            aria-label={`A note about ${name}`}
            placeholder="A note: it can be neither changed nor taken away"
            required
            rows={1}
            maxLength={2_000}
          />
          <button type="submit">Write it down</button>
        </form>
      )}
      <Faulty fault={fault} />
    </Panel>
  );
}

function WaysIn({ card: { wallets, identities } }: { card: Card }) {
  const rows = [
    ...wallets.map(({ chain, address, proof, linkedAt }) => ({ kind: `${chain} wallet, by ${proof}`, name: address, linkedAt })),
    ...identities.map(({ provider, name, linkedAt }) => ({ kind: provider, name, linkedAt })),
  ];
  return (
    <Panel title="Wallets and accounts elsewhere">
      <Table
        caption="Wallets and accounts elsewhere"
        rows={rows}
        keyOf={({ kind, name }) => `${kind} ${name}`}
        empty="None is linked."
        columns={[
          { head: 'Kind', cell: ({ kind }) => kind },
          { head: 'Name', cell: ({ name }) => <Id id={name} /> },
          { head: 'Linked', cell: ({ linkedAt }) => <Time at={linkedAt} /> },
        ]}
      />
    </Panel>
  );
}

function Sessions({ sessions }: Pick<Card, 'sessions'>) {
  return (
    <Panel title="Open sessions, the newest">
      <Table
        caption="Open sessions"
        rows={sessions}
        keyOf={({ id }) => id}
        empty="They are signed in nowhere."
        columns={[
          { head: 'Device', cell: ({ device }) => <span class="device">{device}</span> },
          { head: 'Used', cell: ({ usedAt }) => <Time at={usedAt} /> },
          { head: 'Opened', cell: ({ createdAt }) => <Time at={createdAt} /> },
        ]}
      />
    </Panel>
  );
}

function Payments({ payments }: { payments: PaymentRow[] }) {
  return (
    <Panel title="Payments, the newest">
      <Table
        caption="Payments"
        rows={payments}
        keyOf={({ id }) => id}
        empty="They have neither paid in nor out."
        columns={[
          { head: 'Payment', cell: ({ id }) => <Id id={id} href={hrefOf('payments', id)} /> },
          { head: 'Way', cell: ({ direction }) => direction },
          { head: 'Amount', figure: true, cell: ({ amount }) => <Money {...amount} /> },
          { head: 'State', cell: (payment) => <PaymentMark payment={payment} /> },
          { head: 'Asked', cell: ({ createdAt }) => <Time at={createdAt} /> },
        ]}
      />
    </Panel>
  );
}

function Transactions({ id }: { id: string }) {
  const pages = usePages<Transaction>(`/api/admin/players/${id}/transactions`, { limit: 15 });
  return (
    <Panel title="What moved">
      <PagedTable
        pages={pages}
        caption="Transactions"
        keyOf={(transaction) => transaction.id}
        empty="Nothing has moved yet."
        columns={[
          { head: 'Transfer', cell: (transaction) => <Id id={transaction.id} /> },
          { head: 'Why', cell: ({ reason }) => spoken(reason) },
          { head: 'How', cell: ({ op }) => op },
          { head: 'Amount', figure: true, cell: ({ amount, currency }) => <Money amount={amount} currency={currency} /> },
          {
            head: 'Then available',
            figure: true,
            cell: ({ available, currency }) => <Money amount={available} currency={currency} />,
          },
          { head: 'At', cell: ({ at }) => <Time at={at} /> },
        ]}
      />
    </Panel>
  );
}
