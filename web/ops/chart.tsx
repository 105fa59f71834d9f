// A small chart of the last hours. What it shows is also said in words: now, and between which figures it lay.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

export interface Line {
  name: string;
  values: readonly number[];
}

interface ChartProps {
  title: string;
  unit: string;
  /** Epoch seconds. */
  at: readonly number[];
  lines: readonly Line[];
  /** Anything but 0 is wrong. */
  alarm?: boolean;
}

const HEIGHT = 118;

export function Chart({ title, unit, at, lines, alarm = false }: ChartProps) {
  const [pointed, setPointed] = useState<number | null>(null);
  const index = Math.min(pointed ?? at.length - 1, at.length - 1);
  const wrong = alarm && lines.some(({ values }) => (values.at(-1) ?? 0) !== 0);
  return (
    <figure class={wrong ? 'chart chart-wrong' : 'chart'}>
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-now">
          {lines.map(({ name, values }, place) => (
            <span key={name} class={`line-${place}`}>
              {lines.length > 1 && <small>{name} </small>}
              {index < 0 ? '–' : values[index]!.toLocaleString('en')}
            </span>
          ))}
          <small> {unit}</small>
        </span>
        <span class="unseen">{lines.map(spanOf).join('; ')}</span>
      </figcaption>
      {at.length < 2 ? <p class="empty">No figures yet.</p> : <Canvas at={at} lines={lines} onPoint={setPointed} />}
    </figure>
  );
}

const spanOf = ({ name, values }: Line): string =>
  values.length === 0
    ? ''
    : `${name}: between ${Math.min(...values).toLocaleString('en')} and ${Math.max(...values).toLocaleString('en')}`;

function Canvas({ at, lines, onPoint }: Pick<ChartProps, 'at' | 'lines'> & { onPoint: (index: number | null) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data: uPlot.AlignedData = [[...at], ...lines.map(({ values }) => [...values])];
  useEffect(() => {
    const host = box.current!;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(host, lines, onPoint), data, host);
    };
    draw();
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: host.clientWidth, height: HEIGHT }));
    resized.observe(host);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [at]);
  return <div class="chart-canvas" ref={box} aria-hidden="true" />;
}

function optionsFor(host: HTMLElement, lines: readonly Line[], onPoint: (index: number | null) => void): uPlot.Options {
  const style = getComputedStyle(host);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--soft'),
    font: '11px system-ui, sans-serif',
    ticks: { show: false },
    grid: { stroke: colour('--hair'), width: 1 },
  };
  return {
    width: host.clientWidth,
    height: HEIGHT,
    padding: [6, 4, 0, 0],
    legend: { show: false },
    cursor: { y: false, sync: { key: 'desk' }, points: { size: 5 }, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, least, most) => [Math.min(0, least), most <= 0 ? 1 : most * 1.12] } },
    axes: [
      { ...axis, space: 60, size: 22, values: (_plot, seconds) => seconds.map(clock) },
      { ...axis, space: 28, size: 40, values: (_plot, values) => values.map((value) => value.toLocaleString('en')) },
    ],
    series: [
      {},
      ...lines.map((_line, place) => ({
        stroke: colour(`--line-${place}`),
        width: 1.5,
        ...(place === 0 ? { fill: colour('--line-fill') } : {}),
        points: { show: false },
      })),
    ],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
  };
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clock = (seconds: number): string => CLOCK.format(new Date(seconds * 1_000));
