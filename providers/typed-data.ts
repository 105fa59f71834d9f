// SNIP-12, revision 1, as far as a flat struct needs it: https://github.com/starknet-io/SNIPs/blob/main/SNIPS/snip-12.md
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { keccak, poseidonHashMany } from '@scure/starknet';
import type { TypedField } from '../rules/identity.ts';

export interface TypedData {
  types: Record<string, readonly TypedField[]>;
  primaryType: string;
  domain: Record<string, string | number>;
  message: Record<string, string | number>;
}

/** What an account signs; `account` is a field element. */
export function typedDataHash(data: TypedData, account: bigint): bigint {
  const domain = structHash('StarknetDomain', data.types, data.domain);
  const message = structHash(data.primaryType, data.types, data.message);
  return poseidonHashMany([shortText('StarkNet Message'), domain, account, message]);
}

function structHash(name: string, types: TypedData['types'], values: Record<string, string | number>): bigint {
  const fields = types[name] ?? [];
  const written = fields.map((field) => `"${field.name}":"${field.type}"`).join(',');
  const encoded = fields.map((field) => fieldHash(field, values[field.name]!));
  return poseidonHashMany([keccak(utf8ToBytes(`"${name}"(${written})`)), ...encoded]);
}

function fieldHash({ type }: TypedField, value: string | number): bigint {
  if (type === 'timestamp' || type === 'felt') return BigInt(value);
  return type === 'string' ? byteArrayHash(String(value)) : shortText(String(value));
}

const TEXT_BYTES_MAX = 31;

/** Digits count as a number, as wallets have it. */
function shortText(text: string): bigint {
  if (/^\d+$/.test(text)) return BigInt(text);
  const bytes = utf8ToBytes(text);
  if (bytes.length > TEXT_BYTES_MAX) throw new RangeError(`too long for a short string: ${bytes.length} bytes`);
  return numberIn(bytes);
}

/** Cairo's ByteArray: full words of 31 bytes, then what is left and its length. */
function byteArrayHash(text: string): bigint {
  const bytes = utf8ToBytes(text);
  const full = Math.floor(bytes.length / TEXT_BYTES_MAX);
  const words = Array.from({ length: full }, (_, index) =>
    numberIn(bytes.subarray(index * TEXT_BYTES_MAX, (index + 1) * TEXT_BYTES_MAX)),
  );
  const rest = bytes.subarray(full * TEXT_BYTES_MAX);
  return poseidonHashMany([BigInt(full), ...words, numberIn(rest), BigInt(rest.length)]);
}

const numberIn = (bytes: Uint8Array): bigint => bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
