import { z } from 'zod';
import { CURRENCY_CODES } from '../rules/currency.ts';

/** Minor units as digits; 15 digits stay far inside what a ledger row takes. */
const DIGITS = z.string().regex(/^\d{1,15}$/);
export const STAKE = z.strictObject({ currency: z.enum(CURRENCY_CODES), amount: DIGITS });
export const CLIENT_SEED = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
export const REQUEST_ID = z.uuid();
export const NOTHING = z.strictObject({});
