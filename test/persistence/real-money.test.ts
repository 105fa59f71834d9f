import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uuid7 } from '../../persistence/ids.ts';
import { openStore, type StoreSettings } from '../../persistence/store.ts';
import { missingFor, type RealMoneyTerms, type Standing } from '../../rules/real-money.ts';
import { JWT_SECRET, memoryStore, SECRETS_KEY } from '../support/store.ts';

const stored = await memoryStore({ realMoney: { ageMin: 18, countries: ['KE'] } });
const { db, store, clock } = stored;
const realMoney = suite('persistence/real-money');
realMoney.after(stored.close);

const under = (terms: RealMoneyTerms | null) => openStore(db, { ...SETTINGS, realMoney: terms });
const SETTINGS: StoreSettings = {
  secretsKey: SECRETS_KEY,
  jwtSecret: JWT_SECRET,
  bcryptCost: 4,
  rootAdminEmail: null,
  now: clock.now,
  bytes: (length) => new Uint8Array(length),
};

const closedOf = async (playerId: string): Promise<Record<string, string | null>> => {
  const rows = await db.rows<{ currency: string; closed: string | null }>(
    'select currency, closed from ledger_account where owner = $1',
    [playerId],
  );
  return Object.fromEntries(rows.map(({ currency, closed }) => [currency, closed]));
};

/** Every way a player may stand. */
const STANDINGS: Standing[] = [null, '2008-11-22', '2008-11-21', '2005-11-21', '2004-02-29'].flatMap((birthDate) =>
  [null, 'GB', 'KE'].flatMap((country) =>
    [false, true].flatMap((phoneVerified) =>
      [false, true].map((limitsChosen) => ({ birthDate, country, phoneVerified, limitsChosen })),
    ),
  ),
);

/** Half of those who chose set a limit, half declined. */
async function players(): Promise<Map<string, Standing>> {
  const ids = await stored.crowd(STANDINGS.length, 0n);
  const standings = new Map(ids.map((id, index) => [id, STANDINGS[index]!]));
  let count = 0;
  for (const [id, { birthDate, country, phoneVerified, limitsChosen }] of standings) {
    const declines = limitsChosen && count++ % 2 === 0;
    await db.rows('insert into player_standing values ($1, $2, $3, $4, now())', [
      id,
      birthDate,
      country,
      declines ? clock.now() : null,
    ]);
    if (limitsChosen && !declines) await store.limits.set(id, [{ currency: 'KES', kind: 'loss', period: 'day', amount: 1n }]);
    if (phoneVerified)
      await db.rows(PAID, [uuid7(), uuid7(), id, `R${count}${id.slice(-6)}`, Buffer.from(id), Buffer.from(`${id}s`)]);
  }
  return standings;
}

const PAID = `insert into payment (id, request, fingerprint, player, direction, state, amount, phone, reference, token_hash, status_token_hash, created_at, changed_at)
              values ($1, $2, $2, $3, 'deposit', 'paid', 100, '254712345678', $4, $5, $6, now(), now())`;

const standings = await players();

realMoney('the database closes and opens accounts as the rule says, for every standing and under other settings', async () => {
  for (const terms of [
    { ageMin: 18, countries: ['KE'] },
    { ageMin: 21, countries: ['KE', 'GB'] },
    { ageMin: 25, countries: ['UG'] },
    { ageMin: 18, countries: ['GB'] },
  ]) {
    const { reviewAll, card } = under(terms).realMoney;
    await reviewAll();
    let open = 0;
    for (const [id, standing] of standings) {
      const missing = missingFor(standing, { ...terms, today: '2026-11-21' });
      const { KES, ...others } = await closedOf(id);
      assert.is(KES, missing.length === 0 ? null : 'real_money_off', JSON.stringify({ standing, terms }));
      assert.equal([...new Set(Object.values(others))], [null], 'play money is open to all');
      if (KES === null) open++;
      if (terms.ageMin === 21) assert.equal((await card(id)).missing, missing);
    }
    assert.is(open > 0, !terms.countries.includes('UG'));
  }
});

realMoney('without terms all are open, and a pause of another reason stays', async () => {
  const [one, other] = [...standings.keys()];
  await under({ ageMin: 18, countries: ['KE'] }).realMoney.reviewAll();
  await db.rows("update ledger_account set closed = 'account_banned' where owner = $1 and currency = 'KES'", [other]);
  assert.is((await closedOf(one!)).KES, 'real_money_off');
  await under(null).realMoney.reviewAll();
  assert.is((await closedOf(one!)).KES, null);
  assert.is((await closedOf(other!)).KES, 'account_banned');
  const { allowed, missing } = await under(null).realMoney.card(one!);
  assert.equal([allowed, missing], [true, []]);
});

realMoney('a newcomer begins closed where there are terms, a guest too, and open where there are none', async () => {
  const newcomer = { displayName: 'New', device: '' };
  const guest = await store.players.guest(newcomer);
  const registered = await store.players.register({ ...newcomer, email: 'new@example.com', password: 'correct horse' });
  const free = await under(null).players.guest(newcomer);
  for (const [{ player }, closed] of [
    [guest, 'real_money_off'],
    [registered, 'real_money_off'],
    [free, null],
  ] as const)
    assert.equal(await closedOf(player.id), { COINS: null, GEMS: null, AP: null, KES: closed, USD: null });
});

realMoney('two who answer for one player at once: one answer is kept, and only one was taken', async () => {
  const { player } = await store.players.guest({ displayName: 'Two', device: '' });
  const declared = await Promise.allSettled(
    ['KE', 'GB'].map((country) => store.realMoney.declare(player.id, { birthDate: null, country, declineLimits: false })),
  );
  assert.equal(declared.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const { country } = await store.realMoney.card(player.id);
  assert.is(country, declared[0]!.status === 'fulfilled' ? 'KE' : 'GB');
});

realMoney.run();
