import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSettings, SettingsFault } from '../../server/config.ts';

const SECRET = 'a secret of thirty-two characters';
const ADDRESS = 'ATBxmBJ9974wk3XVZU8my3gcJeYJe7TEkS';
const RPC = 'http://user:password@127.0.0.1:9982/';

function mistakesIn(environment: Record<string, string>): readonly string[] {
  try {
    parseSettings(environment);
  } catch (error) {
    if (error instanceof SettingsFault) return error.mistakes;
    throw error;
  }
  return [];
}

const config = suite('settings of mining');

config('without keys and a chain it is not set up', () => {
  assert.is(parseSettings({}).mining, null);
  assert.is(parseSettings({ MINING_SOLO: 'off', MINING_CONFIRMATIONS: '20' }).mining, null);
});

config('keys alone are enough; a chain, pools and a donation address come on top', () => {
  const alone = parseSettings({ MINING_POOL_KEYS: `acme=${SECRET}` }).mining!;
  assert.equal([alone.keys, alone.rpcUrl, alone.confirmations, alone.solo], [[{ pool: 'acme', secret: SECRET }], null, 6, true]);
  const all = parseSettings({
    MINING_POOL_KEYS: `acme=${SECRET}, acme=${SECRET}2`,
    MINING_YIIMP: 'zpool=https://zpool.ca/api/',
    MINING_MININGCORE: 'core=https://pool.example/api/pools/advc1',
    MINING_RPC_URL: RPC,
    MINING_PAYERS: `zpool=${ADDRESS}`,
    MINING_DONATION_ADDRESS: ADDRESS,
    MINING_CONFIRMATIONS: '20',
    MINING_SOLO: 'off',
  }).mining!;
  assert.equal(
    [all.keys.length, all.yiimp, all.rpcUrl, all.payers, all.confirmations, all.solo],
    [2, [{ name: 'zpool', url: 'https://zpool.ca/api' }], RPC.slice(0, -1), [{ name: 'zpool', address: ADDRESS }], 20, false],
  );
});

config('every mistake is named, and no secret is told', () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ MINING_POOL_KEYS: 'acme=short' }, /^MINING_POOL_KEYS is a list such as/],
    [{ MINING_POOL_KEYS: SECRET }, /^MINING_POOL_KEYS is a list/],
    [{ MINING_POOL_KEYS: `Acme Pool=${SECRET}` }, /^MINING_POOL_KEYS is a list/],
    [{ MINING_POOL_KEYS: ['1', '2', '3'].map((n) => `acme=${SECRET}${n}`).join(',') }, /more than two keys of acme/],
    [{ MINING_POOL_KEYS: `solo=${SECRET}` }, /No pool is called solo/],
    [{ MINING_YIIMP: 'zpool=https://zpool.ca/api' }, /MINING_YIIMP needs MINING_RPC_URL or MINING_EXPLORER_URL/],
    [{ MINING_RPC_URL: RPC, MINING_YIIMP: 'zpool=zpool.ca' }, /^MINING_YIIMP is a list/],
    [
      { MINING_RPC_URL: RPC, MINING_YIIMP: 'p=https://a.example', MINING_MININGCORE: 'p=https://b.example' },
      /p is asked in two ways|is a list/,
    ],
    [
      { MINING_RPC_URL: RPC, MINING_YIIMP: 'acme=https://a.example', MINING_POOL_KEYS: `acme=${SECRET}` },
      /acme is in MINING_POOL_KEYS and among/,
    ],
    [{ MINING_RPC_URL: 'daemon' }, /^MINING_RPC_URL is the address/],
    [{ MINING_DONATION_ADDRESS: ADDRESS }, /MINING_DONATION_ADDRESS needs/],
    [
      { MINING_RPC_URL: RPC, MINING_DONATION_ADDRESS: '1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH' },
      /^MINING_DONATION_ADDRESS is an address/,
    ],
    [{ MINING_RPC_URL: RPC, MINING_PAYERS: `zpool=${ADDRESS.slice(0, -1)}T` }, /^MINING_PAYERS is a list/],
    [{ MINING_CONFIRMATIONS: '0' }, /^MINING_CONFIRMATIONS is a number of blocks/],
    [{ MINING_SOLO: 'yes' }, /^MINING_SOLO is on or off/],
  ];
  for (const [environment, words] of cases) {
    const mistakes = mistakesIn(environment);
    assert.ok(
      mistakes.some((mistake) => words.test(mistake)),
      `${JSON.stringify(environment)}: ${mistakes.join('; ')}`,
    );
    assert.not.ok(mistakes.join().includes(SECRET));
  }
});

config.run();
