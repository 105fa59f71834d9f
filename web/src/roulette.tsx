import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { CHAMBERS, RAKE_BP, ROULETTE_STAKES, SEATS_MAX, SEATS_MIN, splitPot } from '../../rules/roulette.ts';
import { roomsOf, useLobby, type Listing } from './lobby.ts';
import { isGuest, refreshMe } from './me.ts';
import { availableOf, digits } from './money.ts';
import { go, rename } from './route.ts';
import { useSeat, type Join } from './seat.ts';
import { RouletteTable } from './roulette-table.tsx';
import type { RouletteState } from './roulette-view.ts';
import { Amount, Presence } from './ui.tsx';

const CURRENCY = 'COINS';
const STAKES = [10n, 25n, 50n, 100n, 250n, 500n, 1_000n];

/** By an address with a table's id one comes to that table; otherwise one chooses. */
export function Roulette({ roomId }: { roomId: string | null }) {
  const [join, setJoin] = useState<Join | null>(roomId === null ? null : { roomId, options: { watch: false } });
  useEffect(() => {
    if (roomId === null && join !== null) setJoin(null);
  }, [roomId]);
  if (join === null) return <Choose onJoin={setJoin} />;
  return <AtTable key={JSON.stringify(join)} join={join} leave={() => (setJoin(null), go('roulette'))} />;
}

function AtTable({ join, leave }: { join: Join; leave: () => void }) {
  const seat = useSeat<RouletteState>(join, JSON.stringify(join));
  const roomId = seat.roomId.value;
  useEffect(() => {
    if (roomId !== null) rename('roulette', roomId);
    return refreshMe;
  }, [roomId]);
  return (
    <div class="roulette">
      <div class="screen-title row apart">
        <h1>Russian roulette</h1>
        <button type="button" class="button" onClick={leave}>
          Leave
        </button>
      </div>
      <Presence seat={seat} />
      {seat.state.value !== null && <RouletteTable seat={seat} />}
    </div>
  );
}

function Choose({ onJoin }: { onJoin: (join: Join) => void }) {
  useLobby();
  const [stake, setStake] = useState(10n);
  const [seats, setSeats] = useState(2);
  const money = { currency: CURRENCY, amount: `${stake}` };
  const { min, max } = ROULETTE_STAKES.COINS!;
  const short = availableOf(CURRENCY) < stake;
  return (
    <div class="roulette">
      <div class="screen-title">
        <h1>Russian roulette</h1>
        <p class="quiet">
          One bullet, {CHAMBERS} chambers. Everybody stakes the same; the last one takes the pot less {RAKE_BP / 100} %.
        </p>
      </div>
      <div class="choose">
        <section class="panel stack" aria-label="Take a seat">
          <h2>Take a seat</h2>
          <Choice label="Stake">
            {STAKES.filter((amount) => amount >= min && amount <= max).map((amount) => (
              <button
                key={`${amount}`}
                type="button"
                class="chip"
                aria-pressed={stake === amount}
                onClick={() => setStake(amount)}
              >
                {digits(amount, CURRENCY)}
              </button>
            ))}
          </Choice>
          <Choice label="Seats">
            {Array.from({ length: SEATS_MAX - SEATS_MIN + 1 }, (_, index) => SEATS_MIN + index).map((count) => (
              <button key={count} type="button" class="chip" aria-pressed={seats === count} onClick={() => setSeats(count)}>
                {count}
              </button>
            ))}
          </Choice>
          <p class="quiet small">
            You win <Amount amount={splitPot(stake * BigInt(seats), RAKE_BP).payout - stake} /> or lose <Amount amount={stake} />.
            Your chance is one in {seats}.
          </p>
          <button
            type="button"
            class="button button-first button-wide"
            disabled={short}
            onClick={() => onJoin({ room: 'roulette', options: { stake: money, seats }, back: { watch: false } })}
          >
            {short ? 'You have too little for that' : 'Sit down'}
          </button>
          {isGuest() && <p class="quiet small">As a guest you play against house bots. Register to sit with other people.</p>}
        </section>
        <Tables onJoin={onJoin} />
      </div>
    </div>
  );
}

function Choice({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div role="group" aria-label={label}>
      <p class="quiet small">{label}</p>
      <div class="tabs">{children}</div>
    </div>
  );
}

function Tables({ onJoin }: { onJoin: (join: Join) => void }) {
  const tables = roomsOf('roulette');
  return (
    <section class="panel" aria-label="Tables now">
      <h2>Tables now</h2>
      {tables.length === 0 && <p class="quiet">None at the moment. Open one.</p>}
      <ul class="tables">
        {tables.map((table) => (
          <TableRow key={table.roomId} table={table} onJoin={onJoin} />
        ))}
      </ul>
    </section>
  );
}

function TableRow({ table: { roomId, metadata, clients }, onJoin }: { table: Listing; onJoin: (join: Join) => void }) {
  const stake = String(metadata?.stakeKey ?? '').split(':')[1] ?? '';
  const free = metadata?.free === 'yes' && metadata.party === 'registered' && !isGuest();
  const join = (watch: boolean) => onJoin({ roomId, options: { watch }, back: { watch } });
  return (
    <li>
      <span>
        {stake !== '' && <Amount amount={stake} />}{' '}
        <span class="quiet small">
          {String(metadata?.seats ?? '')} seats, {clients} here
        </span>
      </span>
      <span class="row">
        {free && (
          <button type="button" class="chip" onClick={() => join(false)}>
            Sit
          </button>
        )}
        <button type="button" class="chip" onClick={() => join(true)}>
          Watch
        </button>
      </span>
    </li>
  );
}
