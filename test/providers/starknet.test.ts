import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressesOf, openStarknet, starknetAddress } from '../../providers/starknet.ts';
import { type TypedData, typedDataHash } from '../../providers/typed-data.ts';
import { challengeText, STARKNET_DOMAIN } from '../../rules/identity.ts';
import { type NodeAnswer, starknetAccount, startStarknetNode } from '../support/starknet.ts';

const node = await startStarknetNode();
const online = openStarknet({ rpcUrl: node.url, chainId: 'SN_SEPOLIA' });
const offline = openStarknet({ rpcUrl: null, chainId: 'SN_SEPOLIA' });
const key = starknetAccount('1234567890abcdef1234567890abcdef');

const textFor = (address: string): string =>
  challengeText({
    chain: 'starknet',
    address,
    purpose: 'sign_in',
    playerId: null,
    site: 'https://play.example',
    nonce: 'n0123456789abcdef01234567',
    issuedAt: new Date('2026-11-21T12:00:00Z'),
    expiresAt: new Date('2026-11-21T12:10:00Z'),
    starknetChain: 'SN_SEPOLIA',
  });
const text = textFor(key.address);
const right = { address: key.address, text, signature: key.signature(text), publicKey: key.publicKey };

const ACCOUNT = 0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7n;
const hashed = (data: TypedData) => `0x${typedDataHash(data, ACCOUNT).toString(16)}`;

const starknet = suite('providers/starknet');
starknet.after(() => node.close());

starknet('typed data is hashed as wallets hash it', () => {
  const login: TypedData = {
    types: {
      StarknetDomain: STARKNET_DOMAIN,
      Login: [
        { name: 'nonce', type: 'shortstring' },
        { name: 'issuedAt', type: 'timestamp' },
      ],
    },
    primaryType: 'Login',
    domain: { name: 'Game', version: '1', chainId: 'SN_SEPOLIA', revision: '1' },
    message: { nonce: 'abc123', issuedAt: 1_700_000_000 },
  };
  assert.is(hashed(login), '0x36039046632085f3daebb5aa891de7de3a3530757e7b005e5ecaea08cc7759a');
});

starknet('texts of any length are hashed as wallets hash them', () => {
  const { types } = JSON.parse(text) as TypedData;
  const data = (site: string, statement: string): TypedData => ({
    types,
    primaryType: 'Challenge',
    domain: { name: 'Playhouse', version: '1', chainId: 'SN_MAIN', revision: '1' },
    message: { site, statement, nonce: 'n0123456789abcdef01234567', issuedAt: 1_795_262_400, expiresAt: 1_795_263_000 },
  });
  const long = 'Link this wallet to player 01a1fdaf-9c2a-7000-8af8-5ad81d66115c.';
  assert.is(hashed(data('play.example', 'Sign in.')), '0x71b43c903f4486be46534de9e83cd2e638a73750da730e6474007f44208cd1c');
  assert.is(hashed(data('a'.repeat(31), 'b'.repeat(62))), '0x2b77a3651e7fd4a995059156053831fe1ee371b225b1d392b0aaca8156f2027');
  assert.is(hashed(data('x'.repeat(32), long)), '0x234e452de9e739db8eb71ce74485d8164a321e1d5498864272dcc5832793d7d');
});

starknet('a key’s accounts are where wallets would put them', () => {
  assert.is(key.publicKey, '0x031b88d91e173d70b5bd284f7a898d99005d9ade236ee671e0db0078996aa599');
  assert.equal(addressesOf(BigInt(key.publicKey)).slice(0, 2), [
    '0x040262f95e7f66221078335cc3c8a80a121648257a2c5e49642e6a5cd4c277d6',
    '0x06dee56b2fc425333bd72927cdbc2d9cef0327ce7d62d85ee3fad5f7bebd7a65',
  ]);
});

starknet('an address has all its digits, in lower case; what is out of range is none', () => {
  assert.is(starknetAddress('0x49D36'), `0x${'0'.repeat(59)}49d36`);
  const cases = ['', '0x', '0x0', '0x1', `0x${'f'.repeat(64)}`, `0x0${'0'.repeat(64)}`, '49d36', '0xg', `0x8${'0'.repeat(63)}`];
  for (const address of cases) assert.is(starknetAddress(address), null, address);
});

starknet('an account that is not deployed is proved by the key its address follows from, whatever wallet made it', async () => {
  for (const address of key.addresses) {
    const own = textFor(address);
    const signature = key.signature(own, address);
    assert.is(await offline.signed({ ...right, address, text: own, signature }), 'signed');
    const listed = ['0x1', '0x0', key.publicKey, ...signature];
    assert.is(await offline.signed({ ...right, address, text: own, signature: listed }), 'signed', 'as Argent lists signers');
  }
});

starknet('another key, another text, no key and bent signatures prove nothing', async () => {
  const other = starknetAccount('2');
  const [r, s] = right.signature as [string, string];
  const cases: [string, Partial<typeof right> | { publicKey: null }][] = [
    ['another’s address', { address: other.address }],
    ['another’s key', { publicKey: other.publicKey }],
    ['another’s signature', { signature: other.signature(text, key.address) }],
    ['text', { text: text.replace('Sign in.', 'Sign on.') }],
    ['chain', { text: text.replace('SN_SEPOLIA', 'SN_MAIN') }],
    ['no key', { publicKey: null }],
    ['a key that is no point', { publicKey: '0x5' }],
    ['swapped', { signature: [s, r] }],
    ['one', { signature: [r] }],
    ['three', { signature: [r, s, s] }],
    ['zeros', { signature: ['0', '0'] }],
    ['too large', { signature: [`0x${'f'.repeat(64)}`, s] }],
    ['rubbish', { signature: ['x', s] }],
  ];
  for (const [what, change] of cases) assert.is(await offline.signed({ ...right, ...change }), 'not_signed', what);
});

starknet('the chain is asked about a deployed account, and its word counts alone', async () => {
  const VALID = '0x56414c4944';
  const cases: [string, NodeAnswer, string][] = [
    ['valid', { result: [VALID] }, 'signed'],
    ['an old account', { result: ['0x1'] }, 'signed'],
    ['not valid', { result: ['0x0'] }, 'not_signed'],
    ['another felt', { result: ['0x2'] }, 'not_signed'],
    ['several', { result: [VALID, VALID] }, 'not_signed'],
    ['nothing', { result: [] }, 'not_signed'],
    ['given up', { error: { code: 40, message: 'Contract error' } }, 'not_signed'],
    ['no such entry point', { error: { code: 21, message: 'Requested entry point does not exist' } }, 'not_signed'],
    ['not deployed', { error: { code: 20, message: 'Contract not found' } }, 'signed'],
    ['a fault of the node', { error: { code: -32603, message: 'Internal error' } }, 'unknown'],
    ['not a list', { result: VALID }, 'unknown'],
    ['a proxy’s page', 'rubbish', 'unknown'],
    ['silence', 'silent', 'unknown'],
  ];
  for (const [what, answer, expected] of cases) {
    node.say(answer);
    assert.is(await online.signed(right), expected, what);
  }
});

starknet('what is asked of the chain is the account, its entry point, the hash and the signature', async () => {
  node.calls.length = 0;
  await online.signed({ ...right, publicKey: null });
  const [{ method, params }] = node.calls as [(typeof node.calls)[number]];
  const { contract_address: account, entry_point_selector: selector, calldata } = params.request;
  assert.equal(
    [method, account, selector, params.block_id],
    ['starknet_call', key.address, '0x28420862938116cb3bbdbedee07451ccc54d4e9412dbef71142ad1980a30941', 'latest'],
  );
  const hash = typedDataHash(JSON.parse(text) as TypedData, BigInt(key.address));
  assert.equal(calldata, [`0x${hash.toString(16)}`, '0x2', ...right.signature.map((felt) => `0x${BigInt(felt).toString(16)}`)]);
});

starknet.run();
