// What operators may tune while the house runs: each key with its default, its bounds and what it does.
import { CHAT_WORDS } from './chat.ts';
import { CURRENCY_CODES, type Currency } from './currency.ts';
import { CHECK_IN_PERCENT, CLAIM_PERCENT } from './daily.ts';
import { AP_A_COIN, AP_A_COIN_MAX } from './mining.ts';
import { PET_LEVEL_LIMIT, PET_LEVEL_MAX } from './pets.ts';
import { refuseUnless } from './refusal.ts';
import { EXPOSURE_MAX } from './roulette-bets.ts';
import { RAKE_BP } from './roulette.ts';

/** A whole number within bounds, or a list of words. */
export type LiveSetting = { what: string } & (
  | { kind: 'whole'; unit: string; fallback: bigint; min: bigint; max: bigint }
  | { kind: 'words'; fallback: readonly string[]; wordsMax: number; lettersMax: number }
);

export type LiveValue = bigint | readonly string[];

const whole = (what: string, unit: string, [fallback, min, max]: readonly [bigint | number, bigint | number, bigint | number]) =>
  ({ kind: 'whole', what, unit, fallback: BigInt(fallback), min: BigInt(min), max: BigInt(max) }) as const;

/** What one admin may move alone within a day, minor units; real money never. */
const CORRECTION_LIMITS: Record<Currency, [fallback: bigint, max: bigint]> = {
  COINS: [10_000n, 10_000_000n],
  GEMS: [100n, 100_000n],
  AP: [1_000n, 1_000_000n],
  KES: [0n, 0n],
  USD: [100_000n, 100_000_000n],
};

export type CorrectionLimitKey = `correctionLimit${Currency}`;

export const correctionLimitKey = (currency: Currency): CorrectionLimitKey => `correctionLimit${currency}`;

const correctionLimits = Object.fromEntries(
  CURRENCY_CODES.map((currency) => {
    const [fallback, max] = CORRECTION_LIMITS[currency];
    const what = `What one admin may correct in ${currency} within 24 hours without another's consent`;
    return [correctionLimitKey(currency), whole(what, `minor units of ${currency}`, [fallback, 0, max])];
  }),
) as Record<CorrectionLimitKey, LiveSetting>;

const SETTINGS = {
  rouletteRakeBp: whole('The house’s part of a roulette pot, from the next round on', 'basis points', [RAKE_BP, 0, 1_000]),
  rouletteExposureMax: whole('Most the house may lose on one pull’s side bets', 'minor units', [EXPOSURE_MAX, 0, 1_000_000_000]),
  petLevelMax: whole('The level at which a pet eats no more', 'levels', [PET_LEVEL_MAX, 1, PET_LEVEL_LIMIT]),
  miningApPerCoin: whole('What a mined coin brings, for payouts credited from now on', 'AP', [AP_A_COIN, 1, AP_A_COIN_MAX]),
  checkInXpPercent: whole('What an event makes of a check-in’s XP', 'percent', [
    CHECK_IN_PERCENT.min,
    CHECK_IN_PERCENT.min,
    CHECK_IN_PERCENT.max,
  ]),
  dailyCoinsPercent: whole('What an event makes of the daily claim’s COINS', 'percent', [
    CLAIM_PERCENT.min,
    CLAIM_PERCENT.min,
    CLAIM_PERCENT.max,
  ]),
  chatWords: {
    kind: 'words',
    what: 'The words that chat masks, in place of the house’s own',
    fallback: CHAT_WORDS,
    wordsMax: 500,
    lettersMax: 40,
  },
} as const satisfies Record<string, LiveSetting>;

export type LiveKey = keyof typeof SETTINGS | CorrectionLimitKey;

export const LIVE_SETTINGS: Readonly<Record<LiveKey, LiveSetting>> = { ...SETTINGS, ...correctionLimits };
export const LIVE_KEYS = Object.keys(LIVE_SETTINGS) as LiveKey[];

/** What says how much an operator may do alone is not for those whom it binds to change. */
export const bindsOperators = (key: LiveKey): boolean => key.startsWith('correctionLimit');

export const isLiveKey = (key: string): key is LiveKey => Object.hasOwn(LIVE_SETTINGS, key);

/** A new value for a key, as it was sent. Refuses `malformed` for another kind of thing, `out_of_bounds`. */
export function checkedLive(key: LiveKey, sent: string | readonly string[]): LiveValue {
  const setting = LIVE_SETTINGS[key];
  if (setting.kind === 'words') {
    refuseUnless(typeof sent !== 'string', 'malformed');
    const words = [...new Set(sent.map((word) => word.normalize('NFKC').trim().toLowerCase()))];
    refuseUnless(words.length <= setting.wordsMax, 'out_of_bounds');
    refuseUnless(
      words.every((word) => word !== '' && word.length <= setting.lettersMax),
      'out_of_bounds',
    );
    return words;
  }
  refuseUnless(typeof sent === 'string' && /^-?\d{1,19}$/.test(sent), 'malformed');
  const value = BigInt(sent);
  refuseUnless(value >= setting.min && value <= setting.max, 'out_of_bounds');
  return value;
}

/** What is kept, brought within what the rules can bear: a row may have been written by hand. */
export function liveWhole(key: LiveKey, kept: unknown): bigint {
  const setting = LIVE_SETTINGS[key];
  if (setting.kind !== 'whole') throw new Error(`${key} is no number`);
  const text = typeof kept === 'number' ? String(Math.trunc(kept)) : kept;
  if (typeof text !== 'string' || !/^-?\d{1,19}$/.test(text)) return setting.fallback;
  const value = BigInt(text);
  return value < setting.min ? setting.min : value > setting.max ? setting.max : value;
}
