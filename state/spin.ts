import { schema, t, type SchemaType } from '@colyseus/schema';

/** Key: the round's id. At most 20, the oldest taken out; sort by `at`. */
export const SpinWinState = schema(
  {
    roundId: t.string().default(''),
    playerId: t.string().default(''),
    name: t.string().default(''),
    /** Minor units, digits. */
    stake: t.string().default('0'),
    /** Hundredths. */
    multiplier: t.uint32().default(0),
    /** Wheel and jackpot together, minor units, digits. */
    payout: t.string().default('0'),
    jackpot: t.boolean().default(false),
    /** Epoch ms. */
    at: t.float64().default(0),
  },
  'SpinWinState',
);
export type SpinWinState = SchemaType<typeof SpinWinState>;

/** Key: the player's id. A client sees the balance of entries added to its own `StateView` only. */
export const SpinPlayerState = schema(
  {
    name: t.string().default(''),
    connected: t.boolean().default(true),
    /** Minor units of the room's currency, digits. */
    available: t.string().default('0').view(),
    held: t.string().default('0').view(),
  },
  'SpinPlayerState',
);
export type SpinPlayerState = SchemaType<typeof SpinPlayerState>;

export const SpinState = schema(
  {
    currency: t.string().default('COINS'),
    /** The jackpot's pot, minor units, digits. */
    jackpot: t.string().default('0'),
    wins: t.map(SpinWinState),
    players: t.map(SpinPlayerState),
    /** How many are in the room now. */
    playersCount: t.uint16().default(0),
  },
  'SpinState',
);
export type SpinState = SchemaType<typeof SpinState>;
