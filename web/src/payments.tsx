// Shillings in and out by M-Pesa, where real money is open. A payment is followed until it ends.
import { useEffect, useState } from 'preact/hooks';
import { DEPOSIT_SHILLINGS, SHILLING, WITHDRAWAL_SHILLINGS } from '../../rules/payments.ts';
import { HowItStands } from './payments-standing.tsx';
import { isGuest, refreshMe } from './me.ts';
import { availableOf, digits, openCurrencies } from './money.ts';
import { useNews } from './notices.ts';
import { once } from './once.ts';
import { More, usePaged } from './paged.tsx';
import { type Payment, readPayments, readRealMoney, reasonWords, type RealMoney, underWay } from './payments-read.ts';
import { Reading } from './reading.tsx';
import { hrefOf } from './route.ts';
import { tell } from './told.tsx';
import { ago, Amount, Refusal, useDeed, useRead, valuesOf } from './ui.tsx';

const LOOK_MS = 3_000;

export function Payments() {
  const open = openCurrencies.value;
  if (open.length === 0 || open.includes('KES')) return <Shillings />;
  return (
    <div class="bare">
      <p>No real money here</p>
      <p class="quiet">This house plays for coins.</p>
    </div>
  );
}

function Shillings() {
  const card = useRead(readRealMoney, 'real-money');
  const payments = usePaged(readPayments, 'payments');
  const waiting = payments.items.some(underWay);
  const changed = () => {
    payments.first.reload();
    card.reload();
    refreshMe();
  };
  useNews(['payment_changed'], changed);
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(payments.first.reload, LOOK_MS);
    return () => {
      clearInterval(timer);
      changed();
    };
  }, [waiting]);
  return (
    <div class="payments">
      <div class="screen-title">
        <h1>Shillings</h1>
        <p class="quiet">
          <Amount amount={availableOf('KES')} currency="KES" /> to play with
        </p>
      </div>
      {isGuest() ? (
        <p class="panel">
          Guests play with coins. <a href={hrefOf('account')}>Register first</a>, then pay in by M-Pesa.
        </p>
      ) : (
        <Reading of={card} what="how you stand">
          {(value) => (
            <>
              {value.missing.length > 0 && <HowItStands card={value} reload={card.reload} />}
              <Moving card={value} waiting={waiting} changed={changed} />
            </>
          )}
        </Reading>
      )}
      <section class="panel" aria-label="What was paid">
        <h2>In and out</h2>
        <Reading of={payments.first} what="your payments">
          {() =>
            payments.items.length === 0 ? (
              <p class="quiet">Nothing yet.</p>
            ) : (
              <>
                <ul class="handed">
                  {payments.items.map((payment) => (
                    <Row key={payment.id} payment={payment} />
                  ))}
                </ul>
                <More of={payments} />
              </>
            )
          }
        </Reading>
      </section>
    </div>
  );
}

interface MovingProps {
  card: RealMoney;
  waiting: boolean;
  changed: () => void;
}

function Moving({ card: { missing }, waiting, changed }: MovingProps) {
  const mayPayIn = !missing.includes('age') && !missing.includes('country');
  return (
    <div class="payment-forms">
      <section class="panel" aria-label="Pay in">
        <h2>Pay in</h2>
        {mayPayIn ? (
          <Form direction="deposit" off={waiting} changed={changed} />
        ) : (
          <p class="quiet">Once it is known how old you are and where you live.</p>
        )}
      </section>
      <section class="panel" aria-label="Pay out">
        <h2>Pay out</h2>
        <Form direction="withdrawal" off={availableOf('KES') < WITHDRAWAL_SHILLINGS.min * SHILLING} changed={changed} />
      </section>
    </div>
  );
}

interface FormProps {
  direction: Payment['direction'];
  off: boolean;
  changed: () => void;
}

function Form({ direction, off, changed }: FormProps) {
  const { busy, refusal, run } = useDeed();
  const [shillings, setShillings] = useState('');
  const paysIn = direction === 'deposit';
  const { min, max } = paysIn ? DEPOSIT_SHILLINGS : WITHDRAWAL_SHILLINGS;
  const whole = /^\d{1,7}$/.test(shillings) ? BigInt(shillings) : null;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const { phone = '' } = valuesOf(event.currentTarget);
    run(async () => {
      const amount = { currency: 'KES', amount: String((whole ?? 0n) * SHILLING) };
      const path = paysIn ? '/api/payments/deposit' : '/api/payments/withdraw';
      await once<Payment>(path, { amount, phone: phone.trim() });
      tell(paysIn ? 'Look at your phone: M-Pesa asks for your PIN.' : 'On its way to your phone.');
      setShillings('');
      changed();
    });
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label class="field">
        <span>Shillings</span>
        <input
          inputMode="numeric"
          pattern="\d{1,7}"
          required
          autocomplete="off"
          placeholder={`${min} to ${max.toLocaleString('en')}`}
          value={shillings}
          onInput={({ currentTarget }) => setShillings(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Safaricom number</span>
        <input name="phone" type="tel" required maxLength={32} autocomplete="tel" placeholder="0712 345 678" />
      </label>
      <Refusal code={refusal} />
      <button type="submit" class="button button-first button-wide" disabled={off} aria-disabled={busy}>
        {paysIn ? 'Pay in' : 'Pay out'}
        {whole !== null && whole > 0n && ` KSh ${whole.toLocaleString('en')}`}
      </button>
      {off && (
        <p class="small quiet">
          {paysIn ? 'One at a time: the one under way has to end first.' : `From KSh ${min} on, of what you have.`}
        </p>
      )}
    </form>
  );
}

const STATES: Record<Payment['state'], string> = {
  created: 'is being sent',
  submitted: 'waits for your phone',
  paid: 'paid',
  failed: 'not paid',
  timed_out: 'no word from M-Pesa',
  needs_review: 'is looked at by the house',
};

function Row({ payment }: { payment: Payment }) {
  const { direction, state, amount, phone, receipt, reason, createdAt } = payment;
  const paysIn = direction === 'deposit';
  const words = reasonWords(reason);
  return (
    <li data-state={state} data-payment={direction}>
      <b>
        {paysIn ? 'In' : 'Out'}, {phone}
      </b>
      <b class="figures">
        {paysIn ? '+' : '−'}
        {digits(amount.amount, amount.currency)} <span class="coin-code">KES</span>
      </b>
      <span class="small payment-state" role={underWay(payment) ? 'status' : undefined}>
        {underWay(payment) && <span class="pulse" />} {!paysIn && state === 'submitted' ? 'is being paid out' : STATES[state]}
      </span>
      <span class="small quiet">
        {ago(createdAt)}
        {receipt !== null && <span class="mono"> {receipt}</span>}
      </span>
      {words !== null && state !== 'paid' && <p class="small">{words}</p>}
    </li>
  );
}
