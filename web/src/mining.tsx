import { useRef, useState } from 'preact/hooks';
import { COIN_UNITS } from '../../rules/mining.ts';
import { ask } from './api.ts';
import { Confirm } from './confirm.tsx';
import { useReturn } from './daily.tsx';
import { refreshMe } from './me.ts';
import { MiningLink } from './mining-link.tsx';
import { coins, earned, type Mining, type MiningEvent, type MiningWallet, readMining, unlink } from './mining-read.ts';
import { digits } from './money.ts';
import { useNews } from './notices.ts';
import { More, type PageOf, usePaged, withCursor } from './paged.tsx';
import { Reading } from './reading.tsx';
import { tell } from './told.tsx';
import { ago, Coin, shortened, useDeed, useRead } from './ui.tsx';

export const COIN = 'ADVC';

const MOVED = ['mining_reward', 'mining_taken_back', 'verification_complete'];

const readEvents = (cursor: string | null): Promise<PageOf<MiningEvent>> =>
  ask<PageOf<MiningEvent>>(withCursor('/api/mining/events?limit=20', cursor));

export function MiningScreen() {
  const mining = useRead(readMining, 'mining');
  const events = usePaged(readEvents, 'events');
  const reload = () => {
    mining.reload();
    events.first.reload();
  };
  useNews(MOVED, reload);
  useReturn(reload);
  return (
    <div class="mining">
      <div class="screen-title">
        <h1>Mining</h1>
        {mining.value !== null && (
          <p class="quiet">
            {digits(mining.value.apPerCoin)} action points for each {COIN} your wallets are paid
          </p>
        )}
      </div>
      <div class="mining-columns">
        <section class="stack" aria-label="Your wallets">
          <Reading of={mining} what="your wallets">
            {(value) => <Wallets mining={value} reload={reload} />}
          </Reading>
        </section>
        <section class="panel" aria-label="What was paid">
          <h2>What was paid</h2>
          <Reading of={events.first} what="what was paid">
            {() =>
              events.items.length === 0 ? (
                <p class="quiet">Nothing yet. A payout shows here as soon as your pool, or the chain, tells of it.</p>
              ) : (
                <>
                  <ul class="mined">
                    {events.items.map((event) => (
                      <Event key={event.id} event={event} />
                    ))}
                  </ul>
                  <More of={events} />
                </>
              )
            }
          </Reading>
        </section>
      </div>
    </div>
  );
}

function Wallets({ mining, reload }: { mining: Mining; reload: () => void }) {
  const [linking, setLinking] = useState(false);
  const { items, debt } = mining;
  const heading = useRef<HTMLHeadingElement>(null);
  const linked = (address: string, by: 'message' | 'donation') => {
    setLinking(false);
    // Of a donation the house tells by itself.
    if (by === 'message') tell(`${shortened(address)} is yours. What was mined to it before counts too.`);
    reload();
    refreshMe();
  };
  return (
    <>
      <div class="row apart">
        <h2 ref={heading} tabIndex={-1}>
          Your wallets
        </h2>
        {items.length > 0 && (
          <button type="button" class="button" onClick={() => setLinking(true)}>
            Link another
          </button>
        )}
      </div>
      {debt !== '0' && (
        <p class="stale">
          {digits(debt)} action points were taken back after you had spent them. Your next payouts pay that first.
        </p>
      )}
      {items.length === 0 ? (
        <div class="bare">
          <p>No wallet is linked</p>
          <p class="quiet">Link the {COIN} wallet you mine to, and its payouts bring you action points.</p>
          <button type="button" class="button button-first" onClick={() => setLinking(true)}>
            Link a wallet
          </button>
        </div>
      ) : (
        <ul class="mining-wallets">
          {items.map((wallet) => (
            <Wallet
              key={wallet.address}
              wallet={wallet}
              gone={() => {
                reload();
                heading.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      {linking && <MiningLink donations={mining.donations} linked={linked} onClose={() => setLinking(false)} />}
    </>
  );
}

const payoutsWords = (count: string): string => (count === '1' ? 'one payout' : `${digits(count)} payouts`);

const PROOFS: Record<string, string> = { signature: 'signature', donation: 'donation' };

function Wallet({ wallet, gone }: { wallet: MiningWallet; gone: () => void }) {
  const [leaving, setLeaving] = useState(false);
  const { busy, refusal, run } = useDeed();
  const { address, proof, payouts, units, carry } = wallet;
  const part = Number(carry) / Number(COIN_UNITS);
  const leave = () =>
    run(async () => {
      await unlink(address);
      tell(`${shortened(address)} is unlinked.`);
      gone();
    });
  return (
    <li class="panel mining-wallet" data-wallet={address}>
      <div class="row apart">
        <p class="mono" title={address}>
          {address}
        </p>
        <button type="button" class="button button-plain" onClick={() => setLeaving(true)}>
          Unlink<span class="unseen"> {address}</span>
        </button>
      </div>
      <p class="mining-earned">
        <Coin currency="AP" /> <b class="figures">{earned(wallet)}</b> <span class="quiet">action points</span>
      </p>
      <div
        class="bar"
        role="progressbar"
        aria-label="To the next action point"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(part * 100)}
      >
        <i style={{ transform: `scaleX(${part})` }} />
      </div>
      <p class="small quiet figures">
        {payouts === '0' ? 'Nothing was paid to it yet' : `${coins(units)} ${COIN} in ${payoutsWords(payouts)}`}, shown by{' '}
        {PROOFS[proof] ?? proof}
      </p>
      {leaving && (
        <Confirm
          title="Unlink this wallet?"
          yes="Unlink it"
          busy={busy}
          refusal={refusal}
          onYes={leave}
          onClose={() => setLeaving(false)}
        >
          <p class="mono">{address}</p>
          <p class="quiet">You keep what it brought. What it is paid from now on counts once it is linked again.</p>
        </Confirm>
      )}
    </li>
  );
}

const STATES: Record<MiningEvent['state'], string> = {
  waiting: 'waits for confirmations',
  counted: 'counted, credited in a moment',
  credited: 'credited',
  needs_review: 'is looked at by the house',
  refused: 'does not count',
};

function Event({ event: { pool, address, amount, txid, state, paidAt, toldAt } }: { event: MiningEvent }) {
  return (
    <li data-state={state}>
      <b class="figures">
        {coins(amount)} <span class="coin-code">{COIN}</span>
      </b>
      <span class="mined-state small">{STATES[state]}</span>
      <span class="small quiet mined-where">
        {pool} to <span class="mono">{shortened(address)}</span>, {ago(paidAt ?? toldAt)}
        {txid !== null && (
          <span class="mono" title={txid}>
            {' '}
            {txid.slice(0, 10)}…
          </span>
        )}
      </span>
    </li>
  );
}

/** In the hub: how much it has been. */
export function MiningLive() {
  const { value } = useRead(readMining, 'mining-live');
  if (value === null) return null;
  if (value.items.length === 0) return <>No wallet is linked</>;
  const all = value.items.reduce((sum, { ap, carry }) => ({ ap: sum.ap + BigInt(ap), carry: sum.carry + BigInt(carry) }), {
    ap: 0n,
    carry: 0n,
  });
  return <>{earned({ ap: String(all.ap), carry: String(all.carry) })} action points earned</>;
}
