import { z } from 'zod';
import { CURRENCY_CODES } from '../rules/currency.ts';

/** Minor units as digits, written one way only; 15 of them stay far inside what a ledger row takes. */
const DIGITS = z.string().regex(/^(0|[1-9]\d{0,14})$/);
export const STAKE = z.strictObject({ currency: z.enum(CURRENCY_CODES), amount: DIGITS });
export const CLIENT_SEED = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
export const REQUEST_ID = z.uuid();
export const NOTHING = z.strictObject({});
