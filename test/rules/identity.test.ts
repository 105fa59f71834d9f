import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { challengeText, type ChallengeWords, mayGiveUp, siweText, startCoins } from '../../rules/identity.ts';

const identity = suite('rules/identity');

const words: ChallengeWords = {
  chain: 'advc',
  address: 'AST9CekEhDWuxHPynRmeyjg5biNFSijvb3',
  purpose: 'link',
  playerId: '01a1fdaf-9c2a-7000-8af8-5ad81d66115c',
  site: 'https://play.example',
  nonce: 'n0123456789abcdef01234567',
  issuedAt: new Date('2026-11-21T12:00:00Z'),
  expiresAt: new Date('2026-11-21T12:10:00Z'),
  starknetChain: 'SN_MAIN',
};

identity('most start coins wait for a verified address, where mail is sent; together they are always the same', () => {
  assert.equal(startCoins({ mailed: false }), { now: 1_000n, onVerifying: 0n });
  assert.equal(startCoins({ mailed: true }), { now: 100n, onVerifying: 900n });
});

identity('the last way in may not be given up', () => {
  assert.not.ok(mayGiveUp({ password: false, identities: 0, wallets: 0 }));
  for (const left of [
    { password: true, identities: 0, wallets: 0 },
    { password: false, identities: 1, wallets: 0 },
    { password: false, identities: 0, wallets: 1 },
  ])
    assert.ok(mayGiveUp(left));
});

identity('a challenge names the site, what it is for, whose it is, the wallet and its end, on one line for a coin wallet', () => {
  assert.is(
    challengeText(words),
    'play.example: Link this wallet to player 01a1fdaf-9c2a-7000-8af8-5ad81d66115c. Wallet AST9CekEhDWuxHPynRmeyjg5biNFSijvb3. ' +
      'Nonce n0123456789abcdef01234567. Valid until 2026-11-21T12:10:00.000Z.',
  );
  assert.match(challengeText({ ...words, purpose: 'sign_in', playerId: null }), /^play\.example: Sign in\. Wallet/);
});

identity('an Ethereum challenge is EIP-4361, to the letter', () => {
  const text = siweText({
    site: 'https://game.example',
    uri: 'https://game.example/login',
    address: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    statement: 'Sign in.',
    chainId: 1,
    nonce: 'abcdEFGH12345678',
    issuedAt: new Date('2026-01-01T00:00:00.000Z'),
    expiresAt: new Date('2026-01-01T00:10:00.000Z'),
  });
  assert.is(
    text,
    [
      'game.example wants you to sign in with your Ethereum account:',
      '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
      '',
      'Sign in.',
      '',
      'URI: https://game.example/login',
      'Version: 1',
      'Chain ID: 1',
      'Nonce: abcdEFGH12345678',
      'Issued At: 2026-01-01T00:00:00.000Z',
      'Expiration Time: 2026-01-01T00:10:00.000Z',
    ].join('\n'),
  );
});

identity('a Starknet challenge is typed data for one chain, its times in seconds', () => {
  const { domain, primaryType, message } = JSON.parse(
    challengeText({ ...words, chain: 'starknet', starknetChain: 'SN_SEPOLIA' }),
  );
  assert.equal([domain.chainId, domain.revision, primaryType], ['SN_SEPOLIA', '1', 'Challenge']);
  assert.equal(message, {
    site: 'play.example',
    statement: 'Link this wallet to player 01a1fdaf-9c2a-7000-8af8-5ad81d66115c.',
    nonce: 'n0123456789abcdef01234567',
    issuedAt: 1_795_262_400,
    expiresAt: 1_795_263_000,
  });
});

identity.run();
