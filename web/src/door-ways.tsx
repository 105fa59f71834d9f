import { useState } from 'preact/hooks';
import { welcome } from './me.ts';
import { goTo, SOCIAL_NAMES } from './social.ts';
import { Refusal, useDeed } from './ui.tsx';
import { WalletLink } from './wallet-link.tsx';
import { socialOf, type Ways } from './ways.ts';

/** The ways in without a password; their place is kept until they are known, so that nothing below moves. */
export function DoorWays({ ways }: { ways: Ways | null }) {
  const { busy, refusal, run } = useDeed();
  const [wallet, setWallet] = useState(false);
  if (ways === null) return <div class="door-ways" aria-hidden="true" />;
  const social = socialOf(ways);
  if (social.length === 0 && ways.wallets.length === 0) return null;
  return (
    <>
      <div class="door-ways">
        {social.map((provider) => (
          <button
            key={provider}
            type="button"
            class="button"
            data-way={provider}
            aria-disabled={busy}
            onClick={() => run(() => goTo(provider))}
          >
            <WayMark way={provider} />
            {SOCIAL_NAMES[provider]}
          </button>
        ))}
        {ways.wallets.length > 0 && (
          <button type="button" class="button" data-way="wallet" onClick={() => setWallet(true)}>
            <WayMark way="wallet" />
            Wallet
          </button>
        )}
      </div>
      {refusal !== null && <Refusal code={refusal} />}
      {wallet && (
        <WalletLink
          title="Sign in with a wallet"
          aim="to sign in"
          chains={ways.wallets}
          done={(proved) => {
            if ('player' in proved) welcome(proved);
          }}
          onClose={() => setWallet(false)}
        />
      )}
    </>
  );
}

const MARKS: Record<string, string> = {
  google: 'M19.500 12.200c0 4.400-3 7.300-7.300 7.300a7.500 7.500 0 1 1 5-13M12.200 12.200h7.300',
  discord: 'M8 7c2.500-1 5.500-1 8 0l2 9-3.500 2-1-2h-3l-1 2L6 16zM9.800 12.500v.01M14.200 12.500v.01',
  wallet: 'M4 7h14v3M4 7v11h16v-8H6a2 2 0 0 1-2-3zM16 14v.01',
  email: 'M4 6h16v12H4zM4 7l8 6 8-6',
};

export const WayMark = ({ way }: { way: string }) => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
    <path d={MARKS[way] ?? MARKS.wallet!} />
  </svg>
);
