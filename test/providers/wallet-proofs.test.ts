// Signatures against published vectors, and every way to bend one.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ADVC,
  ADVC_TEST,
  coinAddress,
  coinMessageHash,
  type CoinNetwork,
  evmAddress,
  personalHash,
  signedByCoin,
  signedByEvm,
} from '../../providers/wallet-proofs.ts';
import { siweText } from '../../rules/identity.ts';

const TEXT = 'This is an example of a signed message.';
const COMPRESSED = 'AST9CekEhDWuxHPynRmeyjg5biNFSijvb3';
const UNCOMPRESSED = 'AV4FDbFge8h4jLSwthoSv7K9CMTQKnJ6Bi';
const NESTED = '5KcM26GKgFotoN4iKDU6tj9Gnof1ouknaK';
const SEGWIT = 'advc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgv5ylw';
const SIGNATURE = 'IEkRQtHBZTabaWk6SGJFaS1eJA0tsmeWPlJ3kX3oIf/JBueYZnd/ZzJQzPVzK3NUDgFQc5lXuGhsEdhUedjYE18=';
const BITCOIN: CoinNetwork = { magic: 'Bitcoin Signed Message:\n', p2pkh: 0, p2sh: 5, prefix: 'bc' };

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The same signature with another header byte. */
function headed(header: number): string {
  const bytes = Buffer.from(SIGNATURE, 'base64');
  bytes[0] = header;
  return bytes.toString('base64');
}

/** The other signature that the same maths accepts: n − s and the other bit. */
function twin(compact: Uint8Array): Uint8Array {
  const { r, s } = secp256k1.Signature.fromBytes(compact, 'compact');
  return new secp256k1.Signature(r, secp256k1.Point.Fn.ORDER - s).toBytes('compact');
}

const proofs = suite('providers/wallet-proofs');

proofs('a coin’s message is hashed with its own magic', () => {
  assert.is(hex(coinMessageHash(TEXT, ADVC.magic)), '3f34e3a53a7a6ac5362260c3dff33107fabf6dd4e3c8b49c852f10b769dfee4a');
  assert.is(hex(coinMessageHash(TEXT, BITCOIN.magic)), 'd0e5595ac689a1df9f0b13443e0efd876eeb762d50a05f7179b1506bfccfeec5');
  assert.is(hex(coinMessageHash('', BITCOIN.magic)), '80e795d4a4caadd7047af389d9f7f220562feb6196032e2131e10563352c4bcc');
  assert.is(
    hex(coinMessageHash('Vires is Numeris', BITCOIN.magic)),
    'f8a5affbef4a3241b19067aa694562f64f513310817297089a8929a930f4f933',
  );
  assert.is(coinMessageHash('a'.repeat(300), ADVC.magic).length, 32);
});

proofs('each kind of address is proved by the header byte that is its own, and by no other', () => {
  const own = { [UNCOMPRESSED]: 28, [COMPRESSED]: 32, [NESTED]: 36, [SEGWIT]: 40 };
  for (const [address, header] of Object.entries(own)) {
    for (let byte = 0; byte < 256; byte++) {
      const signed = signedByCoin({ address, text: TEXT, signature: headed(byte) }, ADVC);
      assert.is(signed, byte === header, `${address} ${byte}`);
    }
  }
});

proofs('Bitcoin’s own vectors pass under Bitcoin’s network', () => {
  const signature = 'H9Em+RLOt1e7afThYiLZ2wd1e6jKfs4PR3BR6IgN2wzDIr65JQCekTXdQ/edzqLvRdpaypsQiHtfvZ1cAt1VR6k=';
  assert.ok(signedByCoin({ address: '1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH', text: TEXT, signature }, BITCOIN));
  assert.ok(
    signedByCoin(
      {
        address: '16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM',
        text: 'vires is numeris',
        signature: 'G8JawPtQOrybrSP1WHQnQPr67B9S3qrxBrl1mlzoTJOSHEpmnF7D3+t+LX0Xei9J20B5AIdPbeL3AaTBZ4N3bY0=',
      },
      BITCOIN,
    ),
  );
});

proofs('an altered text, another address, another network and another magic are no proof', () => {
  const right = { address: COMPRESSED, text: TEXT, signature: SIGNATURE };
  assert.ok(signedByCoin(right, ADVC));
  const cases: [string, typeof right, CoinNetwork][] = [
    ['text', { ...right, text: `${TEXT} ` }, ADVC],
    ['another’s address', { ...right, address: 'ATBxmBJ9974wk3XVZU8my3gcJeYJe7TEkS' }, ADVC],
    ['Bitcoin’s address of the same key', { ...right, address: '1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH' }, ADVC],
    ['the test network', right, ADVC_TEST],
    ['Bitcoin’s magic', right, { ...ADVC, magic: BITCOIN.magic }],
    ['the kind of address', { ...right, address: NESTED }, ADVC],
  ];
  for (const [what, signed, network] of cases) assert.not.ok(signedByCoin(signed, network), what);
});

proofs('base64 with anything else in it, short, long or not base64 is no signature', () => {
  const bytes = Buffer.from(SIGNATURE, 'base64');
  const cases = [
    '',
    `${SIGNATURE} `,
    ` ${SIGNATURE}`,
    SIGNATURE.replace('=', ''),
    `${SIGNATURE}=`,
    SIGNATURE.replace('I', '!I'),
    `${SIGNATURE.slice(0, 40)}\n${SIGNATURE.slice(40)}`,
    SIGNATURE.replaceAll('+', '-').replaceAll('/', '_'),
    bytes.subarray(0, 64).toString('base64'),
    Buffer.concat([bytes, Buffer.of(0)]).toString('base64'),
    'not a signature at all',
    Buffer.alloc(65).toString('base64'),
    Buffer.alloc(65, 255).toString('base64'),
    Buffer.concat([Buffer.of(32), Buffer.alloc(64)]).toString('base64'),
    Buffer.concat([Buffer.of(32), Buffer.alloc(64, 255)]).toString('base64'),
  ];
  for (const signature of cases) assert.not.ok(signedByCoin({ address: COMPRESSED, text: TEXT, signature }, ADVC), signature);
});

proofs('the twin with a high s is refused, whichever bit it comes with', () => {
  const bytes = Buffer.from(SIGNATURE, 'base64');
  for (let header = 27; header < 43; header++) {
    const signature = Buffer.concat([Buffer.of(header), twin(bytes.subarray(1))]).toString('base64');
    for (const address of [COMPRESSED, UNCOMPRESSED, NESTED, SEGWIT])
      assert.not.ok(signedByCoin({ address, text: TEXT, signature }, ADVC), `${header} ${address}`);
  }
});

proofs('a coin address has one form; a wrong digit, network or length is none', () => {
  for (const address of [COMPRESSED, UNCOMPRESSED, NESTED, SEGWIT]) assert.is(coinAddress(address, ADVC), address);
  assert.is(coinAddress(SEGWIT.toUpperCase(), ADVC), SEGWIT);
  const cases = [
    '',
    COMPRESSED.slice(0, -1),
    `${COMPRESSED}1`,
    COMPRESSED.replace('AST9', 'AST8'),
    COMPRESSED.toLowerCase(),
    `${COMPRESSED}\n`,
    '1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH',
    SEGWIT.replace('qw5', 'Qw5'),
    SEGWIT.replace(/w$/, 'x'),
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
    'advc1',
    'A'.repeat(1_000),
  ];
  for (const address of cases) assert.is(coinAddress(address, ADVC), null, address);
  assert.is(coinAddress(COMPRESSED, ADVC_TEST), null);
});

const EVM = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const SIWE = siweText({
  site: 'https://game.example',
  uri: 'https://game.example/login',
  address: EVM,
  statement: 'Sign in.',
  chainId: 1,
  nonce: 'abcdEFGH12345678',
  issuedAt: new Date('2026-01-01T00:00:00.000Z'),
  expiresAt: new Date('2026-01-01T00:10:00.000Z'),
});
const EVM_SIGNATURE =
  '0xe18cedcee624bd690263f44bb809fd071874bcd389760a5c8a21f6fcb13d1bec7a5df0e0dccf6386fe1b59c71c2d4db89cfedd4cff84ed1f17e2b026b09e42071b';

proofs('an Ethereum account proves itself by personal_sign', () => {
  assert.is(hex(personalHash(SIWE)), 'b603152331dfe907fe3e718cece0c70e34d709574ecd2545a768ac8acdc92bfd');
  assert.ok(signedByEvm({ address: EVM, text: SIWE, signature: EVM_SIGNATURE }));
  assert.ok(
    signedByEvm({ address: EVM, text: SIWE, signature: EVM_SIGNATURE.replace(/1b$/, '00') }),
    'some wallets say 0 for 27',
  );
});

proofs('another text, another account, a twin, and what is no signature prove nothing', () => {
  const compact = Buffer.from(EVM_SIGNATURE.slice(2, -2), 'hex');
  const cases: [string, { address?: string; text?: string; signature?: string }][] = [
    ['text', { text: SIWE.replace('game.example', 'evil.example') }],
    ['account', { address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' }],
    ['bit', { signature: EVM_SIGNATURE.replace(/1b$/, '1c') }],
    ['bit out of range', { signature: EVM_SIGNATURE.replace(/1b$/, '1d') }],
    ['twin', { signature: `0x${hex(twin(compact))}1c` }],
    ['short', { signature: EVM_SIGNATURE.slice(0, -2) }],
    ['long', { signature: `${EVM_SIGNATURE}00` }],
    ['not hex', { signature: `0x${'g'.repeat(130)}` }],
    ['zeros', { signature: `0x${'0'.repeat(130)}` }],
    ['no 0x', { signature: EVM_SIGNATURE.slice(2) }],
  ];
  for (const [what, change] of cases)
    assert.not.ok(signedByEvm({ address: EVM, text: SIWE, signature: EVM_SIGNATURE, ...change }), what);
});

proofs('an Ethereum address may come in lower case or with right capitals, and has one form', () => {
  for (const address of [EVM, EVM.toLowerCase(), `0x${EVM.slice(2).toUpperCase()}`]) assert.is(evmAddress(address), EVM);
  for (const address of ['', '0x', EVM.slice(2), `${EVM}0`, EVM.replace('C5', 'c5'), `0X${EVM.slice(2)}`])
    assert.is(evmAddress(address), null, address);
});

proofs.run();
