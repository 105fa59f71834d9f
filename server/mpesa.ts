// M-Pesa as the settings want it: the provider's own, a sandbox on loopback in development, or none.
import { createHash } from 'node:crypto';
import type { Store } from '../persistence/store.ts';
import { type Mpesa, type MpesaSettings, openMpesa } from '../providers/mpesa.ts';
import { SANDBOX_ACCOUNT, startMpesaSandbox } from '../providers/sandbox/mpesa.ts';
import type { Settings } from './config.ts';

export interface HouseMpesa {
  mpesa: Mpesa | null;
  /** Where callbacks are asked to come. */
  callbackUrl: string;
  close(): Promise<void>;
}

export async function openHouseMpesa(settings: Settings, store: Store): Promise<HouseMpesa> {
  if (settings.mpesa !== null) return { ...accountMpesa(settings, store), close: async () => undefined };
  if (settings.environment !== 'development')
    return { mpesa: null, callbackUrl: settings.publicUrl, close: async () => undefined };
  const sandbox = await startMpesaSandbox();
  const loopback = ['127.0.0.1', '::1'];
  const account = {
    ...SANDBOX_ACCOUNT,
    baseUrl: sandbox.url,
    sandbox: true,
    certificate: sandbox.certificate,
    callbackSources: loopback,
  };
  return { mpesa: mpesaOf(account, store), callbackUrl: `http://127.0.0.1:${settings.port}`, close: sandbox.close };
}

/** By the settings alone: for a command, which has no sandbox. */
export function accountMpesa(
  { mpesa: account, publicUrl }: Settings,
  store: Store,
): { mpesa: Mpesa | null; callbackUrl: string } {
  if (account === null) return { mpesa: null, callbackUrl: publicUrl };
  return { mpesa: mpesaOf(account, store), callbackUrl: account.callbackUrl ?? publicUrl };
}

/** Each app of the provider has one token, and so one name to share it by. */
function mpesaOf(account: MpesaSettings, store: Store): Mpesa {
  const app = createHash('sha256').update(`${account.baseUrl} ${account.consumerKey}`).digest('hex').slice(0, 16);
  return openMpesa(account, store.providerTokens.shelf(`mpesa:${app}`), { now: () => new Date() });
}
