// The machine's clock jumps back and forth under betting load: rounds end once, nothing is paid for a time that never was.
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../../test/support/server.ts';
import { type Asked, type Drill, type Outcome, seeded } from './kit.ts';
import { Load } from './load.ts';

/** Inside an access token's fifteen minutes, so that what is seen is the clock's doing and no expiry. */
const JUMP_MS_MAX = 600_000;

export const clock: Drill = {
  name: 'clock',
  what: 'the clock jumps up to ten minutes back and forth under load',
  counts: { full: 200, quick: 10 },
  unit: 'jumps',
  run: drill,
};

async function drill({ count, seed, progress }: Asked): Promise<Outcome> {
  const chance = seeded(seed);
  const server = await startServer();
  const load = new Load(server.url);
  const faults: string[] = [];
  try {
    await load.begin();
    let ahead = 0;
    for (let jumped = 1; jumped <= count; jumped++) {
      const to = chance(2 * JUMP_MS_MAX) - JUMP_MS_MAX;
      server.push(to - ahead);
      server.clock.pass(to - ahead);
      ahead = to;
      await sleep(100 + chance(150));
      progress(jumped, `${load.answered} answers, ${load.tables} tables`);
    }
    const answered = load.answered;
    await sleep(1_500);
    if (load.answered === answered) faults.push('no bet was answered after the last jump');
    await load.end();
    const { differences } = await server.store.ledger.verify();
    for (const { account, what } of differences) faults.push(`account ${account}: ${what} differs`);
    const [open] = await server.db.rows<{ count: bigint }>(
      "select count(*) from round_stake s join round r on r.id = s.round where s.state = 'open' and r.state <> 'started'",
    );
    if (open!.count !== 0n) faults.push(`${open!.count} stakes are open in rounds that are over`);
    const errors = server.logged.filter(({ level }) => level === 'error');
    if (errors.length > 0) faults.push(`${errors.length} errors, the first ${errors[0]!.event}`);
    faults.push(...load.faults);
    return { figures: { jumps: count, answers: load.answered, tables: load.tables }, faults };
  } finally {
    await load.end();
    await server.stop();
  }
}
