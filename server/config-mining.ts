// The settings of mining: pools that sign what they tell, pools that are asked, and the chain that bears it out.
import { z } from 'zod';
import type { PoolKey } from '../providers/pool-keys.ts';
import { ADVC, coinAddress } from '../providers/wallet-proofs.ts';
import { CONFIRMATIONS } from '../rules/mining.ts';

export interface NamedUrl {
  name: string;
  url: string;
}

export interface MiningSettings {
  keys: readonly PoolKey[];
  yiimp: readonly NamedUrl[];
  miningCore: readonly NamedUrl[];
  /** The coin's daemon, with user and password. */
  rpcUrl: string | null;
  /** The public service; asked where there is no daemon. */
  explorerUrl: string | null;
  /** Pools by the addresses they pay from. */
  payers: readonly { name: string; address: string }[];
  solo: boolean;
  donationAddress: string | null;
  /** What every block pays to whoever made the coin. */
  feeAddress: string;
  confirmations: number;
}

const SECRET_MIN = 32;
/** Changing from one key to another takes two. */
const KEYS_A_POOL_MAX = 2;

const FEE_ADDRESS = 'AeD4pPi3D5kB9aMEgH3eRHoD6XMKbrpRAW';

const poolName = /^[a-z][a-z\d-]{1,31}$/;

/** `name=value` with commas between; null: not that. */
function pairsOf(text: string): { name: string; value: string }[] | null {
  const pairs = text.split(',').map((pair) => {
    const mark = pair.indexOf('=');
    return { name: pair.slice(0, mark).trim(), value: pair.slice(mark + 1).trim() };
  });
  return pairs.every(({ name, value }) => poolName.test(name) && value !== '') ? pairs : null;
}

const pairs = (words: string, right: (value: string) => boolean) =>
  z
    .string()
    .transform((text, context) => {
      const read = pairsOf(text);
      if (read?.every(({ value }) => right(value))) return read;
      context.addIssue({ code: 'custom', message: words });
      return z.NEVER;
    })
    .default([]);

const isWeb = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

const web = (words: string) => z.string().refine(isWeb, words).transform(withoutSlash).optional();

const isAddress = (text: string): boolean => coinAddress(text, ADVC) === text;

const coin = (words: string) => z.string().refine(isAddress, words);

export const MINING_FORMAT = {
  MINING_POOL_KEYS: pairs(
    'is a list such as acme=<secret of 32 characters or more>,other=<secret>; a pool that changes its key has two',
    (secret) => secret.length >= SECRET_MIN,
  ),
  MINING_YIIMP: pairs('is a list such as zpool=https://zpool.ca/api', isWeb),
  MINING_MININGCORE: pairs('is a list such as acme=https://pool.example/api/pools/advc1', isWeb),
  MINING_RPC_URL: web('is the address of the coin’s daemon, such as http://user:password@127.0.0.1:9982'),
  MINING_EXPLORER_URL: web('is the address of the coin’s public service, such as https://api.adventurecoin.quest'),
  MINING_PAYERS: pairs('is a list of the addresses pools pay from, such as zpool=ATBx…,other=A…', isAddress),
  MINING_SOLO: z.enum(['on', 'off'], 'is on or off').default('on'),
  MINING_DONATION_ADDRESS: coin('is an address of the coin').optional(),
  MINING_FEE_ADDRESS: coin('is an address of the coin').default(FEE_ADDRESS),
  MINING_CONFIRMATIONS: z
    .string()
    .regex(/^\d{1,3}$/, 'is a number of blocks from 1 to 100')
    .transform(Number)
    .refine((blocks) => blocks >= 1 && blocks <= 100, 'is a number of blocks from 1 to 100')
    .default(CONFIRMATIONS),
};

/** What no single setting shows. */
export function miningMistakes(given: Record<string, string | undefined>): string[] {
  const mistakes: string[] = [];
  const names = (name: string): string[] => (pairsOf(given[name] ?? '') ?? []).map((pair) => pair.name);
  const signing = names('MINING_POOL_KEYS');
  const asked = [...names('MINING_YIIMP'), ...names('MINING_MININGCORE')];
  const chain = given.MINING_RPC_URL !== undefined || given.MINING_EXPLORER_URL !== undefined;
  for (const name of new Set(signing))
    if (signing.filter((one) => one === name).length > KEYS_A_POOL_MAX)
      mistakes.push(`MINING_POOL_KEYS has more than two keys of ${name}: two are enough to change from one to the other`);
  for (const name of new Set(asked)) {
    if (signing.includes(name))
      mistakes.push(`${name} is in MINING_POOL_KEYS and among the pools that are asked: it is one or the other`);
    if (asked.filter((one) => one === name).length > 1) mistakes.push(`${name} is asked in two ways: once is enough`);
  }
  if (asked.includes('solo') || signing.includes('solo') || names('MINING_PAYERS').includes('solo'))
    mistakes.push('No pool is called solo: that is the name of what players mine by themselves');
  if (chain) return mistakes;
  for (const name of ['MINING_YIIMP', 'MINING_MININGCORE', 'MINING_PAYERS', 'MINING_DONATION_ADDRESS'])
    if (given[name] !== undefined)
      mistakes.push(`${name} needs MINING_RPC_URL or MINING_EXPLORER_URL: what nobody signed, the chain has to bear out`);
  return mistakes;
}

/** null: not set up. */
export function miningSettings(format: z.output<z.ZodObject<typeof MINING_FORMAT>>): MiningSettings | null {
  const { MINING_POOL_KEYS: keys, MINING_RPC_URL: rpcUrl, MINING_EXPLORER_URL: explorerUrl } = format;
  if (keys.length === 0 && rpcUrl === undefined && explorerUrl === undefined) return null;
  const urls = (list: readonly { name: string; value: string }[]) =>
    list.map(({ name, value }) => ({ name, url: withoutSlash(value) }));
  return {
    keys: keys.map(({ name, value }) => ({ pool: name, secret: value })),
    yiimp: urls(format.MINING_YIIMP),
    miningCore: urls(format.MINING_MININGCORE),
    rpcUrl: rpcUrl ?? null,
    explorerUrl: explorerUrl ?? null,
    payers: format.MINING_PAYERS.map(({ name, value }) => ({ name, address: value })),
    solo: format.MINING_SOLO === 'on',
    donationAddress: format.MINING_DONATION_ADDRESS ?? null,
    feeAddress: format.MINING_FEE_ADDRESS,
    confirmations: format.MINING_CONFIRMATIONS,
  };
}
