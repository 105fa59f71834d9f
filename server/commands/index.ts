// Commands of an operator. Each runs in the server when one runs on the embedded database, and by itself otherwise.
import type { Database } from '../../persistence/orm.ts';
import type { Store } from '../../persistence/store.ts';
import type { Discord } from '../../providers/discord.ts';
import type { Mpesa } from '../../providers/mpesa.ts';
import type { HouseCashier } from '../cashier.ts';
import type { Answer, Outcome, Progress } from '../control.ts';
import type { Miner } from '../miner.ts';
import { admin } from './admin.ts';
import { backup, restore } from './backup.ts';
import { discord } from './discord.ts';
import { fairness } from './fairness.ts';
import { ledger } from './ledger.ts';
import { migrate } from './migrate.ts';
import { mining } from './mining.ts';
import { payments } from './payments.ts';

export interface CommandHouse {
  db: Database;
  store: Store;
  /** null: switched off. */
  mpesa: Mpesa | null;
  cashier: HouseCashier;
  /** null: mining is not set up. */
  miner: Miner | null;
  /** null: Discord is not set up. */
  discord: Discord | null;
  /** True inside a running server. */
  serving: boolean;
}

export interface Command {
  /** Shown by --help: how to call it, and what it does. */
  help: string;
  /** False: `words` are not a way to call it. Asked before anything is opened. */
  takes(words: readonly string[]): boolean;
  /** Works on a database whose migrations have not all run. */
  anySchema: boolean;
  /** What the caller's own place makes of the words, before they go to a running server. */
  prepare?(words: readonly string[]): readonly string[];
  run(words: readonly string[], house: CommandHouse, progress: Progress): Promise<Outcome>;
}

export const commands: Readonly<Record<string, Command>> = {
  migrate,
  ledger,
  fairness,
  admin,
  payments,
  mining,
  discord,
  backup,
  restore,
};

export function answerCommand(house: CommandHouse): Answer {
  return async ([name = '', ...words], progress) => {
    const command = commands[name];
    if (command === undefined || !command.takes(words))
      return { ok: false, line: 'The running server does not know this command.' };
    const pending = command.anySchema ? [] : await house.db.orm.migrator.getPending();
    if (pending.length > 0) return { ok: false, line: `${pending.length} migrations have not run: npm run migrate -- up` };
    return command.run(words, house, progress);
  };
}
