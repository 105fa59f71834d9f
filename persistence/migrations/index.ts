import { CreateAccounts } from './20261121-1-create-accounts.ts';
import { CreateLedger } from './20261121-2-create-ledger.ts';
import { CreateRounds } from './20261121-3-create-rounds.ts';
import { CreatePayments } from './20261121-4-create-payments.ts';
import { CreateRequests } from './20261121-5-create-requests.ts';
import { CreateSeals } from './20261121-6-create-seals.ts';
import { CreateRealMoney } from './20261121-7-create-real-money.ts';
import { CreateProgress } from './20261121-8-create-progress.ts';
import { CreateRanks } from './20261121-9-create-ranks.ts';
import { CreateItems } from './20261121-10-create-items.ts';
import { CreatePets } from './20261121-11-create-pets.ts';
import { CreateBlocks } from './20261121-13-create-blocks.ts';
import { CreateQuests } from './20261121-12-create-quests.ts';
import { CreateIdentities } from './20261121-14-create-identities.ts';
import { CreateMining } from './20261121-15-create-mining.ts';
import { CreateAuditLog } from './20261121-16-create-audit-log.ts';
import { CreateSeasons } from './20261121-16-create-seasons.ts';
import { CreateDiscord } from './20261121-18-create-discord.ts';
import { ForgetTheOld } from './20261121-17-forget-the-old.ts';
import { CreateAdmin } from './20261121-17-create-admin.ts';
import { TellEggs } from './20261121-19-tell-eggs.ts';

/** In the order they run. A migration that has landed is never edited: write another. */
export const migrations = [
  { name: '20261121-1-create-accounts', class: CreateAccounts },
  { name: '20261121-2-create-ledger', class: CreateLedger },
  { name: '20261121-3-create-rounds', class: CreateRounds },
  { name: '20261121-4-create-payments', class: CreatePayments },
  { name: '20261121-5-create-requests', class: CreateRequests },
  { name: '20261121-6-create-seals', class: CreateSeals },
  { name: '20261121-7-create-real-money', class: CreateRealMoney },
  { name: '20261121-8-create-progress', class: CreateProgress },
  { name: '20261121-9-create-ranks', class: CreateRanks },
  { name: '20261121-10-create-items', class: CreateItems },
  { name: '20261121-11-create-pets', class: CreatePets },
  { name: '20261121-13-create-blocks', class: CreateBlocks },
  { name: '20261121-12-create-quests', class: CreateQuests },
  { name: '20261121-14-create-identities', class: CreateIdentities },
  { name: '20261121-15-create-mining', class: CreateMining },
  { name: '20261121-16-create-audit-log', class: CreateAuditLog },
  { name: '20261121-16-create-seasons', class: CreateSeasons },
  { name: '20261121-17-forget-the-old', class: ForgetTheOld },
  { name: '20261121-18-create-discord', class: CreateDiscord },
  { name: '20261121-17-create-admin', class: CreateAdmin },
  { name: '20261121-19-tell-eggs', class: TellEggs },
];
