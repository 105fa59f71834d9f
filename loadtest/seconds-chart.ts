/** What one second of a load test brought. */
export interface Second {
  answers: number;
  p50Ms: number;
  p99Ms: number;
  joined: number;
  /** Part of a core; null where the server is not ours. */
  serverBusy: number | null;
}

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 52;
const TOP = 40;
const BOTTOM = 190;
const ANSWERS = '#3a8f6f';
const P99 = '#c33';

/** Answers a second and their p99, second by second, each on its own scale from 0. */
export function secondsChart(title: string, seconds: readonly Second[]): string {
  const answersMax = Math.max(1, ...seconds.map(({ answers }) => answers));
  const p99Max = Math.max(1, ...seconds.map(({ p99Ms }) => p99Ms));
  const line = (colour: string, part: (second: Second) => number) => {
    const points = seconds.map((second, index) => `${x(index, seconds.length)},${y(part(second))}`).join(' ');
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>`;
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="16" y="22" font-size="15" font-weight="600">${title}</text>`,
    `<line x1="${LEFT}" x2="${WIDTH - LEFT}" y1="${BOTTOM}" y2="${BOTTOM}" stroke="#ccc"/>`,
    `<text x="${LEFT - 6}" y="${TOP + 4}" text-anchor="end" fill="${ANSWERS}">${answersMax}/s</text>`,
    `<text x="${WIDTH - LEFT + 6}" y="${TOP + 4}" fill="${P99}">${p99Max} ms</text>`,
    `<text x="${WIDTH - LEFT}" y="${BOTTOM + 18}" text-anchor="end" fill="#777">${seconds.length} s</text>`,
    line(ANSWERS, ({ answers }) => answers / answersMax),
    line(P99, ({ p99Ms }) => p99Ms / p99Max),
    '</svg>\n',
  ].join('\n');
}

function x(index: number, count: number): number {
  return Math.round(LEFT + (index / Math.max(1, count - 1)) * (WIDTH - 2 * LEFT));
}

function y(part: number): number {
  return Math.round(BOTTOM - part * (BOTTOM - TOP));
}
