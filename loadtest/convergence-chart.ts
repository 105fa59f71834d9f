// Means on their way to the exact figure, as SVG: a panel each, the number of rounds in powers of ten, and the band in which 99
// of 100 are at each number of rounds.
import type { Sample } from './play-rounds.ts';

export interface Panel {
  title: string;
  /** What is counted along the bottom. */
  unit: string;
  exact: number;
  curve: readonly Sample[];
}

const WIDTH = 900;
const PANEL_HEIGHT = 240;
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 50, 40, 40];
/** The panel is as high as the band is at this part of the decades shown. */
const BAND_SHOWN_AT = 0.3;

export function convergenceChart(panels: readonly Panel[]): string {
  const height = panels.length * PANEL_HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...panels.map((panel, index) => panelOf(panel, index)),
    '</svg>',
    '',
  ].join('\n');
}

function panelOf({ title, unit, exact, curve }: Panel, index: number): string {
  const first = curve[0]!.rounds;
  const last = curve.at(-1)!.rounds;
  const shown = curve.find(({ rounds }) => share(rounds, { first, last }) >= BAND_SHOWN_AT) ?? curve[0]!;
  const x = (rounds: number) => LEFT + share(rounds, { first, last }) * (WIDTH - LEFT - RIGHT);
  const middle = (TOP + PANEL_HEIGHT - BOTTOM) / 2;
  const y = (mean: number) => middle - ((mean - exact) / shown.band) * (middle - TOP);
  const point = (rounds: number, mean: number) => `${x(rounds).toFixed(1)},${y(mean).toFixed(1)}`;
  const over = curve.map(({ rounds, band }) => point(rounds, exact + band));
  const under = curve.toReversed().map(({ rounds, band }) => point(rounds, exact - band));
  const line = curve.map(({ rounds, mean }) => point(rounds, mean));
  const frame = `x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${PANEL_HEIGHT - TOP - BOTTOM}"`;
  return [
    `<g transform="translate(0 ${index * PANEL_HEIGHT})">`,
    `<clipPath id="panel-${index}"><rect ${frame}/></clipPath>`,
    `<text x="${LEFT}" y="${TOP - 14}" font-weight="600" fill="#1c1c26">${title}</text>`,
    `<text x="${WIDTH - RIGHT}" y="${TOP - 14}" text-anchor="end" fill="#1c1c26">${endOf(curve.at(-1)!, exact)}</text>`,
    `<g clip-path="url(#panel-${index})">`,
    `<polygon points="${[...over, ...under].join(' ')}" fill="#4b3fd1" fill-opacity="0.14"/>`,
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(exact)}" y2="${y(exact)}" stroke="#1c1c26" stroke-dasharray="5 4"/>`,
    `<polyline points="${line.join(' ')}" fill="none" stroke="#4b3fd1" stroke-width="1.6"/>`,
    '</g>',
    `<rect ${frame} fill="none" stroke="#c9c9d4"/>`,
    ...levels(exact, shown.band).map((level) => levelAt(level, y(level))),
    ...decades(first, last).map((rounds) => decadeAt(rounds, x(rounds))),
    `<text x="${WIDTH - RIGHT}" y="${PANEL_HEIGHT - 4}" text-anchor="end" fill="#5d5d6b">${unit}</text>`,
    '</g>',
  ].join('\n');
}

const endOf = ({ mean, band }: Sample, exact: number): string =>
  `${mean.toFixed(6)} of ${exact.toFixed(6)}, 99 % band ±${band.toFixed(6)}`;

const share = (rounds: number, { first, last }: { first: number; last: number }): number =>
  Math.log(rounds / first) / Math.log(last / first);

const levels = (exact: number, band: number): number[] => [exact - band, exact - band / 2, exact, exact + band / 2, exact + band];

const levelAt = (level: number, y: number): string =>
  `<text x="${LEFT - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end" fill="#5d5d6b">${level.toFixed(4)}</text>`;

function decades(first: number, last: number): number[] {
  const marks: number[] = [];
  for (let mark = 10 ** Math.ceil(Math.log10(first)); mark <= last; mark *= 10) marks.push(mark);
  return marks;
}

const decadeAt = (rounds: number, x: number): string =>
  [
    `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${PANEL_HEIGHT - BOTTOM}" y2="${PANEL_HEIGHT - BOTTOM + 5}" stroke="#5d5d6b"/>`,
    `<text x="${x.toFixed(1)}" y="${PANEL_HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#5d5d6b">${rounds.toLocaleString('en')}</text>`,
  ].join('\n');
