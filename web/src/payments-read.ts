import { ask } from './api.ts';
import { type PageOf, withCursor } from './paged.tsx';

export interface Payment {
  id: string;
  direction: 'deposit' | 'withdrawal';
  state: 'created' | 'submitted' | 'paid' | 'failed' | 'timed_out' | 'needs_review';
  amount: { currency: string; amount: string };
  phone: string;
  receipt: string | null;
  reason: string | null;
  createdAt: string;
  updatedAt: string;
}

export type Need = 'age' | 'country' | 'phone' | 'limits';

export interface RealMoney {
  allowed: boolean;
  missing: Need[];
  birthDate: string | null;
  country: string | null;
  limitsDeclined: boolean;
}

export const readPayments = (cursor: string | null): Promise<PageOf<Payment>> =>
  ask<PageOf<Payment>>(withCursor('/api/payments?limit=10', cursor));

export const readRealMoney = (): Promise<RealMoney> => ask<RealMoney>('/api/safety/real-money');

export const declare = (body: { birthDate?: string; country?: string; declineLimits?: boolean }): Promise<RealMoney> =>
  ask<RealMoney>('/api/safety/real-money', { method: 'PUT', body });

/** Money of a person's, of which word is awaited. */
export const underWay = ({ state }: Payment): boolean => state === 'created' || state === 'submitted';

/** Why it was not paid, in words; null: there is nothing to add. */
export function reasonWords(reason: string | null): string | null {
  if (reason === null) return null;
  return REASONS[reason] ?? `M-Pesa said: ${reason.replaceAll('_', ' ')}.`;
}

const REASONS: Record<string, string> = {
  cancelled: 'You turned it down on the phone.',
  balance_short: 'The phone has too little on it.',
  pin_wrong: 'The PIN was wrong.',
  expired: 'Nobody answered on the phone in time.',
  unreachable: 'The phone could not be reached.',
  repeated_too_soon: 'It was asked of the phone too soon after the last time. Wait a minute.',
  daily_limit: 'M-Pesa lets no more through that phone today.',
  balance_limit: 'That phone may hold no more.',
  not_registered: 'That number has no M-Pesa.',
  not_sent: 'It was never sent. Nothing left your phone.',
  no_word: 'M-Pesa did not say what came of it. If it was paid, it is credited as soon as that is known.',
};

/** Every country by its name, as the browser knows them. */
export function countries(): { code: string; name: string }[] {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
  const codes = letters.flatMap((first) => letters.map((second) => first + second)).filter((code) => !NO_COUNTRY.has(code));
  return codes
    .flatMap((code) => {
      const name = names.of(code);
      return name === undefined ? [] : [{ code, name }];
    })
    .sort((one, other) => one.name.localeCompare(other.name, 'en'));
}

const NO_COUNTRY = new Set([
  'AC',
  'CP',
  'CQ',
  'DG',
  'EA',
  'EU',
  'EZ',
  'IC',
  'QO',
  'TA',
  'UN',
  'XA',
  'XB',
  'ZZ',
  'UK',
  'SU',
  'YU',
  'TP',
  'DD',
  'BU',
  'FX',
  'AN',
  'CS',
  'ZR',
  'NT',
  'VD',
  'YD',
  'HV',
  'NH',
  'RH',
  'DY',
  'FQ',
  'JT',
  'MI',
  'NQ',
  'PC',
  'PU',
  'PZ',
  'WK',
  'CT',
]);
