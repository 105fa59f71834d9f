import { countIn } from './deeds.ts';
import type { Grants } from './newcomers.ts';
import { notifyIn } from './notifications.ts';
import { type EntityManager, rowsIn, whole } from './orm.ts';

/** The player's address is theirs: pays the coins that waited for it, once. Nothing happens for one that was verified before. */
export async function verifiedIn(
  em: EntityManager,
  ledger: Pick<Grants, 'grantIn'>,
  { playerId, at }: { playerId: string; at: Date },
): Promise<void> {
  const [player] = await rowsIn<{ waiting: unknown }>(
    em,
    'select coins_on_verifying as waiting from player where id = ? for update',
    [playerId],
  );
  const changed = await rowsIn(em, VERIFY, [at.toISOString(), playerId]);
  if (changed.length === 0) return;
  const coins = whole(player!.waiting);
  await countIn(em, [{ playerId, counter: 'verified', amount: 1n }]);
  await notifyIn(em, { playerId, kind: 'verification_complete', data: { coins: String(coins) } });
  if (coins > 0n) await ledger.grantIn(em, { playerId, currency: 'COINS', amount: coins, reason: 'grant:verified', key: 'once' });
}

const VERIFY = `
  update player set verified_at = ?, coins_on_verifying = 0, version = version + 1
   where id = ? and verified_at is null and email is not null returning id`;
