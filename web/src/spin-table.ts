// The wheel as it is drawn: to scale. Each prize has exactly its chance of the rim; only where it lies is chosen here.
import { ask } from './api.ts';
import { playerId } from './session.ts';

export interface Paytable {
  /** Multipliers in hundredths, weights of 10,000. */
  segments: { multiplier: number; weight: number }[];
  rtp: string;
  baseRtp: string;
  hitRate: string;
  jackpot: { contributionBp: number; odds: number; pot: string };
  stakeMin: string;
  stakeMax: string;
  stakeStep: string;
}

export const readPaytable = (): Promise<Paytable> =>
  ask<Paytable>('/api/games/spin-and-win/paytable', { open: playerId.value === null });

/** A piece of the rim, in degrees from the top, clockwise. Pieces of one segment sum to its exact share. */
export interface Slice {
  segment: number;
  multiplier: number;
  from: number;
  to: number;
}

/** Wide shares are cut into pieces of about so many degrees and dealt round the rim; narrow ones stay whole. */
const PIECE_DEGREES = 9;
const PIECES_MAX = 6;

export function slicesOf(segments: Paytable['segments']): Slice[] {
  const whole = segments.reduce((sum, { weight }) => sum + weight, 0);
  const degrees = ({ weight }: { weight: number }) => (weight / whole) * 360;
  const prizes = segments
    .flatMap((share, segment) => (share.multiplier > 0 ? cut({ ...share, segment, degrees: degrees(share) }) : []))
    .sort((one, other) => one.place - other.place);
  const blanks = segments.flatMap((share, segment) =>
    share.multiplier > 0 ? [] : [{ segment, degrees: degrees(share) / prizes.length }],
  );
  let at = 0;
  return prizes.flatMap((prize) =>
    [...blanks.map((blank) => ({ ...blank, multiplier: 0 })), prize].map(({ segment, multiplier, degrees: wide }) => {
      const from = at;
      at += wide;
      return { segment, multiplier, from, to: at };
    }),
  );
}

function cut({ segment, multiplier, degrees }: { segment: number; multiplier: number; degrees: number }) {
  const pieces = Math.min(PIECES_MAX, Math.max(1, Math.round(degrees / PIECE_DEGREES)));
  return Array.from({ length: pieces }, (_, piece) => ({
    segment,
    multiplier,
    degrees: degrees / pieces,
    // Rare ones start further round, so that they do not lie side by side.
    place: ((piece + 0.5) / pieces + segment * 0.137) % 1,
  }));
}

/** Where in a segment the wheel stops is for the eye alone: any of its pieces, not too near an edge. */
export function restIn(slices: readonly Slice[], segment: number): number {
  const pieces = slices.filter((slice) => slice.segment === segment);
  const { from, to } = pieces[Math.floor(Math.random() * pieces.length)]!;
  return from + (to - from) * (0.15 + Math.random() * 0.7);
}

export const timesOf = (multiplier: number): string => `${(multiplier / 100).toLocaleString('en')}×`;
