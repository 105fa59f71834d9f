import type { Random } from '../rules/random.ts';
import type { Currency } from '../rules/currency.ts';
import type { RefusalCode } from '../rules/refusal.ts';
import type { Notification } from '../persistence/notifications.ts';
import type { Store } from '../persistence/store.ts';
import type { Mailer } from '../providers/mail.ts';
import type { Mpesa } from '../providers/mpesa.ts';
import type { DiscordSignIn, IdTokens } from '../providers/social.ts';
import type { Starknet } from '../providers/starknet.ts';
import type { WalletChains } from '../providers/wallets.ts';

/** What every edge of the house shares. Built once in `server/main.ts`, or by a test. */
export interface House {
  store: Store;
  /** Chance that is not part of a round: names, colours, which bot sits down. Rounds draw from their own seed. */
  random: Random;
  rooms: Rooms;
  providers: Providers;
  cashier: Cashier;
  notices: Notices;
  now(): Date;
  log: Log;
  settings: HouseSettings;
}

/** Services outside the house; null: switched off, and `/health/ready` says so. */
export interface Providers {
  mpesa: Mpesa | null;
  mail: Mailer | null;
  google: IdTokens | null;
  web3auth: IdTokens | null;
  discordSignIn: DiscordSignIn | null;
  starknet: Starknet | null;
  wallets: WalletChains;
  mining: MiningDesk | null;
  discord: DiscordDesk | null;
}

/** What the door may know of Discord: what it signed, and where an answer goes that takes too long. */
export interface DiscordDesk {
  applicationId: string;
  /** Discord waits three seconds; after so long an answer is promised instead. */
  answerWithinMs: number;
  signed(sent: { timestamp: string; signature: string; bytes: Uint8Array }): boolean;
  /**
   * Puts a promised answer in its place as soon as it is known, and again until it stands there. `heard`: whether it is this
   * one's to answer, and worth being kept; `text` null: nothing is said. Neither rejects.
   */
  follow(promised: { interactionId: string; token: string; heard: Promise<boolean>; text: Promise<string | null> }): void;
}

/** What the door may know of mining: who may tell of payouts, and how a wallet is proved by a payment. */
export interface MiningDesk {
  /** Whether one of the pool's own keys signed these bytes. */
  signed(batch: { pool: string; timestamp: string; signature: string; bytes: Uint8Array }): boolean;
  /** Whether there is a chain that bears payouts out; without one a pool's word is all there is. */
  confirms: boolean;
  /** Blocks that must lie over a payment. */
  confirmations: number;
  /** Where donations that prove a wallet go; null: there are none. */
  donationAddress: string | null;
  /** Addresses that are nobody's to link: pools', the coin's own fee, the house's. */
  reserved(address: string): boolean;
}

/** Carries payments on behind an answer. What it is told here is in the database already, so nothing is lost with it. */
export interface Cashier {
  /** Sends a new payment to its provider soon; said twice, it is sent once. */
  send(paymentId: string): void;
  /** Weighs a callback that has been kept, soon. */
  work(callbackId: string): void;
}

/** One thing a player is told. */
export type Notice = Notification;

/** What players are told, live. */
export interface Notices {
  /** Tells of each notification of this player from now on, in order, within a second of its commit. Returns the way to stop. */
  subscribe(playerId: string, tell: (notice: Notice) => void): () => void;
  /** Serves an event stream until it is stopped or ended. Refuses `unavailable` while too many are open. Returns the way to stop. */
  open(stream: NoticeStream): () => void;
  /** On the player's streams of this process, something of this moment alone: it is not kept. Without one nothing is worked out. */
  say(playerId: string, event: string, dataOf: () => object): void;
  /** Ends the streams of an ended session or of a player, on this process. */
  dismiss(who: { sessionId: string } | { playerId: string }): void;
  /** How many are open on this process. */
  streams(): number;
  close(): void;
}

/** Why a stream ends: its player has opened too many others, its session is over, or this process is. */
export type StreamEnd = 'replaced' | 'session_ended' | 'server_closing';

/** One client that listens. None of its methods throws. */
export interface NoticeStream {
  visitor: Visitor;
  address: string;
  /** The newest notification it has heard of; null: it wants those to come. */
  after: number | null;
  /** `id` is where it may take up again; null: nowhere new. */
  send(event: { id: number | null; event: string; data: object }): void;
  beat(): void;
  end(why: StreamEnd): void;
}

/** What the edges may know of the settings; secrets are not among them. */
export interface HouseSettings {
  production: boolean;
  realMoney: boolean;
  /** Empty: same origin only. */
  corsOrigins: readonly string[];
  publicUrl: string;
  trustProxy: boolean;
  rootAdminEmail: string | null;
}

/** Structured log; `details` holds ids and figures, never a secret, a token, a seed or personal data. */
export interface Log {
  info(event: string, details?: Record<string, unknown>): void;
  warn(event: string, details?: Record<string, unknown>): void;
  error(event: string, details: Record<string, unknown> & { error: unknown }): void;
}

/** Rooms as seen from `http/`: made in `server/` over the matchmaker. Arguments and answers are JSON. */
export interface Rooms {
  /**
   * A seat in a room of `game` that fits `options`, what the SDK's `consumeSeatReservation` takes: in `any` such room, in a
   * `new` one, or in the one named.
   */
  reserve(
    game: string,
    options: Record<string, unknown>,
    visitor: Visitor,
    where?: 'any' | 'new' | { roomId: string },
  ): Promise<SeatReservation>;
  /** Calls one move of a room, on whichever process it lives. A refusal crosses as a value. */
  call(roomId: string, move: string, args: unknown, visitor: Visitor): Promise<{ refused: RefusalCode } | { answer: unknown }>;
  /** A seat without a socket, at a table of `game` that fits `options`; its moves come by `call`. */
  sit(
    game: string,
    options: Record<string, unknown>,
    visitor: Visitor,
  ): Promise<{ roomId: string; seat: string; state: unknown }>;
  /** Closes every socket of a revoked session or banned player, on every process. */
  dismiss(who: { sessionId: string } | { playerId: string }): Promise<void>;
}

export interface SeatReservation {
  name: string;
  sessionId: string;
  roomId: string;
  processId: string;
  publicAddress?: string;
}

/** Who an access token speaks for; checked on every request and at every room join. */
export interface Visitor {
  playerId: string;
  sessionId: string;
  displayName: string;
  guest: boolean;
  roles: readonly string[];
  level: number;
}

export interface Money {
  currency: Currency;
  amount: bigint;
}
