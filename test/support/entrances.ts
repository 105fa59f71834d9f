// A house whose ways in are open: a sandbox for accounts elsewhere, keys of wallets, and a mailer that keeps what it is given.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { createBase58check } from '@scure/base';
import type { MailWay } from '../../persistence/entrances.ts';
import type { Mail, Mailer } from '../../providers/mail.ts';
import { SANDBOX_CLIENT, startSocialSandbox } from '../../providers/sandbox/social.ts';
import { openDiscordSignIn, openIdTokens, subjectOfGoogle, subjectOfWeb3Auth } from '../../providers/social.ts';
import { openStarknet } from '../../providers/starknet.ts';
import { ADVC, coinMessageHash, evmAddress, personalHash } from '../../providers/wallet-proofs.ts';
import { openWalletChains } from '../../providers/wallets.ts';
import { sendMails } from '../../server/mail.ts';
import { openRest, type Rest } from './rest.ts';
import { memoryStore } from './store.ts';

export type Entrances = Awaited<ReturnType<typeof openEntranceRest>>;

export async function openEntranceRest({ mail = 'sent' }: { mail?: MailWay } = {}) {
  const stored = await memoryStore({ mail });
  const rest: Rest = await openRest({ store: stored });
  const { now } = rest.clock;
  const sandbox = await startSocialSandbox({ now });
  const postbox = keptMailer();
  const site = rest.house.settings.publicUrl;
  const issuerOf = (name: string) => ({ issuer: `${sandbox.url}/${name}`, jwksUrl: `${sandbox.url}/${name}/jwks` });
  const shared = { audiences: [SANDBOX_CLIENT.id], redirectUrl: `${site}/` };
  const starknet = openStarknet({ rpcUrl: null, chainId: 'SN_MAIN' });
  rest.house.providers = {
    ...rest.house.providers,
    mail: mail === 'off' ? null : postbox.mailer,
    google: openIdTokens(
      {
        ...shared,
        issuers: [issuerOf('google')],
        algorithm: 'RS256',
        subjectOf: subjectOfGoogle,
        authorizeUrl: `${sandbox.url}/google/authorize`,
      },
      { now },
    ),
    web3auth: openIdTokens(
      { ...shared, issuers: [issuerOf('web3auth')], algorithm: 'ES256', subjectOf: subjectOfWeb3Auth, authorizeUrl: null },
      { now },
    ),
    discordSignIn: openDiscordSignIn({
      clientId: SANDBOX_CLIENT.id,
      clientSecret: SANDBOX_CLIENT.secret,
      redirectUrl: `${site}/`,
      baseUrl: `${sandbox.url}/discord`,
    }),
    starknet,
    wallets: openWalletChains({ advc: ADVC, starknet }),
  };
  return {
    ...rest,
    sandbox,
    mails: postbox.mails,
    postbox,
    /** One round of the postman; the tokens of what was sent, in order. */
    async post(): Promise<string[]> {
      const before = postbox.mails.length;
      await sendMails({ store: rest.store, mailer: postbox.mailer, site, log: rest.house.log });
      return postbox.mails.slice(before).map(({ text }) => /#\w+=([\w-]{43})$/m.exec(text)![1]!);
    },
    async close() {
      await rest.close();
      await sandbox.close();
      await stored.close();
    },
  };
}

/** Keeps what it is given; `fails` makes it refuse. */
export function keptMailer() {
  const mails: Mail[] = [];
  let fault: Error | null = null;
  const mailer: Mailer = {
    async send(mail) {
      if (fault !== null) throw fault;
      mails.push(mail);
    },
    shown: null,
    close: () => undefined,
  };
  return { mailer, mails, fail: (error: Error | null) => void (fault = error) };
}

const base58check = createBase58check(sha256);

/** A coin's wallet with one key, as a daemon makes it. */
export function coinWallet(privateKey: Uint8Array = secp256k1.utils.randomSecretKey()) {
  const keyHash = ripemd160(sha256(secp256k1.getPublicKey(privateKey, true)));
  return {
    address: base58check.encode(Uint8Array.of(ADVC.p2pkh, ...keyHash)),
    sign(text: string): string {
      const signed = secp256k1.sign(coinMessageHash(text, ADVC.magic), privateKey, { prehash: false, format: 'recovered' });
      return Buffer.concat([Buffer.of(31 + signed[0]!), signed.subarray(1)]).toString('base64');
    },
  };
}

/** An Ethereum account with one key. */
export function evmWallet(privateKey: Uint8Array = secp256k1.utils.randomSecretKey()) {
  const key = secp256k1.getPublicKey(privateKey, false).subarray(1);
  return {
    address: evmAddress(`0x${Buffer.from(keccak_256(key).subarray(12)).toString('hex')}`)!,
    sign(text: string): string {
      const signed = secp256k1.sign(personalHash(text), privateKey, { prehash: false, format: 'recovered' });
      return `0x${Buffer.from(signed.subarray(1)).toString('hex')}${(27 + signed[0]!).toString(16)}`;
    },
  };
}
