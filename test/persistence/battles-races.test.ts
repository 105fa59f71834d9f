// Battles that begin at the same time, on two processes.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BATTLES } from '../../rules/battle-content.ts';
import { startPostgres } from '../support/postgres.ts';
import { refusalOf, serverStore } from '../support/store.ts';

const postgres = await startPostgres();
const url = await postgres.database();
const { db, store, player, close } = await serverStore(url, { fresh: true });
const other = await serverStore(url, { fresh: false });
const { battles, rounds } = store;

const races = suite('persistence/battles-races');
for (const end of [close, other.close, postgres.stop]) races.after(end);

const FIGHTER = { name: 'Ann', level: 1, bot: false, stats: { attack: 10, defence: 10, hp: 100, stamina: 100 } };

races('two battles that begin at once with one player in both: one does, and the other names them', async () => {
  for (let turn = 0; turn < 5; turn++) {
    const people = [await player(), await player(), await player()];
    const parties = [people.slice(0, 2), people.slice(1)].map((ids) => ids.map((playerId) => ({ ...FIGHTER, playerId })));
    const roundIds = await Promise.all(
      parties.map(async () => (await rounds.open({ game: 'battle', roomId: 'room', rulesVersion: 2 })).roundId),
    );
    const definition = BATTLES[0]!;
    const begun = await Promise.all(
      parties.map((party, index) =>
        (index % 2 ? other.store : store).battles.begin({ roundId: roundIds[index]!, definition, party }),
      ),
    );
    assert.equal(
      begun.map(({ busy }) => busy).toSorted((one, two) => one.length - two.length),
      [[], [people[1]!]],
    );
    const select = 'select state, setup from round where id = any($1) order by state';
    const kept = await db.rows<{ state: string; setup: { party?: unknown[] } }>(select, [roundIds]);
    assert.equal(
      kept.map(({ state, setup }) => [state, setup.party?.length ?? 0]),
      [
        ['open', 0],
        ['started', 2],
      ],
      'the other is as it was',
    );
    const on = roundIds[begun.findIndex(({ busy }) => busy.length === 0)]!;
    const off = roundIds.find((roundId) => roundId !== on)!;
    assert.is(await refusalOf(battles.joinLate(off, { ...FIGHTER, playerId: people[1]! })), 'round_over');
    const [lone] = [await player()];
    assert.is(await refusalOf(battles.joinLate(on, { ...FIGHTER, playerId: lone })), 'done');
    assert.is((await battles.fighter(lone)).busy, true);
    assert.is((await battles.fighter(lone, on)).busy, false);
    for (const roundId of roundIds) await rounds.void(roundId, 'closed');
    assert.is((await battles.fighter(lone)).busy, false);
  }
});

races.run();
