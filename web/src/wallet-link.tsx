// A wallet shows that it is somebody's: one in the browser signs by itself, one elsewhere signs a text that is carried over.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Modal } from './confirm.tsx';
import { WalletSigning } from './wallet-signing.tsx';
import { type BrowserWallet, useBrowserWallets } from './wallet-browser.ts';
import { answerTo, challengeFor, type Proved } from './wallet-proof.ts';
import { Refusal, useDeed } from './ui.tsx';
import { CHAIN_NAMES, type Chain } from './ways.ts';

interface WalletLinkProps {
  title: string;
  /** What comes of it, as in "to …". */
  aim: string;
  chains: readonly Chain[];
  done: (proved: Proved) => Promise<unknown> | void;
  onClose: () => void;
}

export function WalletLink({ title, aim, chains, done, onClose }: WalletLinkProps) {
  const wallets = useBrowserWallets(chains);
  const [byHand, setByHand] = useState(false);
  const heading = useRef<HTMLParagraphElement>(null);
  const wasByHand = useRef(false);
  useEffect(() => {
    if (wasByHand.current && !byHand) heading.current?.focus();
    wasByHand.current = byHand;
  }, [byHand]);
  return (
    <Modal title={title} onClose={onClose}>
      {byHand ? (
        <WalletSigning
          coin={CHAIN_NAMES.advc}
          ask={(address) => challengeFor('advc', address)}
          answer={async (challenge, signature) => void (await done(await answerTo(challenge, { signature })))}
          onBack={() => setByHand(false)}
        />
      ) : (
        <>
          <p class="quiet" ref={heading} tabIndex={-1}>
            Your wallet signs a text {aim}. Nothing is paid, and nothing of yours may be moved by it.
          </p>
          <InBrowser wallets={wallets} chains={chains} done={done} />
          {chains.includes('advc') && (
            <button type="button" class="button button-wide" onClick={() => setByHand(true)}>
              {CHAIN_NAMES.advc}: sign a text yourself
            </button>
          )}
          <div class="row confirm-answers">
            <button type="button" class="button button-plain" onClick={onClose}>
              Not now
            </button>
          </div>
        </>
      )}
    </Modal>
  );
}

interface InBrowserProps {
  wallets: BrowserWallet[];
  chains: readonly Chain[];
  done: (proved: Proved) => Promise<unknown> | void;
}

function InBrowser({ wallets, chains, done }: InBrowserProps) {
  const { busy, refusal, run } = useDeed();
  const [asked, setAsked] = useState<BrowserWallet | null>(null);
  const prove = (wallet: BrowserWallet) =>
    run(async () => {
      setAsked(wallet);
      const challenge = await challengeFor(wallet.chain, await wallet.address());
      await done(await answerTo(challenge, await wallet.sign(challenge)));
    });
  const kinds = chains.filter((chain) => chain !== 'advc').map((chain) => CHAIN_NAMES[chain]);
  if (wallets.length === 0 && kinds.length === 0) return null;
  return (
    <div class="stack">
      {wallets.length === 0 && <p class="small quiet">This browser has no wallet for {kinds.join(' or ')}.</p>}
      {wallets.map((wallet) => (
        <button
          key={wallet.id}
          type="button"
          class="button button-wide wallet-choice"
          data-chain={wallet.chain}
          aria-disabled={busy}
          onClick={() => prove(wallet)}
        >
          {wallet.icon !== null && <img src={wallet.icon} alt="" width={24} height={24} />}
          <span>{wallet.name}</span>
          <small class="quiet">{CHAIN_NAMES[wallet.chain]}</small>
        </button>
      ))}
      <p class="small" role="status">
        {busy && asked !== null && (
          <>
            <span class="pulse" /> {asked.name} asks you to sign: look at its window.
          </>
        )}
      </p>
      <Refusal code={refusal} />
    </div>
  );
}
