import { achievementRoutes } from './achievements.ts';
import { adminAccessRoutes } from './admin-access.ts';
import { adminAuditRoutes } from './admin-audit.ts';
import { adminConfigRoutes } from './admin-config.ts';
import { adminDeskRoutes } from './admin-desk.ts';
import { adminDiscordRoutes } from './admin-discord.ts';
import { adminLedgerRoutes } from './admin-ledger.ts';
import { adminMiningRoutes } from './admin-mining.ts';
import { adminMoneyRoutes } from './admin-money.ts';
import { adminPlayerRoutes } from './admin-players.ts';
import { adminSeasonRoutes } from './admin-seasons.ts';
import { apiTokenRoutes } from './api-tokens.ts';
import { authEmailRoutes } from './auth-email.ts';
import { authSocialRoutes } from './auth-social.ts';
import { authWalletRoutes } from './auth-wallet.ts';
import { authRoutes } from './auth.ts';
import { battleRoutes } from './battles.ts';
import { blockRoutes } from './blocks.ts';
import { dailyRoutes } from './daily.ts';
import { discordRoutes } from './discord.ts';
import { eventRoutes } from './events.ts';
import { fairnessRoutes } from './fairness.ts';
import { gameRoutes } from './games.ts';
import { inventoryRoutes } from './inventory.ts';
import { leaderboardRoutes } from './leaderboards.ts';
import { miningRoutes } from './mining.ts';
import { notificationRoutes } from './notifications.ts';
import { paymentRoutes } from './payments.ts';
import { petRoutes } from './pets.ts';
import { exportRoutes } from './player-export.ts';
import { playerRoutes } from './player.ts';
import { progressRoutes } from './progress.ts';
import { questRoutes } from './quests.ts';
import type { Route } from './route.ts';
import { safetyRoutes } from './safety.ts';
import { seasonRoutes } from './seasons.ts';
import { shopRoutes } from './shop.ts';
import { systemRoutes } from './system.ts';
import { walletRoutes } from './wallet.ts';
import { walletsRoutes } from './wallets.ts';

/** Every endpoint of the house; `/openapi.json` and `/docs` are added where they are mounted. */
export const routes: readonly Route[] = [
  ...authRoutes,
  ...authEmailRoutes,
  ...authSocialRoutes,
  ...authWalletRoutes,
  ...playerRoutes,
  ...exportRoutes,
  ...progressRoutes,
  ...petRoutes,
  ...walletRoutes,
  ...walletsRoutes,
  ...paymentRoutes,
  ...gameRoutes,
  ...battleRoutes,
  ...blockRoutes,
  ...inventoryRoutes,
  ...shopRoutes,
  ...achievementRoutes,
  ...questRoutes,
  ...dailyRoutes,
  ...fairnessRoutes,
  ...leaderboardRoutes,
  ...safetyRoutes,
  ...miningRoutes,
  ...seasonRoutes,
  ...discordRoutes,
  ...adminDeskRoutes,
  ...adminDiscordRoutes,
  ...adminLedgerRoutes,
  ...adminMiningRoutes,
  ...adminSeasonRoutes,
  ...adminAccessRoutes,
  ...adminPlayerRoutes,
  ...adminMoneyRoutes,
  ...adminConfigRoutes,
  ...adminAuditRoutes,
  ...apiTokenRoutes,
  ...notificationRoutes,
  ...eventRoutes,
  ...systemRoutes,
];
