import { schema, t, type SchemaType } from '@colyseus/schema';

// Every field moves only when something happens. What flows (stamina, the seconds to a start) is drawn by the client from
// the instant it last changed. Fields are appended, never reordered: their order is the wire's.

/** One player or house bot, keyed by player id. Ticks are 1/20 s since the fight began. */
export const FighterState = schema(
  {
    name: t.string().default(''),
    level: t.uint8().default(1),
    bot: t.boolean().default(false),
    connected: t.boolean().default(true),
    hp: t.uint16().default(0),
    hpMax: t.uint16().default(0),
    /** Points at the tick `staminaSince`; now = min(staminaMax, stamina + ⌊(tick − staminaSince)·staminaPerSecond/20⌋). */
    stamina: t.uint16().default(0),
    staminaMax: t.uint16().default(0),
    staminaSince: t.uint16().default(0),
    staminaPerSecond: t.uint8().default(0),
    /** Dealt so far, the enemy's remaining HP at most for the last blow. */
    damage: t.uint32().default(0),
    fallen: t.boolean().default(false),
  },
  'FighterState',
);
export type FighterState = SchemaType<typeof FighterState>;

/** One enemy of the wave now fought, keyed by its number in the battle. A defeated one stays, hp 0, until the next wave. */
export const EnemyState = schema(
  {
    kind: t.string().default(''),
    level: t.uint8().default(1),
    hp: t.uint32().default(0),
    hpMax: t.uint32().default(0),
    boss: t.boolean().default(false),
    /** 0 for most; a boss passes to 1, 2, 3 at 75, 50 and 25 % of its HP. */
    stage: t.uint8().default(0),
  },
  'EnemyState',
);
export type EnemyState = SchemaType<typeof EnemyState>;

export const BattleState = schema(
  {
    roundId: t.string().default(''),
    battleId: t.string().default(''),
    phase: t.string<'lobby' | 'fighting' | 'won' | 'lost'>().default('lobby'),
    /** 1 … waves while fighting, 0 in the lobby. */
    wave: t.uint8().default(0),
    waves: t.uint8().default(0),
    /** Player id of who may start; '' while nobody is in. */
    leader: t.string().default(''),
    /** Epoch ms at which the lobby starts by itself, 0 when no start is due. Set by the room. */
    startsAt: t.float64().default(0),
    /** Epoch ms of tick 0, 0 in the lobby. Set by the room. */
    startedAt: t.float64().default(0),
    /** SHA-256 of the round's server seed, hex. */
    commitment: t.string().default(''),
    fighters: t.map(FighterState),
    enemies: t.map(EnemyState),
  },
  'BattleState',
);
export type BattleState = SchemaType<typeof BattleState>;
