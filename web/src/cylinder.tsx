import { useRef } from 'preact/hooks';
import { BET_WINDOW_MS } from '../../rules/roulette-bets.ts';
import { CHAMBERS, TURN_MS } from '../../rules/roulette.ts';
import { houseNow } from './clock.ts';
import type { RouletteState, Shot } from './roulette-view.ts';

const RADIUS = 62;
const RING = 122;
const ROUND = 2 * Math.PI * RING;

/** The cylinder from behind: the chamber at the top is under the hammer. Which one is loaded nobody here knows. */
export function Cylinder({ state, shot }: { state: RouletteState; shot: Shot | null }) {
  const fired = CHAMBERS - state.chambersLeft;
  const turns = useRef({ pullNo: 0, steps: 0 });
  if (shot?.stage === 'turning' && turns.current.pullNo !== shot.pullNo)
    turns.current = { pullNo: shot.pullNo, steps: turns.current.steps + 1 };
  const told = shot?.stage === 'told';
  const marks = [
    'cylinder',
    shot?.stage === 'turning' ? 'cylinder-turning' : '',
    told ? (shot.hit ? 'cylinder-bang' : 'cylinder-click') : '',
  ];
  const label = state.phase === 'turn' ? `${state.chambersLeft} chambers left` : 'The cylinder';
  return (
    <svg class={marks.filter(Boolean).join(' ')} viewBox="-140 -140 280 280" role="img" aria-label={label}>
      <circle r={RING} class="time-track" />
      {state.phase === 'turn' && shot?.stage !== 'turning' && <Time key={state.pullNo} state={state} />}
      <circle class="flash" r="108" />
      <g class="drum" style={{ transform: `rotate(${turns.current.steps * -60}deg)` }}>
        <path class="drum-body" d={DRUM} />
        {Array.from({ length: CHAMBERS }, (_, chamber) => (
          <g key={chamber} transform={`rotate(${chamber * 60})`}>
            <circle class="chamber" cy={-RADIUS} r="21" />
            <circle class="chamber-depth" cy={-RADIUS} r="14.500" />
          </g>
        ))}
        <circle class="axle" r="15" />
        <path class="axle-cross" d="M0 -9V9M-9 0H9" />
      </g>
      <path class="hammer" d="M-9 -118h18l-4 16h-10z" />
      <g class="pips">
        {Array.from({ length: CHAMBERS }, (_, chamber) => (
          <circle
            key={chamber}
            class={state.phase === 'turn' && chamber < fired ? 'pip pip-fired' : 'pip'}
            cx={(chamber - 2.5) * 11}
            cy="132"
            r="3.4"
          />
        ))}
      </g>
    </svg>
  );
}

/** A drum with six flutes between its chambers. */
const DRUM = drum();
function drum(): string {
  const at = (radius: number, degrees: number) => {
    const radians = ((degrees - 90) * Math.PI) / 180;
    return `${(radius * Math.cos(radians)).toFixed(2)} ${(radius * Math.sin(radians)).toFixed(2)}`;
  };
  const flutes = Array.from({ length: CHAMBERS }, (_, chamber) => {
    const middle = chamber * 60 + 30;
    return `A100 100 0 0 1 ${at(100, middle - 9)}A17 17 0 0 0 ${at(100, middle + 9)}`;
  });
  return `M${at(100, -21)}${flutes.join('')}z`;
}

/** Runs down by itself from the instants of the state; the first part is while bets are open. */
function Time({ state: { betsCloseAt, endsAt } }: { state: RouletteState }) {
  const left = Math.max(0, endsAt - houseNow());
  const window = Math.max(0, betsCloseAt - (endsAt - TURN_MS));
  const from = Math.max(0, TURN_MS - left);
  const betsPart = Math.min(window, BET_WINDOW_MS) / TURN_MS;
  return (
    <>
      {betsPart > 0 && <circle r={RING} class="time-bets" stroke-dasharray={`${betsPart * ROUND} ${ROUND}`} />}
      <circle
        r={RING}
        class="time-left"
        stroke-dasharray={`${ROUND} ${ROUND}`}
        style={{ animationDuration: `${TURN_MS}ms`, animationDelay: `${-from}ms`, '--round': String(ROUND) }}
      />
    </>
  );
}
