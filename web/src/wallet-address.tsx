import { useState } from 'preact/hooks';
import { Refusal, useDeed } from './ui.tsx';

interface WalletAddressProps {
  label: string;
  /** What the button says. */
  act: string;
  /** What was given before. */
  given?: string;
  ask: (address: string) => Promise<void>;
  onBack: () => void;
}

/** The first step of every proof of a wallet: which one. */
export function WalletAddress({ label, act, given = '', ask, onBack }: WalletAddressProps) {
  const { busy, refusal, run } = useDeed();
  const [address, setAddress] = useState(given);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    run(() => ask(address.trim()));
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label class="field">
        <span>{label}</span>
        <input
          name="address"
          required
          maxLength={100}
          autocomplete="off"
          spellcheck={false}
          class="mono"
          value={address}
          onInput={({ currentTarget }) => setAddress(currentTarget.value)}
        />
      </label>
      <Refusal code={refusal} />
      <div class="row confirm-answers">
        <button type="button" class="button button-plain" onClick={onBack}>
          Back
        </button>
        <button type="submit" class="button button-first" aria-disabled={busy}>
          {act}
        </button>
      </div>
    </form>
  );
}
