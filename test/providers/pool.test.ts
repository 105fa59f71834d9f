import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openMiningCore, openYiimp, type Pool } from '../../providers/pool.ts';
import { batchSignature, openPoolKeys } from '../../providers/pool-keys.ts';
import { startPoolSandbox } from '../../providers/sandbox/pool.ts';

const sandbox = await startPoolSandbox();
const AT = Date.parse('2026-11-21T12:00:00Z');
const txidOf = (n: number) => n.toString(16).padStart(64, '0');
for (let n = 1; n <= 20; n++)
  sandbox.payouts.push({ address: 'Aminer', amount: BigInt(n) * 10_000_001n, txid: txidOf(n), atMs: AT + n * 1_000 });
sandbox.payouts.push({ address: 'Aminer', amount: 5n, txid: null, atMs: AT });

const yiimp = openYiimp({ name: 'yiimp', url: sandbox.yiimpUrl, callMs: 5_000 });
const miningCore = openMiningCore({ name: 'core', url: sandbox.miningCoreUrl, callMs: 5_000 });

async function paid(pool: Pool, page = 0) {
  const answer = await pool.payouts('Aminer', page);
  if (answer.kind !== 'payouts') throw new Error(answer.kind);
  return answer;
}

const pools = suite('providers/pool');
pools.after.each(() => sandbox.feel('well'));
pools.after(() => sandbox.close());

pools('yiimp’s payouts are read exactly, whatever is put together by hand; what has no transaction yet is left', async () => {
  const { payouts, more } = await paid(yiimp);
  assert.equal([payouts.length, more], [20, false]);
  assert.equal(payouts[0], { txid: txidOf(20), amount: 200_000_020n, paidAt: new Date(AT + 20_000) });
});

pools('MiningCore’s come a page at a time', async () => {
  const [first, second] = [await paid(miningCore), await paid(miningCore, 1)];
  assert.equal([first.payouts.length, first.more, second.payouts.length, second.more], [14, true, 6, false]);
  assert.equal(first.payouts[0]!.amount, 200_000_020n);
  assert.equal(second.payouts.at(-1), { txid: txidOf(1), amount: 10_000_001n, paidAt: new Date(AT + 1_000) });
});

pools('a wallet nobody knows, and a pool that was asked too often, say nothing', async () => {
  for (const pool of [yiimp, miningCore]) assert.equal(await pool.payouts('Astranger', 0), { kind: 'nothing' });
  sandbox.feel('quiet');
  for (const pool of [yiimp, miningCore]) assert.equal(await pool.payouts('Aminer', 0), { kind: 'nothing' });
});

pools(
  'an overloaded pool, and one that is not there, are busy; one that talks nonsense, or of another coin, is odd',
  async () => {
    for (const [mood, kind] of [
      ['busy', 'busy'],
      ['silent', 'busy'],
      ['nonsense', 'odd'],
    ] as const) {
      sandbox.feel(mood);
      for (const pool of [yiimp, miningCore]) assert.is((await pool.payouts('Aminer', 0)).kind, kind, mood);
    }
    sandbox.feel('other_currency');
    assert.equal(await yiimp.payouts('Aminer', 0), { kind: 'odd', code: 'currency' });
  },
);

pools('a batch is signed by one of the pool’s own two keys, over these very bytes and this time', () => {
  const secrets = { old: 'o'.repeat(32), fresh: 'f'.repeat(32), other: 'x'.repeat(32) };
  const keys = openPoolKeys([
    { pool: 'acme', secret: secrets.old },
    { pool: 'acme', secret: secrets.fresh },
    { pool: 'other', secret: secrets.other },
  ]);
  const bytes = Buffer.from('{"payouts":[]}');
  const signatureBy = (secret: string, timestamp = '1000') => batchSignature({ secret, timestamp, bytes }).toString('hex');
  const batch = { pool: 'acme', timestamp: '1000', signature: signatureBy(secrets.old), bytes };
  assert.ok(keys.signed(batch));
  assert.ok(keys.signed({ ...batch, signature: signatureBy(secrets.fresh) }));
  for (const [what, forged] of [
    ['another pool’s key', { ...batch, signature: signatureBy(secrets.other) }],
    ['another pool’s name', { ...batch, pool: 'other' }],
    ['no pool', { ...batch, pool: 'nobody' }],
    ['a pool of that name in Object', { ...batch, pool: 'constructor' }],
    ['the key that stands for nobody', { ...batch, pool: 'nobody', signature: signatureBy('nobody') }],
    ['another time', { ...batch, timestamp: '1001' }],
    ['a byte more', { ...batch, bytes: Buffer.from('{"payouts":[]} ') }],
    ['a byte moved from body to time', { ...batch, timestamp: '100', bytes: Buffer.from('0.{"payouts":[]}') }],
    ['capitals', { ...batch, signature: batch.signature.toUpperCase() }],
    ['a part', { ...batch, signature: batch.signature.slice(0, 62) }],
    ['nothing', { ...batch, signature: '' }],
  ] as const)
    assert.not.ok(keys.signed(forged), what);
});

pools.run();
