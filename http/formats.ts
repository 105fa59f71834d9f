// Formats that more than one route shares. What arrives is checked by them, and they are what `/openapi.json` shows.
import { z } from 'zod';
import { CURRENCY_CODES } from '../rules/currency.ts';

export const uuid = z.uuid();

/** Minor units as text, up to what JSON numbers could still hold. */
export const digits = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .meta({ description: 'A whole number of minor units, as text', example: '1000' });

export const amount = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/, 'A whole number of minor units, as text')
  .meta({ description: 'A whole number of minor units, as text', example: '100' })
  .transform(BigInt);

/** As it arrives; whether the currency is one is for the rules to refuse. */
export const stake = z.strictObject({ currency: z.string().max(16), amount });

export const currency = z.enum(CURRENCY_CODES);

export const money = z.strictObject({ currency, amount: digits });

export const balance = z.strictObject({ currency, available: digits, held: digits });

export const instant = z.iso.datetime().meta({ description: 'UTC', example: '2026-11-21T12:00:00.000Z' });

/** JSON of a game's own making. */
export const recorded = z.record(z.string(), z.unknown());

/** 1 to 32 characters, none of them invisible, none that turns text around; trimmed, one space at most between words. */
export const displayName = z
  .string()
  .max(256)
  .transform((name) => name.normalize('NFC').trim().replaceAll(/ {2,}/g, ' '))
  .pipe(z.string().regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,32}$/u, '1 to 32 printable characters'))
  .meta({ description: '1 to 32 printable characters', example: 'Ann' });

export const email = z.email().max(254).meta({ example: 'ann@example.com' });

/** Its real limits (8 characters, 72 bytes) have refusals of their own. */
export const password = z.string().min(1).max(1_024).meta({ description: '8 characters to 72 bytes' });

export const clientSeed = z
  .string()
  .regex(/^[\w-]{1,64}$/, '1 to 64 of A–Z a–z 0–9 - _')
  .nullable()
  .default(null);

const LIMIT_DEFAULT = 20;

/** How many items a list gives, 1 to 100. */
export const limit = z
  .string()
  .regex(/^([1-9]\d?|100)$/, '1 to 100')
  .transform(Number)
  .default(LIMIT_DEFAULT);

/** A list that is read a page at a time: `?limit=&cursor=`. The cursor is what the page before said. */
export const paged = <Cursor extends z.ZodType>(cursor: Cursor) =>
  z.strictObject({ limit, cursor: cursor.nullable().default(null) });

export const page = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

/** The page of `rows`, of which one more than `limit` was asked for to know whether there is another. */
export function pageOf<Row>(
  rows: readonly Row[],
  most: number,
  cursorOf: (row: Row) => string,
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, most);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > most && last !== undefined ? cursorOf(last) : null };
}
