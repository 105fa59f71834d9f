// What a join to a roulette table may ask for, checked before any table exists.
import { z } from 'zod';
import { refuseUnless } from '../rules/refusal.ts';
import { SEATS_MAX, SEATS_MIN, checkTableOptions } from '../rules/roulette.ts';
import { STAKE } from './formats.ts';
import type { Asked, CheckedOptions } from './house-room.ts';

const JOIN = z.strictObject({
  stake: STAKE,
  seats: z.int().min(SEATS_MIN).max(SEATS_MAX).default(2),
  watch: z.boolean().default(false),
});
const JOIN_BY_ID = z.strictObject({ watch: z.boolean().default(false) });

/** A guest's table is the guest's own: guests play with house bots until they upgrade. */
export function checkJoin(options: unknown, { visitor, method, house }: Asked): CheckedOptions {
  if (method === 'joinById') {
    const { watch } = parse(JOIN_BY_ID, options);
    return { watch };
  }
  const { stake, seats, watch } = parse(JOIN, options);
  refuseUnless(!watch || method === 'joinOrCreate', 'join_invalid');
  checkTableOptions({ currency: stake.currency, stake: BigInt(stake.amount), seats });
  refuseUnless(stake.currency !== 'KES' || house.settings.realMoney, 'real_money_off');
  const stakeKey = `${stake.currency}:${stake.amount}`;
  const party = visitor.guest && !watch ? visitor.playerId : 'registered';
  return { stakeKey, seats, watch, party, ...(!watch && { free: 'yes' }) };
}

function parse<T>(format: z.ZodType<T>, options: unknown): T {
  const parsed = format.safeParse(options ?? {});
  refuseUnless(parsed.success, 'join_invalid');
  return parsed.data;
}
