// The folder of the embedded database belongs to one process. The lock is one of the operating system, held through an
// SQLite file: it ends with the process however it ends, so a crash leaves nothing to clean up.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Settings } from './config.ts';

export interface DataFolder {
  path: string;
  /** Where the embedded PostgreSQL lives. */
  database: string;
  close(): void;
}

/** Says which folder is taken, in words for an operator. */
export class FolderTaken extends Error {
  readonly folder: string;

  constructor(folder: string) {
    super(`${folder} is in use by another Playhouse process. Stop that one first, or set DATA_DIR to another folder.`);
    this.name = 'FolderTaken';
    this.folder = folder;
  }
}

/** Takes `folder` for this process, made if it is missing. Throws `FolderTaken`. */
export function takeDataFolder(folder: string): DataFolder {
  const path = prepareFolder(folder);
  const lock = new DatabaseSync(join(path, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new FolderTaken(path);
    throw error;
  }
  return { path, database: join(path, 'postgres'), close: () => lock.close() };
}

/** `bytes` random bytes, made once and kept in `folder` readable by its owner alone. */
export function keptSecret(folder: string, name: string, bytes: number): Buffer {
  const file = join(prepareFolder(folder), name);
  try {
    writeFileSync(file, `${randomBytes(bytes).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const kept = Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  if (kept.length !== bytes) throw new Error(`${file} is damaged: delete it, or put back ${bytes} bytes as hex digits`);
  return kept;
}

/** The house's own secrets: from the settings, or, outside production, made once and kept. */
export function secretsOf(settings: Pick<Settings, 'jwtSecret' | 'secretsKey' | 'dataFolder'>): {
  jwtSecret: string;
  secretsKey: Buffer;
} {
  return {
    jwtSecret: settings.jwtSecret ?? keptSecret(settings.dataFolder, 'jwt-secret', 32).toString('hex'),
    secretsKey: settings.secretsKey ?? keptSecret(settings.dataFolder, 'secrets-key', 32),
  };
}

/** An address of this kind holds 107 bytes at most, so the shorter way of writing it is taken. */
export function socketPath(folder: string): string {
  const whole = join(resolve(folder), 'control.sock');
  const fromHere = relative('.', whole);
  return fromHere.length < whole.length ? fromHere : whole;
}

function prepareFolder(folder: string): string {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return path;
}

const SQLITE_BUSY = 5;
const isBusy = (error: unknown) => error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
