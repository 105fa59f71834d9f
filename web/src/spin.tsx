import { useMemo, useRef, useState } from 'preact/hooks';
import { freshKey } from './api.ts';
import { me, refreshMe } from './me.ts';
import { availableOf, digits, noteBalance, type Balance, type Money } from './money.ts';
import { hrefOf } from './route.ts';
import { useSeat, type Seat } from './seat.ts';
import { readPaytable, restIn, slicesOf, timesOf, type Paytable } from './spin-table.ts';
import { Odds, StakeChooser, Wins } from './spin-side.tsx';
import { Amount, Presence, Refusal, useDeed, useRead } from './ui.tsx';
import { Wheel } from './wheel.tsx';

const CURRENCY = 'COINS';

export interface SpinState {
  currency: string;
  jackpot: string;
  wins?: Record<string, Win>;
  playersCount: number;
}

export interface Win {
  roundId: string;
  playerId: string;
  name: string;
  stake: string;
  multiplier: number;
  payout: string;
  jackpot: boolean;
  at: number;
}

interface Spun {
  roundId: string;
  segment: number;
  multiplier: number;
  payout: Money;
  balance: Balance;
  jackpot?: unknown;
}

export function Spin() {
  const table = useRead(readPaytable, 'paytable');
  const seat = useSeat<SpinState>({ room: 'spin', options: { currency: CURRENCY } }, 'spin');
  if (table.value === null)
    return table.refusal === null ? <p class="presence">The wheel is being set up …</p> : <Refusal code={table.refusal} />;
  return <Floor table={table.value} seat={seat} />;
}

function Floor({ table, seat }: { table: Paytable; seat: Seat<SpinState> }) {
  const slices = useMemo(() => slicesOf(table.segments), [table]);
  const [stake, setStake] = useState(BigInt(table.stakeMin));
  const wheel = useWheel(seat);
  const state = seat.state.value;
  const hidden = wheel.spinning ? wheel.spun?.roundId : undefined;
  return (
    <div class="spin">
      <div class="screen-title">
        <h1>Spin and win</h1>
        {state !== null && <p class="quiet">{state.playersCount} at the wheel</p>}
      </div>
      <Presence seat={seat} />
      <div class="spin-floor">
        <section class="spin-stage">
          <p class="jackpot">
            <span>Jackpot</span>
            <b class="figures">{digits(state?.jackpot ?? table.jackpot.pot, CURRENCY)}</b>
            <small>one spin in {table.jackpot.odds.toLocaleString('en')}, in proportion to the stake</small>
          </p>
          <div class="wheel-place">
            <Wheel slices={slices} {...wheel.drawn} spinning={wheel.spinning} onRest={wheel.rest} />
            <Result spun={wheel.spinning ? null : wheel.spun} waiting={wheel.spinning} />
          </div>
          <StakeChooser table={table} stake={stake} onStake={setStake} currency={CURRENCY} />
          <button
            type="button"
            class="button button-first button-wide spin-button"
            disabled={wheel.busy || wheel.spinning || seat.status.value !== 'here' || availableOf(CURRENCY) < stake}
            onClick={() => wheel.spin(stake, slices)}
          >
            {wheel.spinning ? 'Round it goes …' : `Spin for ${digits(stake, CURRENCY)}`}
          </button>
          <Refusal code={wheel.refusal ?? (availableOf(CURRENCY) < stake && !wheel.spinning ? 'funds_short' : null)} />
        </section>
        <Wins wins={Object.values(state?.wins ?? {}).filter(({ roundId }) => roundId !== hidden)} self={me.value?.id ?? ''} />
        <Odds table={table} />
      </div>
    </div>
  );
}

/** One spin at a time. The new balance is held back until the wheel rests, so that it does not give the result away. */
function useWheel(seat: Seat<SpinState>) {
  const { busy, refusal, run } = useDeed();
  const [spun, setSpun] = useState<Spun | null>(null);
  const [drawn, setDrawn] = useState({ angle: 0, turn: 0 });
  const [spinning, setSpinning] = useState(false);
  const lost = useRef<{ key: string; stake: bigint } | null>(null);
  return {
    busy,
    refusal,
    spun,
    drawn,
    spinning,
    spin(stake: bigint, slices: ReturnType<typeof slicesOf>) {
      run(async () => {
        // A spin whose answer was lost is asked for again, not made again.
        const key = lost.current?.stake === stake ? lost.current.key : freshKey();
        lost.current = { key, stake };
        const result = await seat
          .ask<Spun>('spin', { stake: { currency: CURRENCY, amount: `${stake}` }, requestId: key })
          .catch((error: unknown) => {
            if ((error as { code?: string }).code !== 'offline') lost.current = null;
            throw error;
          });
        lost.current = null;
        noteBalance({ ...result.balance, available: `${BigInt(result.balance.available) - BigInt(result.payout.amount)}` });
        setSpun(result);
        setSpinning(true);
        setDrawn(({ turn }) => ({ angle: restIn(slices, result.segment), turn: turn + 1 }));
      });
    },
    rest() {
      setSpinning(false);
      if (spun !== null) noteBalance(spun.balance);
      refreshMe();
    },
  };
}

function Result({ spun, waiting }: { spun: Spun | null; waiting: boolean }) {
  if (spun === null) return <div class="result">{waiting ? '' : <span class="quiet">Place a stake</span>}</div>;
  const won = BigInt(spun.payout.amount) > 0n;
  return (
    <div class={won ? 'result result-won' : 'result'} role="status" data-segment={spun.segment} data-round={spun.roundId}>
      <b>{timesOf(spun.multiplier)}</b>
      <span>{won ? <Amount amount={spun.payout.amount} currency={CURRENCY} /> : 'nothing this time'}</span>
      <a class="small" href={hrefOf('check', spun.roundId)}>
        Check
      </a>
    </div>
  );
}
