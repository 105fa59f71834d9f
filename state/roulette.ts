import { schema, t, type SchemaType } from '@colyseus/schema';

/** Key: the player's id. A seat out of the round stays in the map, so that the table can be drawn to the end. */
export const RouletteSeatState = schema(
  {
    name: t.string().default(''),
    /** Place at the table, 0 first; the order of joining. */
    order: t.uint8().default(0),
    alive: t.boolean().default(true),
    ready: t.boolean().default(false),
    connected: t.boolean().default(true),
    bot: t.boolean().default(false),
  },
  'RouletteSeatState',
);
export type RouletteSeatState = SchemaType<typeof RouletteSeatState>;

/** Key: the bet's id. Bets of the pull now due only. */
export const RouletteBetState = schema(
  {
    betId: t.string().default(''),
    playerId: t.string().default(''),
    name: t.string().default(''),
    kind: t.string<'survive' | 'eliminated'>().default('survive'),
    targetId: t.string().default(''),
    /** Minor units of the table's currency, digits. */
    stake: t.string().default('0'),
    pullNo: t.uint16().default(0),
  },
  'RouletteBetState',
);
export type RouletteBetState = SchemaType<typeof RouletteBetState>;

/** Everything here reaches every client. Where the bullet is has no place in this folder. */
export const RouletteState = schema(
  {
    roundId: t.string().default(''),
    phase: t.string<'waiting' | 'turn' | 'over' | 'void'>().default('waiting'),
    /** Id of the player whose pull is due, '' outside a turn. */
    turn: t.string().default(''),
    /** Id of the player drawn to pull first, '' before the start. */
    firstTurn: t.string().default(''),
    /** Number of the pull now due, from 1; 0 before the start. */
    pullNo: t.uint16().default(0),
    /** Epoch ms at which bets on this pull close and the pull may be made; 0 outside a turn. */
    betsCloseAt: t.float64().default(0),
    /** Epoch ms at which the table pulls for the player; 0 outside a turn. */
    endsAt: t.float64().default(0),
    /** Chambers not yet tried, 1 … 6. */
    chambersLeft: t.uint8().default(6),
    currency: t.string().default('COINS'),
    /** Each seat's stake and their sum, minor units, digits. */
    stake: t.string().default('0'),
    pot: t.string().default('0'),
    /** The house's part of the pot in basis points, fixed when the round starts. */
    rakeBp: t.uint16().default(400),
    /** Seats at this table, 2 … 6. */
    capacity: t.uint8().default(2),
    seats: t.map(RouletteSeatState),
    bets: t.map(RouletteBetState),
    watchers: t.uint8().default(0),
    /** SHA-256 of the server seed, hex; shown before any client seed is taken. */
    commitment: t.string().default(''),
    /** Hex, '' until the round has ended. */
    serverSeed: t.string().default(''),
    /** Id of the winner, '' before the end and in a void round. */
    winner: t.string().default(''),
    /** What the winner was paid, minor units, digits. */
    payout: t.string().default('0'),
  },
  'RouletteState',
);
export type RouletteState = SchemaType<typeof RouletteState>;
