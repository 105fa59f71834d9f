// Whether a Starknet account signed a challenge. An account is a contract and decides by itself what it takes for its
// signature, so the chain is asked. An account that is not there yet follows from its key: then its address is the proof.
import { computeHashOnElements, pedersen, Signature, verify } from '@scure/starknet';
import type { TypedChallenge } from '../rules/identity.ts';
import { typedDataHash } from './typed-data.ts';

export interface StarknetSettings {
  /** A node's JSON-RPC; null: only accounts that are not deployed can be checked, which is for development. */
  rpcUrl: string | null;
  /** SN_MAIN or SN_SEPOLIA. */
  chainId: string;
}

export interface StarknetSigned {
  address: string;
  /** The challenge, as JSON. */
  text: string;
  /** Field elements, hex or decimal. */
  signature: readonly string[];
  /** The key of an account that is not deployed; null: the account is. */
  publicKey: string | null;
}

/** `unknown`: the node did not say. */
export type StarknetAnswer = 'signed' | 'not_signed' | 'unknown';

export type Starknet = ReturnType<typeof openStarknet>;

const CALL_MS = 8_000;

export function openStarknet({ rpcUrl, chainId }: StarknetSettings, { callMs = CALL_MS }: { callMs?: number } = {}) {
  return {
    chainId,

    async signed({ address, text, signature, publicKey }: StarknetSigned): Promise<StarknetAnswer> {
      const account = starknetAddress(address);
      const felts = signature.map(feltOf);
      if (account === null || felts.includes(null)) return 'not_signed';
      const hash = typedDataHash(JSON.parse(text) as TypedChallenge, BigInt(account));
      const given = felts as bigint[];
      const said = rpcUrl === null ? 'not_deployed' : await askAccount(rpcUrl, { account, hash, signature: given }, callMs);
      if (said !== 'not_deployed') return said;
      const key = publicKey === null ? null : feltOf(publicKey);
      return key !== null && signedByKey(hash, given, key) && addressesOf(key).includes(account) ? 'signed' : 'not_signed';
    },
  };
}

/** 0x and 64 lower-case digits; null: not an address of a contract. */
export function starknetAddress(text: string): string | null {
  if (!/^0x[\da-fA-F]{1,64}$/.test(text)) return null;
  const number = BigInt(text);
  return number > 1n && number < ADDRESS_END ? hex64(number) : null;
}

const ADDRESS_END = 2n ** 251n - 256n;
const PRIME = 2n ** 251n + 17n * 2n ** 192n + 1n;

const hex64 = (number: bigint): string => `0x${number.toString(16).padStart(64, '0')}`;

function feltOf(text: string): bigint | null {
  if (!/^(0x[\da-fA-F]{1,64}|\d{1,77})$/.test(text)) return null;
  const number = BigInt(text);
  return number < PRIME ? number : null;
}

/** Classes that wallets deploy new accounts with, and what each constructor takes. The salt is the key. */
const CLASSES: readonly { classHash: string; calldata(key: bigint): bigint[] }[] = [
  // OpenZeppelin 1.0.0
  { classHash: '0x05b4b537eaa2399e3aa99c4e2e0208ebd6c71bc1467938cd52c798c601e43564', calldata: (key) => [key] },
  // Argent (Ready) 0.4.0: a Starknet signer, no guardian
  { classHash: '0x036078334509b514626504edc9fb252328d1a240e4e948bef8d0c08dff45927f', calldata: (key) => [0n, key, 1n] },
  // Braavos base 1.2.0
  { classHash: '0x03d16c7a9a60b0593bd202f660a28c5d76e0403601d9ccc7e4fa253b6a70c201', calldata: (key) => [key] },
];

/** Where wallets would put an account with this key. */
export const addressesOf = (key: bigint): string[] =>
  CLASSES.map(({ classHash, calldata }) => {
    const constructed = BigInt(hashOf(calldata(key)));
    const address = hashOf([CONTRACT_ADDRESS, BY_ITSELF, key, BigInt(classHash), constructed]);
    return hex64(BigInt(address) % ADDRESS_END);
  });

/** The deployer, where there is none. */
const BY_ITSELF = 0n;
/** 'STARKNET_CONTRACT_ADDRESS' */
const CONTRACT_ADDRESS = BigInt(`0x${Buffer.from('STARKNET_CONTRACT_ADDRESS').toString('hex')}`);

const hashOf = (elements: bigint[]): string => String(computeHashOnElements(elements, pedersen));

/** [r, s], or Argent's list of one Starknet signer: [1, 0, key, r, s]. */
function signedByKey(hash: bigint, signature: readonly bigint[], key: bigint): boolean {
  const listed = signature.length === 5 && signature[0] === 1n && signature[1] === 0n && signature[2] === key;
  const [r, s] = listed ? signature.slice(3) : signature;
  if ((!listed && signature.length !== 2) || r === undefined || s === undefined) return false;
  const text = key.toString(16).padStart(64, '0');
  return ['02', '03'].some((sign) => verifies({ r, s, hash, key: sign + text }));
}

function verifies({ r, s, hash, key }: { r: bigint; s: bigint; hash: bigint; key: string }): boolean {
  try {
    return verify(new Signature(r, s), hash.toString(16).padStart(64, '0'), key);
  } catch (error) {
    if (error instanceof Error) return false; // out of range, or no point of the curve
    throw error;
  }
}

interface Asked {
  account: string;
  hash: bigint;
  signature: readonly bigint[];
}

/** 'is_valid_signature' */
const SELECTOR = '0x28420862938116cb3bbdbedee07451ccc54d4e9412dbef71142ad1980a30941';
/** The short string VALID, and what the first accounts said. */
const YES = new Set([BigInt(`0x${Buffer.from('VALID').toString('hex')}`), 1n]);
const NOT_FOUND = 20;
/** No such entry point; the contract gave up. */
const REFUSED = new Set([21, 40]);

async function askAccount(
  url: string,
  { account, hash, signature }: Asked,
  ms: number,
): Promise<StarknetAnswer | 'not_deployed'> {
  const calldata = [hash, BigInt(signature.length), ...signature].map((felt) => `0x${felt.toString(16)}`);
  const request = { contract_address: account, entry_point_selector: SELECTOR, calldata };
  const told = await rpc(url, { method: 'starknet_call', params: { request, block_id: 'latest' } }, ms);
  if (told === null) return 'unknown';
  const code = typeof told.error === 'object' && told.error !== null && 'code' in told.error ? told.error.code : null;
  if (code === NOT_FOUND) return 'not_deployed';
  if (REFUSED.has(code as number)) return 'not_signed';
  if (code !== null || !Array.isArray(told.result)) return 'unknown';
  const felt = feltOf(String(told.result[0]));
  return told.result.length === 1 && felt !== null && YES.has(felt) ? 'signed' : 'not_signed';
}

/** null: no answer that can be read. */
async function rpc(url: string, call: object, ms: number): Promise<{ result?: unknown; error?: unknown } | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...call }),
      redirect: 'error',
      signal: AbortSignal.timeout(ms),
    });
    const answer: unknown = await response.json();
    return typeof answer === 'object' && answer !== null ? answer : null;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
