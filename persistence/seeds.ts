// Server seeds: made here, stored encrypted before their commitment is shown, shown only after their time.
// A player has one current seed (its nonce counts the draws under it) and the next one, already committed.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { commitmentOf } from '../rules/fairness.ts';
import { Refusal, refuseUnless } from '../rules/refusal.ts';
import { uuid7 } from './ids.ts';
import { type Database, type EntityManager, rowsIn } from './orm.ts';
import type { Requests, Told } from './requests.ts';

export interface SeedSettings {
  /** 32 bytes that encrypt seeds at rest. */
  secretsKey: Buffer;
  /** Random bytes from a CSPRNG. */
  bytes(length: number): Uint8Array;
}

/** A player's current seed, as the process keeps it between draws. Never leaves the process. */
export interface CurrentSeed {
  id: string;
  serverSeed: Uint8Array;
  commitment: string;
  clientSeed: string;
  nonce: number;
}

export interface FairnessCard {
  commitment: string;
  nextCommitment: string;
  clientSeed: string;
  nonce: number;
}

export type Rotated = FairnessCard & { shown: { commitment: string; serverSeed: string } };

export type Seeds = ReturnType<typeof openSeeds>;

const KEPT_MAX = 100_000;
const SEED_BYTES = 32;

export function openSeeds(db: Database, settings: SeedSettings, requests: Requests) {
  const kept = new Map<string, CurrentSeed>();
  const waiting = new Map<string, Promise<unknown>>();

  /** Draws and rotations of one player take turns within the process; across processes the seed's row decides. */
  async function inTurn<T>(playerId: string, work: () => Promise<T>): Promise<T> {
    const before = waiting.get(playerId) ?? Promise.resolve();
    const turn = before.then(work, work);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    waiting.set(playerId, settled);
    void settled.then(() => waiting.get(playerId) === settled && waiting.delete(playerId));
    return turn;
  }

  async function current(playerId: string): Promise<CurrentSeed> {
    const known = kept.get(playerId);
    if (known) return known;
    const [row] = await db.rows<SeedRow>(CURRENT, [playerId]);
    if (!row) {
      await db.transaction((em) => makeSeedsIn(em, playerId, settings));
      return current(playerId);
    }
    const seed = { ...row, serverSeed: unseal(settings.secretsKey, row.id, row.sealed) };
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(playerId, seed);
    return seed;
  }

  return {
    inTurn,
    current,
    /** After a draw that another process made first, or whose outcome is unknown: read the row again. */
    forget: (playerId: string) => void kept.delete(playerId),
    fresh: () => settings.bytes(SEED_BYTES),
    /** The current seed, locked until the wider change ends: no draw or rotation of the player comes in between. */
    async lockedIn(em: EntityManager, playerId: string): Promise<CurrentSeed> {
      for (let tries = 0; tries < 5; tries++) {
        // After a rotation was waited for, the next seed is the current one; none where two were.
        const row = (await rowsIn<SeedRow & { status: string }>(em, LOCKED, [playerId])).find(
          ({ status }) => status === 'current',
        );
        if (row) return { ...row, serverSeed: unseal(settings.secretsKey, row.id, row.sealed) };
      }
      throw new Refusal('unavailable');
    },
    seal: (id: string, seed: Uint8Array) => seal(settings, id, seed),
    unseal: (id: string, sealed: Uint8Array) => unseal(settings.secretsKey, id, sealed),

    async card(playerId: string): Promise<FairnessCard> {
      await current(playerId);
      return cardOf(await db.rows<CardRow>(CARD, [playerId]));
    },

    /** Shows the current seed and starts the committed next one. Returns the seed shown and the new card. */
    rotate: async (playerId: string, clientSeed: string | null): Promise<Rotated> =>
      (await rotateOnce({ playerId, clientSeed, key: null })).answer,
    /** The same for a player's request: its key shows one seed. */
    rotateOnce,
  };

  function rotateOnce({
    playerId,
    clientSeed,
    key,
  }: {
    playerId: string;
    clientSeed: string | null;
    key: string | null;
  }): Promise<Told<Rotated>> {
    return inTurn(playerId, async () => {
      kept.delete(playerId); // another process may have rotated since
      const { serverSeed, commitment, clientSeed: old } = await current(playerId);
      const shown = { commitment, serverSeed: Buffer.from(serverSeed).toString('hex') };
      kept.delete(playerId);
      return requests.once({ playerId, operation: 'rotate', key, body: { clientSeed } }, async (em) => {
        await rotateIn(em, { playerId, commitment, clientSeed: clientSeed ?? old, settings });
        return { ...cardOf(await rowsIn<CardRow>(em, CARD_IN, [playerId])), shown };
      });
    });
  }
}

interface SeedRow {
  id: string;
  sealed: Uint8Array;
  commitment: string;
  clientSeed: string;
  nonce: number;
}

const FIELDS = 'id, sealed, commitment, client_seed as "clientSeed", nonce';
const CURRENT = `select ${FIELDS} from fairness_seed where player = $1 and status = 'current'`;
const LOCKED = `select ${FIELDS}, status from fairness_seed where player = ? and status in ('current', 'next') order by id for no key update`;
type CardRow = Pick<SeedRow, 'commitment' | 'clientSeed' | 'nonce'> & { status: string };

const CARD_OF = (player: '$1' | '?') =>
  `select commitment, client_seed as "clientSeed", nonce, status from fairness_seed where player = ${player} and status in ('current', 'next')`;
const CARD = CARD_OF('$1');
const CARD_IN = CARD_OF('?');

function cardOf(rows: readonly CardRow[]): FairnessCard {
  const now = rows.find(({ status }) => status === 'current')!;
  const next = rows.find(({ status }) => status === 'next')!;
  return { commitment: now.commitment, nextCommitment: next.commitment, clientSeed: now.clientSeed, nonce: now.nonce };
}

const INSERT = `insert into fairness_seed (id, player, sealed, commitment, client_seed, status) values (?, ?, ?, ?, ?, ?) on conflict do nothing`;

/** A seat or player that names no client seed has its id as its seed: the house never makes up a random one. */
async function makeSeedsIn(em: EntityManager, playerId: string, settings: SeedSettings): Promise<void> {
  for (const status of ['current', 'next']) await insertSeedIn(em, { playerId, clientSeed: playerId, status, settings });
}

async function insertSeedIn(
  em: EntityManager,
  { playerId, clientSeed, status, settings }: { playerId: string; clientSeed: string; status: string; settings: SeedSettings },
): Promise<void> {
  const id = uuid7();
  const seed = settings.bytes(SEED_BYTES);
  await rowsIn(em, INSERT, [id, playerId, seal(settings, id, seed), commitmentOf(seed), clientSeed, status]);
}

async function rotateIn(
  em: EntityManager,
  {
    playerId,
    commitment,
    clientSeed,
    settings,
  }: { playerId: string; commitment: string; clientSeed: string; settings: SeedSettings },
): Promise<void> {
  const rows = await rowsIn<{ id: string; status: string; commitment: string }>(
    em,
    "select id, status, commitment from fairness_seed where player = ? and status in ('current', 'next') order by id for no key update",
    [playerId],
  );
  const now = rows.find(({ status }) => status === 'current');
  const next = rows.find(({ status }) => status === 'next');
  refuseUnless(now && next && now.commitment === commitment, 'round_open');
  await rowsIn(em, "update fairness_seed set status = 'shown', shown_at = now() where id = ?", [now.id]);
  await rowsIn(em, "update fairness_seed set status = 'current', client_seed = ? where id = ?", [clientSeed, next.id]);
  await insertSeedIn(em, { playerId, clientSeed, status: 'next', settings });
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM, bound to the row's id: iv, tag, ciphertext. */
function seal({ secretsKey, bytes }: SeedSettings, id: string, seed: Uint8Array): Buffer {
  const iv = bytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', secretsKey, iv).setAAD(Buffer.from(id));
  const sealed = Buffer.concat([cipher.update(seed), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

function unseal(secretsKey: Buffer, id: string, sealed: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', secretsKey, sealed.subarray(0, IV_BYTES)).setAAD(Buffer.from(id));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return new Uint8Array(Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]));
}
