import { Act } from '../act.tsx';
import { ask, may } from '../ask.ts';
import { Facts, grouped, Id, Page, PagedTable, Panel, Reading, State, Table, Time } from '../parts.tsx';
import { usePages, useRead } from '../reading.ts';
import { spoken } from '../words.ts';

interface Figures {
  payouts: { state: string; count: string; units: string }[];
  inReview: string;
  wallets: string;
  ap: string;
  debt: string;
  chainHeight: number | null;
  on: boolean;
  confirms: boolean;
}

interface Payout {
  id: string;
  pool: string;
  key: string;
  address: string;
  amount: string;
  txid: string | null;
  vout: number | null;
  source: string;
  state: string;
  review: string | null;
  said: Record<string, unknown> | null;
  height: number | null;
  paidAt: string | null;
  toldAt: string;
}

export function MiningPage() {
  const figures = useRead<Figures>('/api/admin/mining', { everyMs: 30_000 });
  const pages = usePages<Payout>('/api/admin/mining/review');
  const reload = () => {
    figures.reload();
    pages.reload();
  };
  return (
    <Page title="Mining">
      <div class="columns-2">
        <Panel title="The chain and the pools">
          <Reading read={figures}>
            {({ on, confirms, chainHeight, wallets, ap, debt, inReview }) => (
              <Facts
                of={[
                  ['Intake', on ? <State tone="good">on</State> : <State tone="calm">switched off</State>],
                  ['Borne out by', confirms ? 'the chain' : 'the pools’ word alone'],
                  ['Chain read up to', chainHeight === null ? 'never read' : `block ${grouped(chainHeight)}`],
                  ['Wallets paid', grouped(wallets)],
                  ['AP credited', grouped(ap)],
                  ['AP owed back', BigInt(debt) === 0n ? '0' : <strong class="bad">{grouped(debt)}</strong>],
                  ['In review', BigInt(inReview) === 0n ? '0' : <strong>{grouped(inReview)}</strong>],
                ]}
              />
            )}
          </Reading>
        </Panel>
        <Panel title="Payouts by state">
          <Reading read={figures}>
            {({ payouts }) => (
              <Table
                caption="Payouts by state"
                rows={payouts}
                keyOf={({ state }) => state}
                empty="No pool has told of a payout yet."
                columns={[
                  { head: 'State', cell: ({ state }) => spoken(state) },
                  { head: 'Payouts', figure: true, cell: ({ count }) => grouped(count) },
                  { head: 'Coin’s smallest units', figure: true, cell: ({ units }) => grouped(units) },
                ]}
              />
            )}
          </Reading>
        </Panel>
      </div>
      <Panel title="To be looked at, oldest first">
        <PagedTable
          pages={pages}
          caption="Payouts in review"
          keyOf={({ id }) => id}
          empty="No payout needs a person."
          columns={[
            {
              head: 'Pool',
              cell: ({ pool, key }) => (
                <>
                  {pool} <span class="soft">{key}</span>
                </>
              ),
            },
            { head: 'Why', cell: ({ review }) => <State tone="warn">{review ?? 'unknown'}</State> },
            { head: 'Wallet', cell: ({ address }) => <Id id={address} /> },
            { head: 'Amount', figure: true, cell: ({ amount }) => grouped(amount) },
            { head: 'Told otherwise', cell: ({ said }) => (said === null ? '–' : <code>{JSON.stringify(said)}</code>) },
            {
              head: 'Transaction',
              cell: ({ txid, vout }) =>
                txid === null ? (
                  '–'
                ) : (
                  <>
                    <Id id={txid} />:{vout}
                  </>
                ),
            },
            {
              head: 'Told',
              cell: ({ toldAt, source }) => (
                <>
                  <Time at={toldAt} /> <span class="soft">{source}</span>
                </>
              ),
            },
            { head: 'Decide', cell: (payout) => <Decide payout={payout} onDone={reload} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

function Decide({ payout, onDone }: { payout: Payout; onDone: () => void }) {
  if (!may('mining.review')) return <span class="soft">for reviewers</span>;
  const { id, pool, key, address, amount } = payout;
  const decide = (verdict: 'accept' | 'refuse') => (reason: string) =>
    ask(`/api/admin/mining/review/${id}`, { body: { verdict, reason } });
  const subject = `payout ${key} of ${pool}`;
  return (
    <span class="acts">
      <Act label="Accept" title={`Accept ${subject}?`} reason="needed" run={decide('accept')} onDone={onDone}>
        <p>
          It counts as it was told first: {grouped(amount)} units for <code>{address}</code>. Whoever has linked that wallet is
          credited.
        </p>
      </Act>
      <Act label="Refuse" title={`Refuse ${subject}?`} danger reason="needed" run={decide('refuse')} onDone={onDone}>
        <p>
          What it brought goes back: {grouped(amount)} units of <code>{address}</code>. What the player has spent of it already
          stays owed.
        </p>
      </Act>
    </span>
  );
}
