import { useEffect, useRef, useState } from 'preact/hooks';
import { Copied } from './copy.tsx';
import { Refusal, useDeed, valuesOf } from './ui.tsx';
import { Until } from './until.tsx';
import { WalletAddress } from './wallet-address.tsx';
import type { Challenge } from './wallet-proof.ts';
import { codeOf } from './words.ts';

interface WalletSigningProps {
  /** What the wallet is for. */
  coin: string;
  ask: (address: string) => Promise<Challenge>;
  answer: (challenge: Challenge, signature: string) => Promise<void>;
  onBack: () => void;
}

/** A text is good for one answer: after a wrong one there is another to sign. */
const USED_UP = new Set(['proof_invalid', 'challenge_invalid']);

/** For a wallet on another device or in another program: its address, the text it signs, and the signature carried back. */
export function WalletSigning({ coin, ask, answer, onBack }: WalletSigningProps) {
  const { busy, refusal, run, clear } = useDeed();
  const [challenge, setChallenge] = useState<Challenge | null>(null);

  const [address, setAddress] = useState('');
  const begin = async (given: string) => {
    setAddress(given);
    setChallenge(await ask(given));
  };
  const finish = (signature: string): void =>
    run(async () => {
      try {
        await answer(challenge!, signature);
      } catch (error) {
        if (USED_UP.has(codeOf(error))) setChallenge(await ask(challenge!.address));
        throw error;
      }
    });

  if (challenge === null)
    return <WalletAddress label={`Your ${coin} address`} act="Give me the text" given={address} ask={begin} onBack={onBack} />;
  return (
    <ToSign
      key={challenge.challengeId}
      challenge={challenge}
      busy={busy}
      refusal={refusal}
      finish={finish}
      onOther={() => {
        clear();
        setChallenge(null);
      }}
    />
  );
}

interface ToSignProps {
  challenge: Challenge;
  busy: boolean;
  refusal: string | null;
  finish: (signature: string) => void;
  onOther: () => void;
}

function ToSign({ challenge: { address, message, expiresAt }, busy, refusal, finish, onOther }: ToSignProps) {
  const first = useRef<HTMLParagraphElement>(null);
  useEffect(() => first.current?.focus(), []);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    finish((valuesOf(event.currentTarget).signature ?? '').trim());
  };
  return (
    <form class="stack" onSubmit={submit}>
      <p ref={first} tabIndex={-1}>
        Sign this text in your wallet with <b class="mono">{address}</b>, word for word.
      </p>
      <Copied text={message} what="the text to sign" />
      <p class="small quiet">
        In the wallet it is called “Sign message”; on a command line, <code>signmessage</code> with the address and the text. Good
        for <Until at={expiresAt} />.
      </p>
      <label class="field">
        <span>The signature</span>
        <input name="signature" required maxLength={200} autocomplete="off" spellcheck={false} class="mono" />
      </label>
      <Refusal code={refusal} />
      {refusal === 'proof_invalid' && <p class="small">The text above is a new one: sign it and try again.</p>}
      <div class="row confirm-answers">
        <button type="button" class="button button-plain" onClick={onOther}>
          Another address
        </button>
        <button type="submit" class="button button-first" aria-disabled={busy}>
          This is mine
        </button>
      </div>
    </form>
  );
}
