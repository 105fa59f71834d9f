// Whether a wallet signed a text. Pure: no network, no clock. What it is asked with comes from strangers, so whatever cannot
// be read is simply no proof. A signature is no key against repeats (it has twins): the text's nonce is.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { bech32, createBase58check } from '@scure/base';

/** What tells one chain of Bitcoin's family from another. */
export interface CoinNetwork {
  magic: string;
  /** Version bytes. */
  p2pkh: number;
  p2sh: number;
  /** Before the 1 of a bech32 address. */
  prefix: string;
}

export const ADVC: CoinNetwork = { magic: 'AdventureCoin Signed Message:\n', p2pkh: 23, p2sh: 10, prefix: 'advc' };
export const ADVC_TEST: CoinNetwork = { magic: ADVC.magic, p2pkh: 83, p2sh: 197, prefix: 'tadvc' };

const base58check = createBase58check(sha256);

interface CoinAddress {
  kind: 'p2pkh' | 'p2sh' | 'p2wpkh';
  /** RIPEMD-160 of SHA-256 of what pays. */
  hash: Uint8Array;
}

/** A coin address in its one form; null: not one of this network. */
export function coinAddress(text: string, network: CoinNetwork): string | null {
  if (readCoinAddress(text, network) === null) return null;
  return text.toLowerCase().startsWith(`${network.prefix}1`) ? text.toLowerCase() : text;
}

function readCoinAddress(text: string, { p2pkh, p2sh, prefix }: CoinNetwork): CoinAddress | null {
  if (text.length > ADDRESS_LENGTH_MAX) return null;
  if (text.toLowerCase().startsWith(`${prefix}1`)) return readSegwit(text, prefix);
  const bytes = orNull(() => base58check.decode(text));
  if (bytes?.length !== 21) return null;
  const kind = bytes[0] === p2pkh ? 'p2pkh' : bytes[0] === p2sh ? 'p2sh' : null;
  return kind === null ? null : { kind, hash: bytes.subarray(1) };
}

const ADDRESS_LENGTH_MAX = 90;

/** Version 0 with 20 bytes (BIP 173): a key's own. */
function readSegwit(text: string, prefix: string): CoinAddress | null {
  const words = orNull(() => bech32.decode(text as `${string}1${string}`));
  if (words === null || words.prefix !== prefix || words.words[0] !== 0) return null;
  const hash = orNull(() => bech32.fromWords(words.words.slice(1)));
  return hash?.length === 20 ? { kind: 'p2wpkh', hash } : null;
}

export interface SignedText {
  address: string;
  text: string;
  signature: string;
}

/** Bitcoin's `signmessage`, and BIP 137's header bytes for the other kinds of address. High s is refused: no wallet makes it. */
export function signedByCoin({ address, text, signature }: SignedText, network: CoinNetwork): boolean {
  const owner = readCoinAddress(address, network);
  const bytes = strictBase64(signature);
  if (owner === null || bytes?.length !== 65) return false;
  const header = bytes[0]! - 27;
  if (header < 0 || header >= KINDS.length * 4) return false;
  const key = recovered({ hash: coinMessageHash(text, network.magic), compact: bytes.subarray(1), bit: header & 3 });
  const kind = KINDS[header >> 2]!;
  if (key === null || kind.address !== owner.kind) return false;
  const keyHash = hash160(key.toBytes(kind.compressed));
  return same(kind.address === 'p2sh' ? hash160(concatBytes(PAY_TO_WITNESS, keyHash)) : keyHash, owner.hash);
}

/** By the header byte, four at a time. */
const KINDS = [
  { address: 'p2pkh', compressed: false },
  { address: 'p2pkh', compressed: true },
  { address: 'p2sh', compressed: true },
  { address: 'p2wpkh', compressed: true },
] as const;

const PAY_TO_WITNESS = Uint8Array.of(0, 20);

const hash160 = (bytes: Uint8Array): Uint8Array => ripemd160(sha256(bytes));

export function coinMessageHash(text: string, magic: string): Uint8Array {
  const parts = [magic, text].flatMap((part) => [compactSize(utf8ToBytes(part).length), utf8ToBytes(part)]);
  return sha256(sha256(concatBytes(...parts)));
}

function compactSize(length: number): Uint8Array {
  if (length < 253) return Uint8Array.of(length);
  if (length < 65_536) return Uint8Array.of(253, length & 255, length >> 8);
  throw new RangeError('a text this long is not signed');
}

/** An Ethereum address as EIP-55 writes it; null: not one, or its capitals are not right. */
export function evmAddress(text: string): string | null {
  if (!/^0x[\da-fA-F]{40}$/.test(text)) return null;
  const lower = text.slice(2).toLowerCase();
  const written = `0x${checksummed(lower)}`;
  const plain = text.slice(2) === lower || text.slice(2) === lower.toUpperCase();
  return plain || text === written ? written : null;
}

function checksummed(lower: string): string {
  const digest = bytesToHex(keccak_256(utf8ToBytes(lower)));
  return Array.from(lower, (digit, index) => (Number.parseInt(digest[index]!, 16) >= 8 ? digit.toUpperCase() : digit)).join('');
}

/** `personal_sign` of a text (EIP-191) by a key's own account; a contract's account signs in no way that can be checked here. */
export function signedByEvm({ address, text, signature }: SignedText): boolean {
  const owner = evmAddress(address);
  if (owner === null || !/^0x[\da-fA-F]{130}$/.test(signature)) return false;
  const bytes = hexToBytes(signature.slice(2));
  const bit = bytes[64]! >= 27 ? bytes[64]! - 27 : bytes[64]!;
  if (bit > 1) return false;
  const key = recovered({ hash: personalHash(text), compact: bytes.subarray(0, 64), bit });
  if (key === null) return false;
  return `0x${checksummed(bytesToHex(keccak_256(key.toBytes(false).subarray(1)).subarray(12)))}` === owner;
}

export function personalHash(text: string): Uint8Array {
  const bytes = utf8ToBytes(text);
  return keccak_256(concatBytes(utf8ToBytes(`\x19Ethereum Signed Message:\n${bytes.length}`), bytes));
}

/** The public key that made a signature; null: none could have, or s is high. */
function recovered({ hash, compact, bit }: { hash: Uint8Array; compact: Uint8Array; bit: number }) {
  return orNull(() => {
    const signature = secp256k1.Signature.fromBytes(compact, 'compact').addRecoveryBit(bit);
    return signature.hasHighS() ? null : signature.recoverPublicKey(hash);
  });
}

/** `Buffer.from` skips what is not base64; here nothing may be skipped. */
function strictBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The libraries throw for what cannot be read; from a stranger that is no fault of ours. */
function orNull<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}
