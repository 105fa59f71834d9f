// In the account: everything that signs its player in, what could be added, and what can be taken away.
import { useRef, useState } from 'preact/hooks';
import { ask } from './api.ts';
import { Confirm } from './confirm.tsx';
import { WayMark } from './door-ways.tsx';
import { DiscordCode } from './discord-code.tsx';
import { DevMail } from './forgot.tsx';
import { isGuest, loadMe, me } from './me.ts';
import { goTo, SOCIAL_NAMES, type SocialProvider } from './social.ts';
import { Refusal, shortened, useDeed, useRead } from './ui.tsx';
import { WalletLink } from './wallet-link.tsx';
import { CHAIN_NAMES, type Chain, readWays, socialOf, type Ways } from './ways.ts';

interface Wallet {
  chain: Chain;
  address: string;
  linkedAt: string;
}

interface Identity {
  provider: SocialProvider;
  name: string;
  linkedAt: string;
}

/** One thing that signs in, in words. */
interface Linked {
  key: string;
  mark: string;
  title: string;
  name: string;
  linkedAt: string;
  /** What takes it away. */
  path: string;
}

interface Known {
  ways: Ways;
  linked: Linked[];
}

async function readKnown(): Promise<Known> {
  const [ways, identities, wallets] = await Promise.all([
    readWays(),
    ask<{ items: Identity[] }>('/api/auth/identities'),
    ask<{ items: Wallet[] }>('/api/wallets'),
  ]);
  return { ways, linked: [...identities.items.map(identityLinked), ...wallets.items.map(walletLinked)] };
}

const identityLinked = ({ provider, name, linkedAt }: Identity): Linked => ({
  key: provider,
  mark: provider,
  title: SOCIAL_NAMES[provider],
  name,
  linkedAt,
  path: `/api/auth/identities/${provider}`,
});

const walletLinked = ({ chain, address, linkedAt }: Wallet): Linked => ({
  key: `${chain} ${address}`,
  mark: 'wallet',
  title: `${CHAIN_NAMES[chain]} wallet`,
  name: address,
  linkedAt,
  path: `/api/wallets/${chain}/${encodeURIComponent(address)}`,
});

export function AccountWays() {
  const known = useRead(readKnown, 'ways');
  const [said, setSaid] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);
  const changed = (words: string) => {
    setSaid(words);
    known.reload();
    // What had the focus is gone.
    heading.current?.focus();
    loadMe().catch(() => undefined);
  };
  return (
    <section class="stack" aria-label="Ways to sign in">
      <h3 ref={heading} tabIndex={-1}>
        Ways to sign in
      </h3>
      {known.refusal !== null && (
        <div class="stack">
          <Refusal code={known.refusal} />
          <button type="button" class="chip" onClick={known.reload}>
            Try again
          </button>
        </div>
      )}
      {known.value !== null && <Ways known={known.value} changed={changed} />}
      <p class="small well" role="status">
        {said}
      </p>
    </section>
  );
}

function Ways({ known: { ways, linked }, changed }: { known: Known; changed: (words: string) => void }) {
  const mine = me.value;
  const [leaving, setLeaving] = useState<Linked | null>(null);
  return (
    <>
      <ul class="ways-list">
        {mine?.email != null && (
          <li data-way="email">
            <WayMark way="email" />
            <div>
              <b>Email and password</b>
              {mine.verifiedAt === null && <Unconfirmed mail={ways.mail} />}
              {mine.verifiedAt != null && <p class="small well">Confirmed</p>}
            </div>
          </li>
        )}
        {linked.map((one) => (
          <li key={one.key} data-way={one.key}>
            <WayMark way={one.mark} />
            <div>
              <b>{one.title}</b>
              <p class={one.mark === 'wallet' ? 'mono quiet' : 'small quiet'} title={one.name}>
                {one.mark === 'wallet' ? shortened(one.name) : one.name}
              </p>
            </div>
            <button type="button" class="button button-plain" onClick={() => setLeaving(one)}>
              Unlink<span class="unseen"> {`${one.title} ${one.name}`}</span>
            </button>
          </li>
        ))}
      </ul>
      {mine?.email == null && linked.length === 0 && (
        <p class="quiet small">None yet: as a guest you come back on this device only. Linking one keeps all you have.</p>
      )}
      <Linking ways={ways} linked={linked} changed={changed} />
      {ways.social.some(({ provider }) => provider === 'discord') && linked.every(({ key }) => key !== 'discord') && (
        <DiscordCode />
      )}
      {leaving !== null && <Unlinking linked={leaving} changed={changed} onClose={() => setLeaving(null)} />}
    </>
  );
}

/** Nothing is said of a mail that was sent a moment ago but that it was. */
function Unconfirmed({ mail }: { mail: Ways['mail'] }) {
  const { busy, refusal, run } = useDeed();
  const [sent, setSent] = useState<boolean | null>(null);
  if (mail === 'off') return null;
  const send = () => run(async () => setSent((await ask<{ sent: boolean }>('/api/auth/verify/send', { body: {} })).sent));
  return (
    <div class="small">
      <p class="warned">Not confirmed yet: follow the link that was mailed to you.</p>
      {sent === null ? (
        <button type="button" class="link-button" disabled={busy} onClick={send}>
          Send it again
        </button>
      ) : (
        <p role="status">
          {sent ? 'It is on its way; the links before it have ended.' : 'It was sent a moment ago. Look into your mail.'}
        </p>
      )}
      {mail === 'shown' && <DevMail />}
      <Refusal code={refusal} />
    </div>
  );
}

interface LinkingProps {
  ways: Ways;
  linked: Linked[];
  changed: (words: string) => void;
}

function Linking({ ways, linked, changed }: LinkingProps) {
  const { busy, refusal, run } = useDeed();
  const [wallet, setWallet] = useState(false);
  const open = socialOf(ways).filter((provider) => linked.every(({ key }) => key !== provider));
  if (open.length === 0 && ways.wallets.length === 0) return null;
  return (
    <>
      <div class="row">
        {open.map((provider) => (
          <button
            key={provider}
            type="button"
            class="button"
            data-link={provider}
            aria-disabled={busy}
            onClick={() => run(() => goTo(provider))}
          >
            <WayMark way={provider} />
            Link {SOCIAL_NAMES[provider]}
          </button>
        ))}
        {ways.wallets.length > 0 && (
          <button type="button" class="button" data-link="wallet" onClick={() => setWallet(true)}>
            <WayMark way="wallet" />
            Link a wallet
          </button>
        )}
      </div>
      <Refusal code={refusal} />
      {wallet && (
        <WalletLink
          title="Link a wallet"
          aim="that it is yours"
          chains={ways.wallets}
          done={(proved) => {
            setWallet(false);
            if ('linked' in proved)
              changed(`${CHAIN_NAMES[proved.linked.chain]} wallet ${shortened(proved.linked.address)} is linked.`);
          }}
          onClose={() => setWallet(false)}
        />
      )}
    </>
  );
}

interface UnlinkingProps {
  linked: Linked;
  changed: (words: string) => void;
  onClose: () => void;
}

function Unlinking({ linked: { title, name, path, key }, changed, onClose }: UnlinkingProps) {
  const { busy, refusal, run } = useDeed();
  const unlink = () =>
    run(async () => {
      await ask(path, { method: 'DELETE' });
      onClose();
      changed(`${title} ${shortened(name)} is unlinked.`);
    });
  return (
    <Confirm title={`Unlink ${title}?`} yes="Unlink it" busy={busy} refusal={refusal} onYes={unlink} onClose={onClose}>
      <p class={key.includes(' ') ? 'mono' : ''}>{name}</p>
      <p class="quiet">
        It will not sign you in any more.
        {key.startsWith('advc') && ' What is mined to it from now on waits until it is linked again.'}
      </p>
    </Confirm>
  );
}

/** Under the name, in the account. */
export function whoWords(): string {
  if (me.value?.email != null) return me.value.email;
  return isGuest() ? 'Guest, on this device only' : 'Signed in without a password';
}
