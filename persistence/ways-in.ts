import { refuseUnless } from '../rules/refusal.ts';
import type { WaysLeft } from '../rules/identity.ts';
import { type EntityManager, rowsIn } from './orm.ts';

/** What a player signs in with, under their row's lock: of two who take ways away at once, the second sees what the first left. Refuses `not_found`. */
export async function lockWaysIn(em: EntityManager, playerId: string): Promise<WaysLeft> {
  const locked = await rowsIn(em, 'select id from player where id = ? and deleted_at is null for no key update', [playerId]);
  refuseUnless(locked.length === 1, 'not_found');
  const [ways] = await rowsIn<{ password: boolean; identities: unknown; wallets: unknown }>(em, WAYS, [playerId]);
  return { password: ways!.password, identities: Number(ways!.identities), wallets: Number(ways!.wallets) };
}

const WAYS = `
  select exists (select from player_login l where l.player_id = p.id) as password,
         (select count(*) from identity i where i.player = p.id) as identities,
         (select count(*) from wallet w where w.player = p.id) as wallets
    from player p where p.id = ?`;
