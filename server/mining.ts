// Mining as the settings want it: pools and a chain of the operator's, a sandbox on loopback in development, or none.
import { randomBytes } from 'node:crypto';
import type { Store } from '../persistence/store.ts';
import { CONFIRMATIONS } from '../rules/mining.ts';
import type { Chain } from '../providers/coin-chain.ts';
import { openDaemon } from '../providers/coin-daemon.ts';
import { openExplorer } from '../providers/coin-explorer.ts';
import { openMiningCore, openYiimp } from '../providers/pool.ts';
import { openPoolKeys } from '../providers/pool-keys.ts';
import {
  SANDBOX_DONATION_ADDRESS,
  SANDBOX_FEE_ADDRESS,
  SANDBOX_MINER_ADDRESS,
  SANDBOX_PAYER_ADDRESS,
  startCoinSandbox,
} from '../providers/sandbox/coin-daemon.ts';
import type { Settings } from './config.ts';
import type { MiningSettings } from './config-mining.ts';
import type { Log, MiningDesk } from './house.ts';
import { type Miner, type MinerParts, miningJobs, openMiner } from './miner.ts';
import { startSandboxMining } from './mining-sandbox.ts';
import type { Job } from './schedule.ts';

export interface HouseMining {
  desk: MiningDesk | null;
  miner: Miner | null;
  jobs: Job[];
  close(): Promise<void>;
}

const now = () => new Date();

export async function openHouseMining(settings: Settings, store: Store, log: Log): Promise<HouseMining> {
  const own = accountMiner(settings, store, log);
  if (own !== null) return { ...own, jobs: miningJobs(own.miner, { store }), close: async () => undefined };
  if (settings.environment !== 'development') return { desk: null, miner: null, jobs: [], close: async () => undefined };
  const sandbox = await startCoinSandbox();
  const opened = minerOf(sandboxSettings(sandbox.rpcUrl), { store, log, now });
  await store.mining.cursors.forget('chain'); // this chain is a new one each time: what the last one bore out stays
  await opened.miner.round();
  const playing = startSandboxMining({ sandbox, store, log });
  const close = async () => {
    await playing.stop();
    await sandbox.close();
  };
  return { ...opened, jobs: miningJobs(opened.miner, { store }), close };
}

/** By the settings alone: for a command, which has no sandbox. null: not set up. */
export const accountMiner = ({ mining }: Settings, store: Store, log: Log): { desk: MiningDesk; miner: Miner } | null =>
  mining === null ? null : minerOf(mining, { store, log, now });

const sandboxSettings = (rpcUrl: string): MiningSettings => ({
  keys: [{ pool: 'sandbox', secret: randomBytes(32).toString('hex') }],
  yiimp: [],
  miningCore: [],
  rpcUrl,
  explorerUrl: null,
  payers: [SANDBOX_PAYER_ADDRESS, SANDBOX_MINER_ADDRESS].map((address) => ({ name: 'sandbox-pool', address })),
  solo: true,
  donationAddress: SANDBOX_DONATION_ADDRESS,
  feeAddress: SANDBOX_FEE_ADDRESS,
  confirmations: CONFIRMATIONS,
});

export function minerOf(
  settings: MiningSettings,
  { store, log, now }: { store: Store; log: Log; now(): Date },
): { desk: MiningDesk; miner: Miner } {
  const chain = chainOf(settings);
  const { payers, donationAddress, feeAddress, confirmations, solo } = settings;
  const reserved = new Set([
    feeAddress,
    ...(donationAddress === null ? [] : [donationAddress]),
    ...payers.map(({ address }) => address),
  ]);
  const desk: MiningDesk = {
    ...openPoolKeys(settings.keys),
    confirms: chain !== null,
    confirmations,
    donationAddress: chain === null ? null : donationAddress,
    reserved: (address) => reserved.has(address),
  };
  const byAddress = new Map(payers.map(({ name, address }) => [address, name]));
  const parts: MinerParts = {
    desk,
    store,
    now,
    log,
    pools: [...settings.yiimp.map(openYiimp), ...settings.miningCore.map(openMiningCore)],
    chain: chain && { store, chain, payers: byAddress, solo, donationAddress, reserved, confirmations, log },
  };
  return { desk, miner: openMiner(parts) };
}

function chainOf({ rpcUrl, explorerUrl }: MiningSettings): Chain | null {
  if (rpcUrl !== null) return openDaemon({ url: rpcUrl });
  return explorerUrl === null ? null : openExplorer({ url: explorerUrl });
}
