import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { migrations } from '../../persistence/migrations/index.ts';
import { type Database, openDatabase } from '../../persistence/orm.ts';
import { postgresVersions, startPostgres } from '../support/postgres.ts';

const NAMES = migrations.map(({ name }) => name);

/** What matters of a schema: tables and columns, constraints, indexes, functions, triggers, views; our own part of it. */
const SCHEMA = {
  columns: `select table_name, column_name, data_type, is_nullable, column_default, is_identity from information_schema.columns
             where table_schema = 'public' and table_name <> 'migration' order by table_name, ordinal_position`,
  constraints: `select conrelid::regclass::text as name, pg_get_constraintdef(oid) as says from pg_constraint
                 where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'c', 'f') and conrelid::regclass::text <> 'migration' order by 1, 2`,
  indexes: "select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename <> 'migration' order by 1",
  functions: `select proname, pg_get_function_identity_arguments(oid) as takes, md5(prosrc) as does, array_to_string(proconfig, ',') as settings
                from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
  triggers: 'select tgname, pg_get_triggerdef(oid) as says from pg_trigger where not tgisinternal order by 1',
  views:
    "select viewname, regexp_replace(definition, '\\s+', ' ', 'g') as says from pg_views where schemaname = 'public' order by 1",
  sequences:
    "select sequencename, start_value::text as first from pg_sequences where schemaname = 'public' and sequencename not like 'migration%' order by 1",
  types: "select typname from pg_type where typnamespace = 'public'::regnamespace and typtype = 'c' order by 1",
};

async function schemaOf(db: Database): Promise<Record<string, unknown[]>> {
  const parts: Record<string, unknown[]> = {};
  for (const [part, text] of Object.entries(SCHEMA)) parts[part] = await db.rows(text);
  return parts;
}

/** Up, down, up again; returns the schema, the same both times. */
async function thereAndBack(db: Database): Promise<Record<string, unknown[]>> {
  assert.equal(await db.migrate(), NAMES);
  const first = await schemaOf(db);
  assert.equal(await db.migrate(), [], 'nothing is left to do');
  assert.equal(await schemaOf(db), first);
  const down = await db.orm.migrator.down({ to: 0 });
  assert.equal(
    down.map(({ name }) => name),
    NAMES.toReversed(),
  );
  for (const [part, left] of Object.entries(await schemaOf(db)))
    assert.equal(
      left.filter((row) => !JSON.stringify(row).includes('migration')),
      [],
      `${part} left behind`,
    );
  assert.equal(await db.migrate(), NAMES);
  assert.equal(await schemaOf(db), first);
  return first;
}

const embedded = await openDatabase({ memory: true });
const embeddedSchema = await thereAndBack(embedded);
await embedded.close();

const migrationsUpAndDown = suite('persistence/migrations');

migrationsUpAndDown('the migrations go up, down and up again on the embedded database, leaving nothing behind', () => {
  assert.ok(embeddedSchema.columns!.length > 50);
  assert.ok(embeddedSchema.functions!.length >= 6);
  assert.ok(embeddedSchema.triggers!.length >= 1);
});

for (const version of postgresVersions()) {
  migrationsUpAndDown(`the same on PostgreSQL ${version}, and the schema is the embedded one's`, async () => {
    const postgres = await startPostgres({ version });
    try {
      const db = await openDatabase({ url: await postgres.empty() });
      const schema = await thereAndBack(db);
      await db.close();
      for (const part of Object.keys(SCHEMA)) assert.equal(schema[part], embeddedSchema[part], part);
    } finally {
      await postgres.stop();
    }
  });

  migrationsUpAndDown(`four processes that start at once on PostgreSQL ${version} run each migration once`, async () => {
    const postgres = await startPostgres({ version });
    try {
      const url = await postgres.empty();
      const databases = await Promise.all(Array.from({ length: 4 }, () => openDatabase({ url })));
      const ran = await Promise.all(databases.map((db) => db.migrate()));
      assert.equal(ran.flat().toSorted(), NAMES.toSorted());
      await Promise.all(databases.map((db) => db.close()));
    } finally {
      await postgres.stop();
    }
  });
}

migrationsUpAndDown.run();
