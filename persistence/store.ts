// The house's memory: one object a subject, each method one transaction. Whoever holds a `Store` needs no SQL.
import { openAchievements } from './achievements.ts';
import { openAuditLog } from './audit-log.ts';
import { openApiTokens } from './api-tokens.ts';
import { openAudits } from './audit.ts';
import { openBattles } from './battles.ts';
import { openBoardPeriods } from './board-periods.ts';
import { openChat } from './chat.ts';
import { openContent } from './content.ts';
import { openCorrections } from './corrections.ts';
import { openCounters, tallyIn } from './counters.ts';
import { openDaily } from './daily.ts';
import { openDeeds } from './deeds.ts';
import { openDiscord } from './discord.ts';
import { openDesk } from './desk.ts';
import { type MailWay, openEntrances } from './entrances.ts';
import { openExports } from './exports.ts';
import { openHistory } from './history.ts';
import { openInstant } from './instant.ts';
import { openInventory } from './inventory.ts';
import { openLeaderboards } from './leaderboards.ts';
import { openLedger } from './ledger.ts';
import { openLimits } from './limits.ts';
import { openNotifications } from './notifications.ts';
import { openMining, wakeWallet } from './mining.ts';
import type { Database } from './orm.ts';
import { openPasswords } from './passwords.ts';
import { openPayments } from './payments.ts';
import { openPets } from './pets.ts';
import { openProviderTokens } from './provider-tokens.ts';
import { openQuests } from './quests.ts';
import { rankIn } from './rank-changes.ts';
import { openRealMoney, type RealMoneyTerms } from './real-money.ts';
import { openRequests } from './requests.ts';
import { openRolls } from './rolls.ts';
import { openRoundsForgotten } from './rounds-forgotten.ts';
import { openRounds } from './rounds.ts';
import { openSeals } from './seals.ts';
import { openSeasons } from './seasons.ts';
import { openSeeds } from './seeds.ts';
import { openSessions } from './sessions.ts';
import { openShop } from './shop.ts';
import { openStats } from './stats.ts';
import { openTotp } from './totp.ts';

export interface StoreSettings {
  /** 32 bytes that encrypt server seeds at rest. */
  secretsKey: Buffer;
  jwtSecret: string;
  bcryptCost: number;
  rootAdminEmail: string | null;
  /** Null, and by default: players' accounts in real currencies are open to all. */
  realMoney?: RealMoneyTerms | null;
  /** `off` by default. */
  mail?: MailWay;
  now(): Date;
  /** Random bytes from a CSPRNG; a test hands in its own. */
  bytes(length: number): Uint8Array;
}

export type Store = ReturnType<typeof openStore>;

export function openStore(db: Database, settings: StoreSettings) {
  const { secretsKey, jwtSecret, bcryptCost, rootAdminEmail, realMoney: terms = null, mail = 'off', now, bytes } = settings;
  const ledger = openLedger(db);
  const realMoney = openRealMoney(db, ledger, { terms, now });
  const { openAccountsIn } = realMoney;
  const requests = openRequests(db, now);
  const seeds = openSeeds(db, { secretsKey, bytes }, requests);
  const sessions = openSessions(db, { now, jwtSecret });
  const passwords = openPasswords({ cost: bcryptCost });
  const content = openContent(db, now);
  const entering = { now, passwords, sessions, rootAdminEmail, mail, linked: [wakeWallet] };
  const entrances = openEntrances(db, { ...ledger, openAccountsIn }, entering);
  const rolls = openRolls(seeds);
  const counters = openCounters(db, now);
  return {
    embedded: db.embedded,
    ledger,
    requests,
    seals: openSeals(db),
    audits: openAudits(db, now),
    auditLog: openAuditLog(db),
    desk: openDesk(db, now),
    seeds,
    sessions,
    content,
    limits: openLimits(db),
    realMoney,
    ...entrances,
    mining: openMining(db, ledger, entrances.wallets, { now, bytes, rate: async () => (await content.live()).miningApPerCoin }),
    discord: openDiscord(db, { now, seeds, sessions, ...entrances }),
    seasons: openSeasons(db, { ledger, requests, now }),
    rounds: { ...openRounds(db, ledger, seeds, requests), ...openRoundsForgotten(db) },
    instant: openInstant(db, ledger, seeds),
    history: openHistory(db, seeds),
    battles: openBattles(db, ledger, requests, now),
    chat: openChat(db, now),
    inventory: openInventory(db, ledger, requests, now),
    shop: openShop(db, { ledger, requests, rolls, now }),
    notifications: openNotifications(db),
    deeds: openDeeds(db, [rankIn, tallyIn]),
    counters,
    achievements: openAchievements(db, { ledger, counters }),
    quests: openQuests(db, { ledger, requests, now }),
    daily: openDaily(db, { ledger, requests, live: content.live, now }),
    rolls,
    leaderboards: openLeaderboards(db),
    boardPeriods: openBoardPeriods(db, ledger),
    stats: openStats(db, { ledger, requests, now }),
    pets: openPets(db, { ledger, requests, rolls, content }),
    payments: openPayments(db, ledger, { secretsKey, now, bytes }),
    providerTokens: openProviderTokens(db, seeds),
    totp: openTotp(db, { seeds, now, bytes }),
    corrections: openCorrections(db, { ledger, requests, live: content.live, now }),
    exports: openExports(db),
    apiTokens: openApiTokens(db, { now, bytes }),

    /** The house's own accounts and content; safe to run at every start. */
    async seed(): Promise<void> {
      await ledger.seed();
      await content.seed();
    },
    /** Throws when the database does not answer. */
    async ready(): Promise<void> {
      await db.rows('select 1');
    },
    migrate: () => db.migrate(),
    close: () => db.close(),
  };
}
