// Formats that seasons share between players and operators.
import { z } from 'zod';
import {
  EVIDENCE_MAX,
  ITEM_POINTS_MAX,
  ITEMS_MAX,
  PHASES,
  planFaults,
  PRIZES_MAX,
  QUANTITY_MAX,
  RANKS_MAX,
  SUBMISSION_STATES,
  THRESHOLD_MAX,
} from '../rules/season.ts';
import { amount, currency, digits, instant, uuid } from './formats.ts';

/** Printable, and a line. */
const title = z
  .string()
  .trim()
  .regex(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,80}$/u, '1 to 80 printable characters');
const word = z.string().regex(/^[a-z\d][a-z\d_-]{0,63}$/, 'Lower-case letters, digits, - and _');
const bounded = (most: bigint) => amount.refine((value) => value >= 1n && value <= most, `1 to ${most}`);

export const itemId = word;
export const quantity = z.int().min(1).max(QUANTITY_MAX);

export const summary = z.strictObject({
  id: uuid,
  name: z.string(),
  phase: z.enum(PHASES).meta({ description: 'running: takes submissions; review: past its end; ended: frozen' }),
  startsAt: instant,
  endsAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
});

const prize = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('currency'), currency, amount: digits }),
  z.strictObject({ kind: z.literal('item'), item: z.string(), quantity: z.int() }),
  z.strictObject({ kind: z.literal('discord_role'), roleId: z.string(), name: z.string() }),
]);
export const prizes = z.array(prize);

export const season = z.strictObject({
  ...summary.shape,
  items: z.array(
    z.strictObject({
      itemId: z.string(),
      name: z.string(),
      points: digits.meta({ description: 'For one of it' }),
      quantityMax: z.int(),
      automatic: z.boolean().meta({ description: 'Counts at once, without a review' }),
    }),
  ),
  ranks: z.array(z.strictObject({ rankId: z.string(), name: z.string(), threshold: digits, prizes })),
});

export const submission = z.strictObject({
  id: uuid,
  seasonId: uuid,
  itemId: z.string(),
  quantity: z.int(),
  evidence: z.string(),
  points: digits,
  state: z.enum(SUBMISSION_STATES),
  reason: z.string().nullable(),
  madeAt: instant,
  reviewedAt: instant.nullable(),
});

/** Without who handed it in: for themselves. */
export const own = <Found extends { playerId: string }>({ playerId: _playerId, ...rest }: Found): Omit<Found, 'playerId'> => rest;

const wantedPrize = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('currency'), currency, amount }),
  z.strictObject({ kind: z.literal('item'), item: word, quantity: z.int().min(1).max(999) }),
  z.strictObject({ kind: z.literal('discord_role'), roleId: z.string().regex(/^\d{1,20}$/), name: title }),
]);

/** What an operator plans. */
export const plan = z
  .strictObject({
    name: title,
    startsAt: instant.transform((text) => new Date(text)),
    endsAt: instant.transform((text) => new Date(text)),
    items: z
      .array(
        z.strictObject({
          itemId,
          name: title,
          points: bounded(ITEM_POINTS_MAX),
          quantityMax: quantity.default(QUANTITY_MAX),
          automatic: z.boolean().default(false),
        }),
      )
      .min(1)
      .max(ITEMS_MAX),
    ranks: z
      .array(
        z.strictObject({
          rankId: word,
          name: title,
          threshold: bounded(THRESHOLD_MAX),
          prizes: z.array(wantedPrize).max(PRIZES_MAX).default([]),
        }),
      )
      .max(RANKS_MAX)
      .default([]),
  })
  .superRefine((wanted, context) => {
    for (const message of planFaults(wanted)) context.addIssue({ code: 'custom', message });
  });

export const evidence = z
  .string()
  .max(EVIDENCE_MAX)
  .meta({ description: 'A link, https', example: 'https://example.com/shot.png' });

const PLACES_MAX = 100_000;

/** Places already seen. */
export const placeCursor = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number)
  .pipe(z.int().max(PLACES_MAX));

/** The page after `after` of rows of which one more than `most` was asked for. */
export function pageByPlace<Row>(rows: readonly Row[], { most, after }: { most: number; after: number }) {
  const items = rows.slice(0, most);
  const next = after + items.length;
  return { items, nextCursor: rows.length > most && next <= PLACES_MAX ? String(next) : null };
}
