import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Database, openDatabase, rowsIn, sayIn, whole } from '../../persistence/orm.ts';
import { startPostgres } from '../support/postgres.ts';

const postgres = await startPostgres();
const server = await openDatabase({ url: await postgres.empty(), connectionsMax: 4 });
const embedded = await openDatabase({ memory: true });
const databases: [string, Database][] = [
  ['embedded', embedded],
  ['server', server],
];
for (const [, db] of databases) await db.rows('create table note (id int primary key, text text)');

const opening = suite('persistence/orm');
for (const end of [embedded.close, server.close, postgres.stop]) opening.after(end);

/** Settled by the test, so that nothing depends on time. */
function signal() {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { give, given };
}

const idsOf = async (db: Database) => (await db.rows<{ id: number }>('select id from note order by id')).map(({ id }) => id);

for (const [name, db] of databases) {
  opening(`on the ${name} database a whole number is a bigint, a time a Date, json what it says, null null`, async () => {
    const text = `select 9007199254740993::int8 as big, 7::int4 as small, '2026-11-21T12:00:00Z'::timestamptz as at,
                         '{"a":[1]}'::jsonb as data, '\\x0102'::bytea as bytes, null::int8 as none, $1::uuid as id`;
    const id = '01a1fd20-fd1a-7000-9884-ff8c9ea64c16';
    const [row] = await db.rows(text, [id]);
    assert.equal(
      { ...row, bytes: [...(row!.bytes as Uint8Array)] },
      {
        big: 9_007_199_254_740_993n,
        small: 7,
        at: new Date('2026-11-21T12:00:00Z'),
        data: { a: [1] },
        bytes: [1, 2],
        none: null,
        id,
      },
    );
  });

  opening(`on the ${name} database what a failed transaction wrote is gone, and what stood beside it stays`, async () => {
    await db.rows('delete from note');
    const [begun, go] = [signal(), signal()];
    const failing = db
      .transaction(async (em) => {
        await rowsIn(em, 'insert into note values (1, ?)', ["it's ? of it"]);
        begun.give();
        await go.given;
        throw new Error('no');
      })
      .catch((error: Error) => error.message);
    await begun.given;
    const beside = [
      db.rows('insert into note values (2, $1)', ['two']),
      db.transaction((em) => rowsIn(em, 'insert into note values (3, ?)', ['three'])),
    ];
    setImmediate(go.give);
    assert.is(await failing, 'no');
    await Promise.all(beside);
    assert.equal(await idsOf(db), [2, 3]);
  });

  opening(`on the ${name} database a transaction that PostgreSQL asks to repeat is repeated, five times at most`, async () => {
    const tries = async (failures: number, code: string) => {
      let tried = 0;
      const outcome = await db
        .transaction(async (em) => {
          tried++;
          if (tried <= failures) await rowsIn(em, `do $$ begin raise exception 'again' using errcode = '${code}'; end $$`);
        })
        .then(
          () => 'done',
          () => 'failed',
        );
      return [outcome, tried];
    };
    assert.equal(await tries(2, '40001'), ['done', 3]);
    assert.equal(await tries(4, '40P01'), ['done', 5]);
    assert.equal(await tries(9, '40001'), ['failed', 5]);
    assert.equal(await tries(1, '23514'), ['failed', 1]);
  });

  opening(`on the ${name} database what a transaction says is heard once, after its commit, and not if it fails`, async () => {
    await db.rows('delete from note');
    const heard: unknown[] = [];
    const stop = db.hear((word) => heard.push(word));
    let tried = 0;
    const said = db.transaction(async (em) => {
      for (const word of ['one', 'two', 'one']) sayIn(em, word);
      if (++tried === 1) await rowsIn(em, "do $$ begin raise exception 'again' using errcode = '40001'; end $$");
      assert.equal(heard, []);
      return 'done';
    });
    assert.is(await said, 'done');
    await db.transaction((em) => Promise.reject(new Error(String(sayIn(em, 'three'))))).catch(() => undefined);
    assert.equal([heard, tried], [['one', 'two'], 2]);
    stop();
    await db.transaction(async (em) => sayIn(em, 'four'));
    assert.equal(heard, ['one', 'two']);
  });
}

opening('connections lost in the middle of transactions, more of them than there are, are replaced', async () => {
  for (let times = 0; times < 3; times++) {
    const held = Array.from({ length: 4 }, () => ({ begun: signal(), go: signal() }));
    const lost = held.map(({ begun, go }) =>
      server
        .transaction(async (em) => {
          await rowsIn(em, 'select 1');
          begun.give();
          await go.given;
          await rowsIn(em, 'select 2');
        })
        .then(
          () => 'done',
          () => 'lost',
        ),
    );
    await Promise.all(held.map(({ begun }) => begun.given));
    await postgres.cutConnections();
    for (const { go } of held) go.give();
    assert.equal(await Promise.all(lost), Array(4).fill('lost'));
  }
  await server.transaction((em) => rowsIn(em, 'insert into note values (9, null)'));
  assert.ok((await idsOf(server)).includes(9));
});

opening('a whole number is read from whatever a driver gives, and nothing else is taken for one', () => {
  for (const value of [40n, 40, '40']) assert.is(whole(value), 40n);
  for (const value of [null, undefined, 1.5, '4x', {}]) assert.throws(() => whole(value));
});

opening.run();
