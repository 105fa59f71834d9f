// The second factor of operators: time-based codes (RFC 6238), recovery codes, and the sessions in which one was said.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { base32nopad } from '@scure/base';
import { refuseUnless } from '../rules/refusal.ts';
import { isStaff } from '../rules/roles.ts';
import { auditIn } from './audit-log.ts';
import { openLockout } from './lockout.ts';
import { type Database, type EntityManager, rowsIn, whole } from './orm.ts';
import type { Seeds } from './seeds.ts';

export interface TotpDeps {
  seeds: Pick<Seeds, 'seal' | 'unseal'>;
  now(): Date;
  /** Random bytes from a CSPRNG. */
  bytes(length: number): Uint8Array;
}

export interface Desk {
  playerId: string;
  sessionId: string;
}

export interface Factor {
  enrolled: boolean;
  /** Until when this session may act; null: not now. */
  steppedUpUntil: Date | null;
  recoveryLeft: number;
}

export type Totp = ReturnType<typeof openTotp>;

export const STEP_UP_MINUTES = 15;
const STEP_SECONDS = 30;
const DIGITS = 6;
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;

export function openTotp(db: Database, { seeds, now, bytes }: TotpDeps) {
  const lockout = openLockout(db, { now });
  const until = () => new Date(now().getTime() + STEP_UP_MINUTES * 60_000);

  /** Counted before it is looked at, as passwords are: five tries, then ever longer pauses. */
  const proving = async <T>(playerId: string, work: (em: EntityManager) => Promise<T>): Promise<T> => {
    await lockout.begin(`totp:${playerId}`);
    const done = await db.transaction(work);
    await lockout.clear(`totp:${playerId}`);
    return done;
  };

  const takeCode = async (em: EntityManager, row: FactorRow, code: string): Promise<void> => {
    const secret = seeds.unseal(sealName(row.player), row.sealed);
    const step = stepOf(secret, code, { at: now(), after: Number(whole(row.lastStep)) });
    refuseUnless(step !== null, 'code_wrong');
    await rowsIn(em, 'update totp set last_step = ? where player = ?', [step, row.player]);
  };

  return {
    async factor({ playerId, sessionId }: Desk): Promise<Factor> {
      const [row] = await db.rows<{ enrolled: boolean; endsAt: Date | null; left: bigint }>(FACTOR, [playerId, sessionId, now()]);
      return { enrolled: row!.enrolled, steppedUpUntil: row!.endsAt, recoveryLeft: Number(row!.left) };
    },

    /** Whether this session may act. Refuses `step_up_required`; `totp_required` where there must be a factor and is none. */
    async admit(desk: Desk, { required }: { required: boolean }): Promise<void> {
      const { enrolled, steppedUpUntil } = await this.factor(desk);
      refuseUnless(enrolled || !required, 'totp_required');
      refuseUnless(!enrolled || steppedUpUntil !== null, 'step_up_required');
    },

    /** A new secret, shown this once; it counts from its first code on. Refuses `totp_enrolled`. */
    async enrol(playerId: string, account: string): Promise<{ secret: string; uri: string }> {
      const raw = bytes(SECRET_BYTES);
      const values = [playerId, seeds.seal(sealName(playerId), raw), now()];
      refuseUnless((await db.rows(ENROL, values)).length === 1, 'totp_enrolled');
      const secret = base32nopad.encode(raw);
      return { secret, uri: totpUri(secret, account) };
    },

    /** The first code: from now on the factor is asked for, and this session has said it. Refuses `not_found`, `totp_enrolled`, `code_wrong`, `account_locked`. */
    confirm: ({ playerId, sessionId }: Desk, code: string): Promise<{ recoveryCodes: string[]; until: Date }> =>
      proving(playerId, async (em) => {
        const row = await lockedIn(em, playerId);
        refuseUnless(row, 'not_found');
        refuseUnless(row.confirmedAt === null, 'totp_enrolled');
        await takeCode(em, row, code);
        await rowsIn(em, 'update totp set confirmed_at = ? where player = ?', [now().toISOString(), playerId]);
        const recoveryCodes = Array.from({ length: RECOVERY_CODES }, () => recoveryText(bytes(RECOVERY_BYTES)));
        await rowsIn(em, 'delete from totp_recovery where player = ?', [playerId]);
        for (const text of recoveryCodes)
          await rowsIn(em, 'insert into totp_recovery (player, hash) values (?, ?)', [playerId, recoveryHash(playerId, text)]);
        await rowsIn(em, STEP_UP, [sessionId, until().toISOString()]);
        await auditIn(em, { actorId: playerId, action: 'totp.enrol', target: `player:${playerId}`, before: null, after: null });
        return { recoveryCodes, until: until() };
      }),

    /** A code of now, or a recovery code, once: this session may act for 15 minutes. Refuses `totp_required`, `code_wrong`, `account_locked`. */
    stepUp: ({ playerId, sessionId }: Desk, code: string): Promise<{ until: Date }> =>
      proving(playerId, async (em) => {
        const row = await lockedIn(em, playerId);
        refuseUnless(row && row.confirmedAt !== null, 'totp_required');
        const way = /^\d{6}$/.test(code) ? 'code' : 'recovery';
        if (way === 'code') await takeCode(em, row, code);
        else await takeRecovery(em, { playerId, code, at: now() });
        await rowsIn(em, STEP_UP, [sessionId, until().toISOString()]);
        const target = `player:${playerId}`;
        await auditIn(em, { actorId: playerId, action: 'totp.step_up', target, before: null, after: { way } });
        return { until: until() };
      }),

    /** Takes an operator's factor away, their own or one who has lost it. Refuses `not_found`. */
    remove: (playerId: string, actorId: string | null): Promise<void> =>
      db.transaction(async (em) => {
        const gone = await rowsIn(em, 'delete from totp where player = ? returning player', [playerId]);
        refuseUnless(gone.length === 1, 'not_found');
        await rowsIn(em, 'delete from totp_recovery where player = ?', [playerId]);
        await rowsIn(em, 'delete from step_up where session in (select id from session where player_id = ?)', [playerId]);
        await auditIn(em, {
          actorId,
          action: 'totp.remove',
          target: `player:${playerId}`,
          before: { enrolled: true },
          after: null,
        });
      }),
  };
}

/** What an authenticator app reads from a QR code. */
export const totpUri = (secret: string, account: string): string =>
  `otpauth://totp/Playhouse:${encodeURIComponent(account)}?secret=${secret}&issuer=Playhouse&algorithm=SHA1&digits=${DIGITS}&period=${STEP_SECONDS}`;

/** RFC 4226 over a counter: the code of one step. */
export function totpCode(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const from = mac[mac.length - 1]! & 0xf;
  return String((mac.readUInt32BE(from) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0');
}

export const totpStep = (at: Date): number => Math.floor(at.getTime() / 1_000 / STEP_SECONDS);

/** Clocks differ: the step before and after count too, none that is not later than the newest taken. */
function stepOf(secret: Uint8Array, code: string, { at, after }: { at: Date; after: number }): number | null {
  const now = totpStep(at);
  const fitting = [now - 1, now, now + 1].filter((step) => step > after && same(totpCode(secret, step), code));
  return fitting[0] ?? null;
}

const same = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

const sealName = (playerId: string): string => `totp:${playerId}`;

const recoveryText = (raw: Uint8Array): string =>
  base32nopad
    .encode(raw)
    .toLowerCase()
    .replaceAll(/(.{4})(?=.)/g, '$1-');

const recoveryHash = (playerId: string, text: string): Buffer =>
  createHash('sha256')
    .update(`${playerId}:${text.toLowerCase().replaceAll(/[^a-z2-7]/g, '')}`)
    .digest();

async function takeRecovery(
  em: EntityManager,
  { playerId, code, at }: { playerId: string; code: string; at: Date },
): Promise<void> {
  const take = 'update totp_recovery set used_at = ? where player = ? and hash = ? and used_at is null returning hash';
  refuseUnless((await rowsIn(em, take, [at.toISOString(), playerId, recoveryHash(playerId, code)])).length === 1, 'code_wrong');
}

interface FactorRow {
  player: string;
  sealed: Uint8Array;
  confirmedAt: Date | string | null;
  lastStep: unknown;
}

/** Locked, so that of two who say one code at once the second finds it taken; and only for who is an operator still. */
async function lockedIn(em: EntityManager, playerId: string): Promise<FactorRow | null> {
  const [player] = await rowsIn<{ roles: string[] }>(em, 'select roles from player where id = ? for share', [playerId]);
  refuseUnless(player && isStaff(player.roles), 'forbidden');
  const select = `select player, sealed, confirmed_at as "confirmedAt", last_step as "lastStep" from totp where player = ? for update`;
  const [row] = await rowsIn<FactorRow>(em, select, [playerId]);
  return row ?? null;
}

const FACTOR = `
  select exists (select from totp where player = $1 and confirmed_at is not null) as enrolled,
         (select ends_at from step_up where session = $2 and ends_at > $3) as "endsAt",
         (select count(*) from totp_recovery where player = $1 and used_at is null) as left`;

const ENROL = `
  insert into totp (player, sealed, made_at) values ($1, $2, $3)
  on conflict (player) do update set sealed = excluded.sealed, made_at = excluded.made_at, last_step = 0
   where totp.confirmed_at is null returning player`;

const STEP_UP = `
  insert into step_up (session, ends_at) values (?, ?) on conflict (session) do update set ends_at = excluded.ends_at`;
