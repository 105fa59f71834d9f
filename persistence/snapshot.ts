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
  if (db.embedded && !whole) return work((text, params) => rowsIn(em, text, params));
  return em.transactional(
    async (inside) => {
      await rowsIn(inside as EntityManager, 'set local statement_timeout = 0');
      return work((text, params) => rowsIn(inside as EntityManager, text, params));
    },
    { isolationLevel: 'repeatable read' as never, readOnly: true },
  );
}
