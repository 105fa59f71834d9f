// The ledger checked against itself.
import { useState } from 'preact/hooks';
import { ask } from '../ask.ts';
import { Facts, grouped, Money, Page, Panel, Reading, State, Table, Time } from '../parts.tsx';
import { useReading } from '../reading.ts';

interface Report {
  ok: boolean;
  accounts: number;
  transfers: string;
  seals: { count: string; unsealed: number; last: { no: string; toSeq: string; hash: string; at: string } | null };
  findingsTotal: number;
  findings: { of: string; id: string; what: string; seal: string | null }[];
  balances: { account: string; currency: string; balance: string }[];
  drift: { currency: string; posted: string; held: string }[];
  checkedAt: string;
}

export function LedgerPage() {
  const [round, setRound] = useState(0);
  const read = useReading(`report ${round}`, () => ask<Report>('/api/admin/ledger/report'));
  return (
    <Page
      title="Ledger"
      aside={
        <button type="button" aria-disabled={read.busy} onClick={() => !read.busy && setRound(round + 1)}>
          {read.busy ? 'Checking all of it …' : 'Check it again'}
        </button>
      }
    >
      <Reading read={read}>
        {(report) => (
          <>
            <div class="columns-2">
              <Verdict report={report} />
              <Drift drift={report.drift} />
            </div>
            <Findings report={report} />
            <Accounts balances={report.balances} />
          </>
        )}
      </Reading>
    </Page>
  );
}

function Verdict({ report: { ok, accounts, transfers, seals, findingsTotal, checkedAt } }: { report: Report }) {
  return (
    <Panel
      title="Verdict"
      aside={
        ok ? (
          <State tone="good">everything holds</State>
        ) : (
          <State tone="bad">{findingsTotal === 1 ? '1 finding' : `${findingsTotal} findings`}</State>
        )
      }
    >
      <Facts
        of={[
          ['Checked', <Time at={checkedAt} />],
          ['Accounts', grouped(accounts)],
          ['Transfers, up to no.', grouped(transfers)],
          ['Seals', `${grouped(seals.count)}, ${grouped(seals.unsealed)} transfers after the last`],
          ['Last seal', seals.last === null ? 'none yet' : <Time at={seals.last.at} />],
          ['Its hash', seals.last === null ? '–' : <code class="long">{seals.last.hash}</code>],
        ]}
      />
    </Panel>
  );
}

function Drift({ drift }: Pick<Report, 'drift'>) {
  const mark = (amount: string, currency: string) =>
    BigInt(amount) === 0n ? (
      <State tone="good">0</State>
    ) : (
      <strong class="bad">
        <Money amount={amount} currency={currency} />
      </strong>
    );
  return (
    <Panel title="Drift">
      <p class="soft">Posted: all accounts together, nothing. Held: beyond what open stakes and withdrawals ask for, nothing.</p>
      <Table
        caption="Drift by currency"
        rows={drift}
        keyOf={({ currency }) => currency}
        empty="No currency has an account yet."
        columns={[
          { head: 'Currency', cell: ({ currency }) => currency },
          { head: 'Posted', figure: true, cell: ({ posted, currency }) => mark(posted, currency) },
          { head: 'Held', figure: true, cell: ({ held, currency }) => mark(held, currency) },
        ]}
      />
    </Panel>
  );
}

function Findings({ report: { findings, findingsTotal } }: { report: Report }) {
  if (findingsTotal === 0) return null;
  return (
    <Panel title={`Findings: the first ${findings.length} of ${findingsTotal}`}>
      <Table
        caption="Findings"
        rows={findings}
        keyOf={({ of, id, what }) => `${of} ${id} ${what}`}
        empty=""
        columns={[
          { head: 'Of', cell: ({ of }) => of },
          { head: 'Id', cell: ({ id }) => <code>{id}</code> },
          { head: 'What', cell: ({ what }) => what },
          { head: 'Seal', figure: true, cell: ({ seal }) => seal ?? '–' },
        ]}
      />
    </Panel>
  );
}

function Accounts({ balances }: Pick<Report, 'balances'>) {
  return (
    <Panel title="The house’s own accounts">
      <p class="soft">Worked out from their entries. Negative: what the house has given out beyond what it took.</p>
      <Table
        caption="The house’s own accounts"
        rows={balances}
        keyOf={({ account, currency }) => `${account} ${currency}`}
        empty="The house has moved nothing yet."
        columns={[
          { head: 'Account', cell: ({ account }) => account },
          { head: 'Currency', cell: ({ currency }) => currency },
          { head: 'Balance', figure: true, cell: ({ balance, currency }) => <Money amount={balance} currency={currency} /> },
        ]}
      />
    </Panel>
  );
}
