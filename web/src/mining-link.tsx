// A wallet that is mined to shows whose it is: by a text it signs, or by an amount it sends.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Modal } from './confirm.tsx';
import { Copied } from './copy.tsx';
import { isGuest } from './me.ts';
import { askDonation, askMessage, coins, type Donation, type Standing, verify } from './mining-read.ts';
import { useNews } from './notices.ts';
import { Refusal } from './ui.tsx';
import { Until } from './until.tsx';
import { WalletAddress } from './wallet-address.tsx';
import { WalletSigning } from './wallet-signing.tsx';
import { codeOf } from './words.ts';

interface MiningLinkProps {
  /** Whether a wallet can be shown by one. */
  donations: boolean;
  linked: (address: string, by: 'message' | 'donation') => void;
  onClose: () => void;
}

export function MiningLink({ donations, linked, onClose }: MiningLinkProps) {
  const [by, setBy] = useState<'message' | 'donation' | null>(donations ? null : 'message');
  const back = () => (donations ? setBy(null) : onClose());
  return (
    <Modal title="Link a mining wallet" onClose={onClose}>
      {by === null && <Choice choose={setBy} onClose={onClose} />}
      {by === 'message' && (
        <WalletSigning
          coin="AdventureCoin"
          ask={askMessage}
          answer={async ({ address, challengeId }, signature) => {
            await verify(address, { challengeId, signature });
            linked(address, 'message');
          }}
          onBack={back}
        />
      )}
      {by === 'donation' && <ByDonation linked={(address) => linked(address, 'donation')} onBack={back} onClose={onClose} />}
    </Modal>
  );
}

function Choice({ choose, onClose }: { choose: (by: 'message' | 'donation') => void; onClose: () => void }) {
  return (
    <div class="stack">
      <p class="quiet">Show that it is yours, in one of two ways.</p>
      <button type="button" class="button button-wide proof-choice" onClick={() => choose('message')}>
        <b>Sign a text</b>
        <small class="quiet">At once, and costs nothing. For a wallet whose key you hold.</small>
      </button>
      <button type="button" class="button button-wide proof-choice" disabled={isGuest()} onClick={() => choose('donation')}>
        <b>Send a small amount</b>
        <small class="quiet">
          {isGuest() ? 'For registered players.' : 'For a wallet that cannot sign: about a hundredth of a coin, kept as a gift.'}
        </small>
      </button>
      <div class="row confirm-answers">
        <button type="button" class="button button-plain" onClick={onClose}>
          Not now
        </button>
      </div>
    </div>
  );
}

interface ByDonationProps {
  linked: (address: string) => void;
  onBack: () => void;
  onClose: () => void;
}

function ByDonation({ linked, onBack, onClose }: ByDonationProps) {
  const [donation, setDonation] = useState<Donation | null>(null);
  if (donation !== null) return <ToSend donation={donation} linked={linked} onClose={onClose} />;
  const ask = async (address: string) => setDonation(await askDonation(address));
  return <WalletAddress label="The address you will send from" act="Say how much" ask={ask} onBack={onBack} />;
}

const LOOK_MS = 10_000;
/** What a later look may change. */
const PASSING = new Set(['offline', 'unavailable', 'rate_limited', 'internal']);

function ToSend({ donation, linked, onClose }: { donation: Donation; linked: (address: string) => void; onClose: () => void }) {
  const { address, donationAddress, amount, expiresAt } = donation;
  const [standing, setStanding] = useState<Standing | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const over = refusal !== null && !PASSING.has(refusal);
  const first = useRef<HTMLParagraphElement>(null);
  const look = () =>
    verify(address).then(
      (now) => {
        setRefusal(null);
        setStanding(now);
        if (now.state === 'linked') linked(address);
      },
      (error: unknown) => setRefusal(codeOf(error)),
    );
  useNews(['verification_complete'], () => void look());
  useEffect(() => first.current?.focus(), []);
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => clearInterval(timer);
  }, [over]);
  return (
    <div class="stack">
      <p ref={first} tabIndex={-1}>
        Send <b>exactly this amount</b> from <span class="mono">{address}</span>. Another amount, or another sender, shows
        nothing.
      </p>
      <Copied text={coins(amount)} what="the amount" />
      <Copied text={donationAddress} what="the address to send it to" />
      <p role="status">
        {!over && (
          <>
            <span class="pulse" /> {standingWords(standing)}
          </>
        )}
      </p>
      <Refusal code={refusal} />
      <p class="small quiet">
        Good for <Until at={expiresAt} />. You may close this: the wallet is linked as soon as it is deep enough in the chain.
      </p>
      <div class="row confirm-answers">
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </div>
    </div>
  );
}

function standingWords(standing: Standing | null): string {
  if (standing === null || standing.confirmations === 0) return 'Waiting for it to be seen …';
  return `Seen: ${standing.confirmations} of ${standing.needed} confirmations.`;
}
