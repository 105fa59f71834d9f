// Payments: what waits for a person first. What is decided here is decided for ever, so the provider's statement comes first.
import { useState } from 'preact/hooks';
import { Act } from '../act.tsx';
import { ask, may } from '../ask.ts';
import { Facts, Id, Money, Page, PagedTable, Panel, Reading, Table, Time, worded } from '../parts.tsx';
import { go, hrefOf, place } from '../place.ts';
import { usePages, useRead } from '../reading.ts';
import { spoken } from '../words.ts';
import { PAYMENT_TONES, PaymentMark, type PaymentRow } from './payment-shapes.tsx';

type Payment = PaymentRow & { playerId: string };

export function PaymentsPage() {
  const { id } = place.value;
  return id === null ? <Payments /> : <OnePayment key={id} id={id} />;
}

function Payments() {
  const state = place.value.search.get('state') ?? 'needs_review';
  const pages = usePages<Payment>('/api/admin/payments', { state: state === 'all' ? null : state });
  return (
    <Page title="Payments">
      <Panel
        title={state === 'needs_review' ? 'In review: a person has to decide' : 'Newest first'}
        aside={
          <label class="inline">
            State
            <select value={state} onChange={({ currentTarget: { value } }) => go('payments', null, { state: value })}>
              {[...Object.keys(PAYMENT_TONES).toReversed(), 'all'].map((name) => (
                <option key={name} value={name}>
                  {spoken(name)}
                </option>
              ))}
            </select>
          </label>
        }
      >
        <PagedTable
          pages={pages}
          caption="Payments"
          keyOf={({ id }) => id}
          empty={state === 'needs_review' ? 'No payment needs a person.' : 'There is none.'}
          columns={[
            { head: 'Payment', cell: ({ id }) => <Id id={id} href={hrefOf('payments', id)} /> },
            { head: 'Way', cell: ({ direction }) => (direction === 'deposit' ? '→ paid in' : '← paid out') },
            { head: 'Amount', figure: true, cell: ({ amount }) => <Money {...amount} /> },
            { head: 'State', cell: (payment) => <PaymentMark payment={payment} /> },
            { head: 'Player', cell: ({ playerId }) => <Id id={playerId} href={hrefOf('players', playerId)} /> },
            { head: 'Phone', cell: ({ phone }) => phone },
            { head: 'Receipt', cell: ({ receipt }) => receipt ?? '–' },
            { head: 'Asked', cell: ({ createdAt }) => <Time at={createdAt} /> },
            { head: 'Changed', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
          ]}
        />
      </Panel>
    </Page>
  );
}

interface Word {
  id: string;
  kind: string;
  code: string | null;
  words: string | null;
  receipt: string | null;
  verdict: string | null;
  times: number;
  receivedAt: string;
}

function OnePayment({ id }: { id: string }) {
  const read = useRead<{ payment: Payment; words: Word[] }>(`/api/admin/payments/${id}`);
  return (
    <Page title="Payment" aside={read.value && <PaymentActs payment={read.value.payment} onDone={read.reload} />}>
      <p class="crumbs">
        <a href={hrefOf('payments')}>Payments</a> / <Id id={id} />
      </p>
      <Reading read={read}>
        {({ payment, words }) => (
          <>
            <Panel title={payment.direction === 'deposit' ? 'Paid in' : 'Paid out'}>
              <Facts
                of={[
                  ['State', <PaymentMark payment={payment} />],
                  ['Amount', <Money {...payment.amount} />],
                  ['Player', <Id id={payment.playerId} href={hrefOf('players', payment.playerId)} />],
                  ['Phone', payment.phone],
                  ['Receipt', payment.receipt],
                  ['Asked', <Time at={payment.createdAt} />],
                  ['Changed', <Time at={payment.updatedAt} />],
                ]}
              />
            </Panel>
            <Panel title="What the provider said">
              <Table
                caption="What the provider said"
                rows={words}
                keyOf={(word) => word.id}
                empty="Nothing yet."
                columns={[
                  { head: 'At', cell: ({ receivedAt }) => <Time at={receivedAt} /> },
                  { head: 'As', cell: ({ kind }) => spoken(kind) },
                  { head: 'Code', figure: true, cell: ({ code }) => code ?? '–' },
                  { head: 'Words', cell: (word) => word.words ?? <span class="soft">no longer kept</span> },
                  { head: 'Receipt', cell: ({ receipt }) => receipt ?? '–' },
                  { head: 'Times', figure: true, cell: ({ times }) => times },
                  {
                    head: 'What came of it',
                    cell: ({ verdict }) => (verdict === null ? 'still to be weighed' : spoken(verdict)),
                  },
                ]}
              />
            </Panel>
          </>
        )}
      </Reading>
    </Page>
  );
}

const DECIDED = new Set(['paid', 'created']);

function PaymentActs({ payment, onDone }: { payment: Payment; onDone: () => void }) {
  const [receipt, setReceipt] = useState('');
  const { id, direction, state, amount } = payment;
  if (!may('payments.review') || DECIDED.has(state)) return null;
  const sum = `${worded(amount.amount, amount.currency)} ${amount.currency}`;
  const deposit = direction === 'deposit';
  return (
    <span class="acts">
      <Act
        label="Confirm as paid"
        title={`Confirm that ${sum} was paid?`}
        danger
        run={() => ask(`/api/admin/payments/${id}/confirm`, { body: { receipt } })}
        onDone={onDone}
      >
        <p>
          {deposit ? `The player is credited ${sum} at once.` : `The ${sum} that are held leave the player’s account for good.`}{' '}
          Only where the provider’s statement has it: a receipt counts once, for ever.
        </p>
        <label class="field">
          Receipt, from the statement
          <input
            required
            pattern="[A-Z0-9]{8,12}"
            title="8 to 12 capital letters and digits"
            value={receipt}
            onInput={({ currentTarget }) => setReceipt(currentTarget.value.trim())}
          />
        </label>
      </Act>
      <Act
        label="Close as not paid"
        title={`Close: ${sum} will not be paid?`}
        danger
        run={() => ask(`/api/admin/payments/${id}/close`, { body: {} })}
        onDone={onDone}
      >
        <p>
          {deposit
            ? 'Nothing is credited. Should the provider say later that it was paid, it comes back here.'
            : `The ${sum} that are held go back to the player. Should the provider have paid them out all the same, they are paid twice.`}
        </p>
      </Act>
    </span>
  );
}
