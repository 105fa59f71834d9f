// The rows behind an account. Entities only: `orm.ts` loads this file, so it imports nothing that needs the database.
import { defineEntity, p } from '@mikro-orm/core';
import { START_ATTACK, START_DEFENCE, START_HP, START_STAMINA } from '../rules/levels.ts';

const PlayerSchema = defineEntity({
  name: 'Player',
  properties: {
    id: p.uuid().primary(),
    /** Lower case; null for a guest and for a player who has gone. */
    email: p.text().strictNullable(),
    displayName: p.text(),
    /** `player`, and for those who may: `admin`, `root`. */
    roles: p.array().columnType('text[]'),
    guest: p.boolean(),
    level: p.integer().onCreate(() => 1),
    xp: p.bigint().onCreate(() => 0n),
    statPoints: p.integer().onCreate(() => 0),
    attack: p.integer().onCreate(() => START_ATTACK),
    defence: p.integer().onCreate(() => START_DEFENCE),
    /** The most it can be. */
    health: p.integer().onCreate(() => START_HP),
    staminaMax: p.integer().onCreate(() => START_STAMINA),
    /** As it stood at `staminaAt`; `staminaGrown` says what it is now. */
    staminaTenths: p.integer().onCreate(() => START_STAMINA * 10),
    staminaAt: p.datetime(),
    timeZone: p.text().onCreate(() => 'UTC'),
    createdAt: p.datetime(),
    /** When the address was shown to be theirs. */
    verifiedAt: p.datetime().strictNullable(),
    coinsOnVerifying: p.bigint().onCreate(() => 0n),
    bannedAt: p.datetime().strictNullable(),
    deletedAt: p.datetime().strictNullable(),
    version: p.integer().version(),
  },
});
export class Player extends PlayerSchema.class {}
PlayerSchema.setClass(Player);

const PlayerLoginSchema = defineEntity({
  name: 'PlayerLogin',
  properties: {
    playerId: p.uuid().primary(),
    /** bcrypt. */
    passwordHash: p.text(),
    changedAt: p.datetime(),
  },
});
export class PlayerLogin extends PlayerLoginSchema.class {}
PlayerLoginSchema.setClass(PlayerLogin);

const SessionSchema = defineEntity({
  name: 'Session',
  properties: {
    id: p.uuid().primary(),
    playerId: p.uuid(),
    /** What the client called itself, cut to 160 characters. */
    device: p.string(),
    createdAt: p.datetime(),
    /** When its newest refresh token was made. */
    usedAt: p.datetime(),
    expiresAt: p.datetime(),
    endedAt: p.datetime().strictNullable(),
  },
});
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);
