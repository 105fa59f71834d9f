// Who may play for real money. Dates are calendar dates as text, YYYY-MM-DD, so that they compare as they stand.

export interface RealMoneyTerms {
  /** Years. */
  ageMin: number;
  /** ISO 3166 alpha-2. */
  countries: readonly string[];
}

/** What is known of a player; null is not said yet. */
export interface Standing {
  birthDate: string | null;
  country: string | null;
  phoneVerified: boolean;
  /** Limits set, or declined. */
  limitsChosen: boolean;
}

export const REAL_MONEY_NEEDS = ['age', 'country', 'phone', 'limits'] as const;
export type RealMoneyNeed = (typeof REAL_MONEY_NEEDS)[number];

/** What still stands between a player and real money; nothing: they may play. */
export function missingFor(
  { birthDate, country, phoneVerified, limitsChosen }: Standing,
  { ageMin, countries, today }: RealMoneyTerms & { today: string },
): RealMoneyNeed[] {
  const met: Record<RealMoneyNeed, boolean> = {
    age: birthDate !== null && birthDate <= bornBy(today, ageMin),
    country: country !== null && countries.includes(country),
    phone: phoneVerified,
    limits: limitsChosen,
  };
  return REAL_MONEY_NEEDS.filter((need) => !met[need]);
}

/**
 * The latest birth date of someone of that age. Not always a date itself: on 29 February it may name one of a year without,
 * and still compares right. Who was born on that day comes of age on 1 March in a year without it.
 */
export const bornBy = (today: string, ageMin: number): string => `${Number(today.slice(0, 4)) - ageMin}${today.slice(4)}`;

/** Whether anyone alive can have been born then. */
export const canBeBornOn = (birthDate: string, today: string): boolean => birthDate >= '1900-01-01' && birthDate <= today;
