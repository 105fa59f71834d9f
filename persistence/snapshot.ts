// Many reads of one moment, for checks and backups that take longer than a statement.
import { type Database, type EntityManager, type Row, rowsIn } from './orm.ts';

/** One statement; `?` marks a value. */
export type Read = <R extends object = Row>(text: string, params?: readonly unknown[]) => Promise<R[]>;

/**
 * On a server all of `work` sees the same moment. The embedded database has one connection: there the game goes on between
 * the reads, unless `whole` holds it up.
 */
export function inSnapshot<T>(
  db: Database,
  work: (read: Read) => Promise<T>,
  { whole = false }: { whole?: boolean } = {},
): Promise<T> {
  const em = db.orm.em.fork() as EntityManager;
  if (db.embedded && !whole) return work(readerOf(em, db.embedded));
  return em.transactional(
    async (inside) => {
      const read = readerOf(inside as EntityManager, db.embedded);
      await read('set local statement_timeout = 0');
      return work(read);
    },
    { isolationLevel: 'repeatable read' as never, readOnly: true },
  );
}

function readerOf(em: EntityManager, embedded: boolean): Read {
  return async (text, params) => {
    // PGlite resolves in microtasks only: without this, timers and sockets would wait for the last read of all.
    if (embedded) await new Promise((resolve) => setImmediate(resolve));
    return rowsIn(em, text, params);
  };
}
