import { useRef, useState } from 'preact/hooks';
import { freshKey } from './api.ts';
import { Chat, useChat, type Said } from './chat.tsx';
import { useHouseTime } from './clock.ts';
import { Cylinder } from './cylinder.tsx';
import { me, refreshMe } from './me.ts';
import { digits } from './money.ts';
import { BetPanel } from './roulette-bets.tsx';
import { nameAt, seatsOf, shotKey, useSuspense, type PlacedSeat, type RouletteState, type Shot } from './roulette-view.ts';
import { hrefOf } from './route.ts';
import type { Seat } from './seat.ts';
import { Amount, Face, Refusal, shortened, useDeed } from './ui.tsx';

export function RouletteTable({ seat }: { seat: Seat<RouletteState> }) {
  const hits = useRef(new Map<string, boolean>());
  const { shown, shot } = useSuspense(seat.state.value!, hits.current);
  const chat = useChat();
  const [told, setTold] = useState<string | null>(null);
  const self = me.value?.id ?? '';
  seat.hear((type, message) => {
    if (type === 'chat') chat.say(message as Said);
    if (type === 'refused') setTold((message as { code: string }).code);
    if (type === 'pulled') {
      const { pullNo, hit } = message as { pullNo: number; hit: boolean };
      hits.current.set(shotKey(seat.state.value!.roundId, pullNo), hit);
    }
    if (type === 'pulled' || type === 'settled') refreshMe();
  });
  const seated = shown.seats?.[self] !== undefined;
  return (
    <div class="table-columns">
      <section
        class="table-top"
        aria-label="The table"
        data-phase={shown.phase}
        data-pull={shown.pullNo}
        data-round={shown.roundId}
      >
        <Ring state={shown} shot={shot} self={self} />
        <Moment state={shown} shot={shot} self={self} seated={seated} seat={seat} told={told} />
      </section>
      <div class="table-side">
        <BetPanel key={shown.pullNo} state={shown} seat={seat} self={self} turning={shot?.stage === 'turning'} />
        <section class="panel">
          <Chat lines={chat.lines} seat={seat} self={self} />
        </section>
        <Promised state={shown} />
      </div>
    </div>
  );
}

/** Seats round the cylinder; one's own is nearest. */
function Ring({ state, shot, self }: { state: RouletteState; shot: Shot | null; self: string }) {
  const seats = seatsOf(state);
  const own = seats.findIndex(({ id }) => id === self);
  const places = Array.from({ length: Math.max(state.capacity, seats.length) }, (_, place) => seats[place] ?? null);
  return (
    <div class="ring">
      <Cylinder state={state} shot={shot} />
      {places.map((placed, place) => {
        const angle = Math.PI / 2 + ((place - Math.max(0, own)) / places.length) * 2 * Math.PI;
        const at = { left: `${50 + 41 * Math.cos(angle)}%`, top: `${50 + 41 * Math.sin(angle)}%` };
        return (
          <div key={placed?.id ?? place} class="place" style={at}>
            {placed === null ? (
              <span class="face face-empty">+</span>
            ) : (
              <Sitter placed={placed} state={state} shot={shot} self={self} />
            )}
          </div>
        );
      })}
    </div>
  );
}

function Sitter({ placed, state, shot, self }: { placed: PlacedSeat; state: RouletteState; shot: Shot | null; self: string }) {
  const { id, name, alive, ready, connected, bot } = placed;
  const marks = [
    'sitter',
    state.phase === 'turn' && state.turn === id ? 'on-turn' : '',
    alive ? '' : 'out',
    connected || bot ? '' : 'away',
    shot?.stage === 'told' && shot.seatId === id ? (shot.hit ? 'hit' : 'spared') : '',
    state.winner === id && state.phase === 'over' ? 'winner' : '',
  ];
  const note = !alive
    ? 'out'
    : !connected && !bot
      ? 'away'
      : state.phase === 'waiting'
        ? ready
          ? 'ready'
          : 'not ready'
        : bot
          ? 'house bot'
          : '';
  return (
    <div class={marks.filter(Boolean).join(' ')} data-seat={id} data-alive={alive}>
      <Face id={id} name={name} bot={bot} />
      <b>{id === self ? 'You' : name}</b>
      <small>{note}</small>
    </div>
  );
}

interface MomentProps {
  state: RouletteState;
  shot: Shot | null;
  self: string;
  seated: boolean;
  seat: Seat<RouletteState>;
  told: string | null;
}

/** What is going on, and the one thing to do about it. */
function Moment({ state, shot, self, seated, seat, told }: MomentProps) {
  const { busy, refusal, run } = useDeed();
  const turning = shot?.stage === 'turning';
  return (
    <div class="moment">
      <p class="pot">
        <span class="quiet">{state.phase === 'waiting' ? 'Stake' : 'Pot'}</span>
        <Amount amount={state.phase === 'waiting' ? state.stake : state.pot} currency={state.currency} />
      </p>
      <p class="said" role="status" data-testid="moment">
        {sentence(state, shot, self)}
      </p>
      {state.phase === 'waiting' && seated && <Waiting state={state} self={self} seat={seat} busy={busy} run={run} />}
      {state.phase === 'turn' && state.turn === self && !turning && (
        <Pull state={state} busy={busy} pull={() => run(() => seat.ask('pull', { pullNo: state.pullNo }))} />
      )}
      {state.phase === 'over' && (
        <a class="button" href={hrefOf('check', state.roundId)}>
          Check this round
        </a>
      )}
      <Refusal code={refusal ?? (state.phase === 'waiting' ? told : null)} />
    </div>
  );
}

function sentence(state: RouletteState, shot: Shot | null, self: string): string {
  const named = (id: string) => (id === self ? 'you' : nameAt(state, id));
  if (shot?.stage === 'turning') return 'The cylinder turns …';
  if (state.phase === 'waiting') {
    const free = state.capacity - seatsOf(state).length;
    return free > 0
      ? `Waiting for ${free === 1 ? 'one more' : `${free} more`}`
      : 'Everybody is here. Waiting until all are ready';
  }
  if (state.phase === 'void') return 'This round was void. Every stake went back.';
  if (state.phase === 'over')
    return state.winner === self
      ? `You are the last one. ${digits(state.payout, state.currency)} is yours`
      : `${nameAt(state, state.winner)} is the last one`;
  const before =
    shot === null ? '' : shot.hit ? `Bang. ${shot.seatId === self ? 'You are' : `${named(shot.seatId)} is`} out. ` : 'Click. ';
  return `${before}${state.turn === self ? 'It is your turn' : `${named(state.turn)} is to pull`}`;
}

interface WaitingProps {
  state: RouletteState;
  self: string;
  seat: Seat<RouletteState>;
  busy: boolean;
  run: (work: () => Promise<unknown>) => void;
}

function Waiting({ state, self, seat, busy, run }: WaitingProps) {
  const [called, setCalled] = useState(false);
  const ready = state.seats?.[self]?.ready === true;
  const free = state.capacity - seatsOf(state).length;
  const getReady = () => (ready ? null : seat.ask('ready', { clientSeed: freshKey() }));
  return (
    <div class="row moment-deeds">
      <button type="button" class="button button-first" disabled={busy || ready} onClick={() => run(async () => getReady())}>
        {ready ? 'You are ready' : `Ready, stake ${digits(state.stake, state.currency)}`}
      </button>
      {free > 0 && state.currency === 'COINS' && (
        <button
          type="button"
          class="button"
          disabled={busy || called}
          onClick={() =>
            run(async () => {
              await seat.ask('bots', {});
              setCalled(true);
              await getReady();
            })
          }
        >
          {called ? 'House bots are coming …' : 'Play against house bots'}
        </button>
      )}
    </div>
  );
}

function Pull({ state, busy, pull }: { state: RouletteState; busy: boolean; pull: () => void }) {
  const now = useHouseTime(200);
  const closesIn = Math.ceil((state.betsCloseAt - now) / 1_000);
  return (
    <button type="button" class="button button-first pull" disabled={busy || closesIn > 0} onClick={pull}>
      {closesIn > 0 ? `Bets close in ${closesIn}` : 'Pull the trigger'}
    </button>
  );
}

function Promised({ state }: { state: RouletteState }) {
  return (
    <details class="panel promise">
      <summary>The house’s promise for this round</summary>
      <p class="quiet small">
        Where the bullet is follows from a seed whose fingerprint is shown here before anyone sits ready. The seed itself is shown
        when the round ends.
      </p>
      <p class="mono" data-testid="commitment">
        {state.commitment}
      </p>
      {state.serverSeed !== '' && <p class="mono">seed {shortened(state.serverSeed)}</p>}
    </details>
  );
}
