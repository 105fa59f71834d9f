import { type Figure, type Goal, goalText, type Ratio, reached, type Row, short } from './bench-kit.ts';

const ROW = 34;
const LINE = 20;
const LEFT = 420;
const WIDTH = 900;
const BARS = WIDTH - LEFT - 90;

/** The ratios as bars on a scale of doublings, each with its spread and its goal; figures that stand alone as words below. */
export function chartOf(title: string, rows: readonly Row[]): string {
  const ratios = rows.filter((row): row is Ratio => row.ratio !== null);
  const figures = rows.filter((row): row is Figure => row.ratio === null);
  const reach = ratios.flatMap(({ low, high, goal }) => [low, high, ...limitsOf(goal)]).filter((figure) => figure > 0);
  const [from, to] = [Math.floor(Math.log2(Math.min(...reach, 1))), Math.ceil(Math.log2(Math.max(...reach, 1)))];
  const x = (ratio: number) => LEFT + ((Math.log2(Math.max(ratio, 2 ** from)) - from) / Math.max(to - from, 1)) * BARS;
  const foot = 60 + ratios.length * ROW;
  const height = foot + figures.length * LINE;
  const marks = Array.from({ length: to - from + 1 }, (_, index) => 2 ** (from + index));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="16" y="24" font-size="16" font-weight="600">${escape(title)}: ours ÷ theirs</text>`,
    ...marks.map((mark) => gridLine(x(mark), `${mark}×`, foot)),
    ...ratios.map((row, index) => bar(row, 48 + index * ROW, x)),
    ...figures.map((row, index) => line(row, foot + 12 + index * LINE)),
    '</svg>\n',
  ].join('\n');
}

const limitsOf = (goal: Goal | null): number[] => (goal === null ? [] : 'atLeast' in goal ? [goal.atLeast] : [goal.atMost]);

const gridLine = (x: number, label: string, height: number): string =>
  `<line x1="${x}" x2="${x}" y1="36" y2="${height - 12}" stroke="#ddd"/><text x="${x}" y="${height - 1}" fill="#777" font-size="11" text-anchor="middle">${label}</text>`;

function bar(row: Ratio, y: number, x: (ratio: number) => number): string {
  const [start, end] = [Math.min(x(1), x(row.ratio)), Math.max(x(1), x(row.ratio))];
  const middle = y + 9;
  const goals = limitsOf(row.goal).map(
    (goal) => `<line x1="${x(goal)}" x2="${x(goal)}" y1="${y - 3}" y2="${y + 21}" stroke="#c33" stroke-width="2"/>`,
  );
  return [
    `<text x="${LEFT - 12}" y="${y + 14}" text-anchor="end">${escape(row.what)}</text>`,
    `<rect x="${start}" y="${y}" width="${Math.max(end - start, 2)}" height="18" rx="3" fill="${reached(row) ? '#3a8f6f' : '#c33'}"/>`,
    `<line x1="${x(row.low)}" x2="${x(row.high)}" y1="${middle}" y2="${middle}" stroke="#123" stroke-width="2"/>`,
    ...goals,
    `<text x="${Math.max(x(row.high), end) + 8}" y="${y + 14}">${row.ratio.toFixed(2)}× <tspan fill="#777">${goalText(row.goal)}</tspan></text>`,
  ].join('');
}

const line = ({ what, unit, ours }: Figure, y: number): string =>
  `<text x="${LEFT - 12}" y="${y}" text-anchor="end">${escape(what)}</text><text x="${LEFT}" y="${y}">${short(ours)} ${escape(unit)}</text>`;

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
