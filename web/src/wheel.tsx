import { useEffect, useRef } from 'preact/hooks';
import { stillness } from './clock.ts';
import { timesOf, type Slice } from './spin-table.ts';

const RIM = 176;
const HUB = 62;
const TURNS = 5;
const SPIN_MS = 4_600;
const BULBS = 24;
const LABEL_DEGREES = 5;

const COLOURS: [number, string][] = [
  [0, '#221d19'],
  [100, '#4b3a2a'],
  [200, '#7a3b2e'],
  [300, '#35594d'],
  [500, '#36506e'],
  [1_000, '#8a5a86'],
  [2_500, '#d98e3f'],
  [5_000, '#efc766'],
  [10_000, '#fff3d0'],
];

export const colourOf = (multiplier: number): string => COLOURS.findLast(([least]) => multiplier >= least)![1];

/** `angle` is what lies under the pointer, degrees from the wheel's own top; `turn` rises with every spin. */
export function Wheel(props: { slices: Slice[]; angle: number; turn: number; spinning: boolean; onRest: () => void }) {
  const { slices, angle, turn, spinning, onRest } = props;
  const disc = useRef<SVGGElement>(null);
  const shown = useRef(0);
  useEffect(() => {
    if (turn === 0 || disc.current === null) return;
    const from = shown.current;
    const to = from - (from % 360) - 360 * TURNS - angle;
    shown.current = to;
    const motion = disc.current.animate([{ transform: `rotate(${from}deg)` }, { transform: `rotate(${to}deg)` }], {
      duration: stillness() ? 1 : SPIN_MS,
      easing: 'cubic-bezier(0.16, 0.72, 0.12, 1)',
      fill: 'forwards',
    });
    motion.onfinish = onRest;
  }, [turn]);
  return (
    <svg
      class={spinning ? 'wheel wheel-on' : 'wheel'}
      viewBox="-220 -226 440 446"
      role="img"
      aria-label="The wheel, drawn to its exact odds"
    >
      <circle r="206" class="wheel-frame" />
      {Array.from({ length: BULBS }, (_, bulb) => (
        <circle
          key={bulb}
          class="bulb"
          cx="0"
          cy="-195"
          r="3.6"
          transform={`rotate(${(bulb * 360) / BULBS})`}
          style={{ '--bulb': String(bulb) }}
        />
      ))}
      <g ref={disc} class="wheel-disc">
        {slices.map((slice) => (
          <SliceDrawn key={slice.from} slice={slice} />
        ))}
        {slices.map((slice) => slice.multiplier > 0 && <Label key={slice.from} slice={slice} />)}
      </g>
      <circle r={HUB} class="wheel-hub" />
      <path class="pointer" d="M-13 -222h26l-13 38z" />
    </svg>
  );
}

function SliceDrawn({ slice: { multiplier, from, to } }: { slice: Slice }) {
  const fill = colourOf(multiplier);
  const narrow = to - from < 1;
  return <path d={sector(from, to)} fill={fill} class={narrow ? 'needle' : 'slice'} style={narrow ? { stroke: fill } : {}} />;
}

/** A prize too narrow to write on has its name on a flag nearer the hub. */
function Label({ slice: { multiplier, from, to } }: { slice: Slice }) {
  const turn = `rotate(${(from + to) / 2})`;
  if (to - from >= LABEL_DEGREES)
    return (
      <text class="slice-label" transform={`${turn} translate(0 ${-RIM + 20})`}>
        {timesOf(multiplier)}
      </text>
    );
  return (
    <g transform={`${turn} translate(0 ${-RIM + 44})`}>
      <rect class="flag" x="-10" y="-24" width="20" height="48" rx="4" fill={colourOf(multiplier)} />
      <text class="flag-label" transform="rotate(-90)" y="4.2">
        {timesOf(multiplier)}
      </text>
    </g>
  );
}

function sector(from: number, to: number): string {
  const point = (radius: number, degrees: number) => {
    const radians = ((degrees - 90) * Math.PI) / 180;
    return `${(radius * Math.cos(radians)).toFixed(3)} ${(radius * Math.sin(radians)).toFixed(3)}`;
  };
  const far = to - from > 180 ? 1 : 0;
  return `M${point(HUB, from)}L${point(RIM, from)}A${RIM} ${RIM} 0 ${far} 1 ${point(RIM, to)}L${point(HUB, to)}A${HUB} ${HUB} 0 ${far} 0 ${point(HUB, from)}z`;
}
