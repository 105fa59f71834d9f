// A correction of a balance: a transfer like any other, with a reason; above a limit it waits for another operator.
import { useRef, useState } from 'preact/hooks';
import { CURRENCIES, CURRENCY_CODES, type Currency } from '../../../rules/currency.ts';
import { Dialog } from '../act.tsx';
import { ask, type Fault, freshKey } from '../ask.ts';
import { Faulty, worded } from '../parts.tsx';
import { faultOf } from '../words.ts';

interface CorrectProps {
  playerId: string;
  displayName: string;
  onDone: () => void;
}

export function Correct(props: CorrectProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Correct a balance
      </button>
      {open && <Form {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

type Direction = 'to_player' | 'from_player';

function Form({ playerId, displayName, onDone, onClose }: CorrectProps & { onClose: () => void }) {
  const [wish, setWish] = useState<{ currency: Currency; direction: Direction; amount: string; reason: string }>({
    currency: 'COINS',
    direction: 'to_player',
    amount: '',
    reason: '',
  });
  const [told, setTold] = useState<'posted' | 'proposed' | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const key = useRef(freshKey());
  const set = (change: Partial<typeof wish>) => {
    key.current = freshKey(); // another wish
    setWish((old) => ({ ...old, ...change }));
  };
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    setFault(null);
    ask<{ state: 'posted' | 'proposed' }>('/api/admin/corrections', { body: { playerId, ...wish }, key: key.current }).then(
      ({ state }) => {
        setTold(state);
        onDone();
      },
      (error: unknown) => setFault(faultOf(error)),
    );
  };
  const { currency, direction, amount } = wish;
  const shown = /^\d{1,15}$/.test(amount) ? worded(amount, currency) : '…';
  if (told !== null)
    return (
      <Dialog title={told === 'posted' ? 'It has moved' : 'It waits for another operator'} onClose={onClose}>
        <p>
          {told === 'posted'
            ? 'It was within what you may move alone in 24 hours. It is in the ledger and in the audit log.'
            : 'Nothing has moved yet. Another operator consents within 72 hours, or it lapses.'}
        </p>
        <div class="answers">
          <button type="button" class="first" autofocus onClick={onClose}>
            Close
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={`Correct a balance of ${displayName}`} onClose={onClose}>
      <form class="stack" onSubmit={send}>
        <div class="fields">
          <label class="field">
            Way
            <select value={direction} onChange={({ currentTarget }) => set({ direction: currentTarget.value as Direction })}>
              <option value="to_player">to the player</option>
              <option value="from_player">from the player</option>
            </select>
          </label>
          <label class="field">
            Currency
            <select value={currency} onChange={({ currentTarget }) => set({ currency: currentTarget.value as Currency })}>
              {CURRENCY_CODES.map((code) => (
                <option key={code}>{code}</option>
              ))}
            </select>
          </label>
          <label class="field field-narrow">
            Amount, minor units
            <input
              required
              inputMode="numeric"
              pattern="[1-9][0-9]{0,14}"
              value={amount}
              onInput={({ currentTarget }) => set({ amount: currentTarget.value.trim() })}
            />
          </label>
        </div>
        <p>
          <strong>
            {shown} {currency}
          </strong>{' '}
          {direction === 'to_player' ? `goes to ${displayName} from the house` : `is taken from ${displayName}, who is told`}
          {CURRENCIES[currency].exponent > 0 && '. Minor units: the last digits are hundredths'}. Above what you may move alone in
          24 hours, it waits for another operator.
        </p>
        <label class="field">
          Reason
          <textarea
            required
            rows={2}
            maxLength={500}
            value={wish.reason}
            onInput={({ currentTarget }) => set({ reason: currentTarget.value })}
          />
          <small>Kept with the correction and in the audit log.</small>
        </label>
        <Faulty fault={fault} />
        <div class="answers">
          <button type="button" onClick={onClose}>
            Leave it
          </button>
          <button type="submit" class="danger-first">
            Correct
          </button>
        </div>
      </form>
    </Dialog>
  );
}
