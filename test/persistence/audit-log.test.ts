import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Act, auditIn } from '../../persistence/audit-log.ts';
import { memoryStore } from '../support/store.ts';

const { db, store, player, close } = await memoryStore();
const [ann, bob] = [await player(), await player()];
const act = (more: Partial<Act> = {}): Act => ({
  actorId: ann,
  action: 'season.end',
  target: 'season:1',
  before: { state: 'current' },
  after: { state: 'ended', points: 7n },
  ...more,
});
const write = (more: Partial<Act> = {}) => db.transaction((em) => auditIn(em, act(more)));

const log = suite('persistence/audit-log');
log.after(() => close());

log('an act is kept with who did what to whom, before and after', async () => {
  await write();
  const [written] = await store.auditLog.page({ limit: 10, before: null });
  assert.equal({ ...act(), after: { state: 'ended', points: '7' } }, omit(written!));
});

log('an act whose change fails is not written', async () => {
  const failing = db.transaction(async (em) => {
    await auditIn(em, act({ action: 'season.start' }));
    throw new Error('the change fails');
  });
  await failing.catch(() => undefined);
  assert.equal((await store.auditLog.page({ limit: 10, before: null, action: 'season.start' })).length, 0);
});

log('it is read newest first, a page at a time, and by actor, target and action', async () => {
  await write({ actorId: bob, target: 'season:2' });
  await write({ actorId: null, action: 'mining.accept', before: null });
  const [first] = await store.auditLog.page({ limit: 1, before: null });
  assert.equal([first!.actorId, first!.before], [null, null]);
  const rest = await store.auditLog.page({ limit: 10, before: first!.no });
  assert.equal(
    rest.map(({ actorId }) => actorId),
    [bob, ann],
  );
  for (const [query, count] of [
    [{ actorId: bob }, 1],
    [{ target: 'season:1' }, 2],
    [{ action: 'mining.accept' }, 1],
  ] as const)
    assert.is((await store.auditLog.page({ limit: 10, before: null, ...query })).length, count);
});

log('nobody changes or deletes what is written', async () => {
  for (const text of ['update audit_log set actor = null', 'delete from audit_log', 'truncate audit_log'])
    await db.rows(text).then(
      () => assert.unreachable(text),
      (error: unknown) => assert.match(String(error), /append-only/),
    );
  assert.is((await store.auditLog.page({ limit: 10, before: null })).length, 3);
});

log.run();

function omit<T extends { no: unknown; at: unknown; hash: unknown; actorName: unknown }>({
  no: _no,
  at: _at,
  hash: _hash,
  actorName: _name,
  ...rest
}: T) {
  return rest;
}
