// Real rounds of the real server, checked by what strangers are given: a Node script, a Python script and the page's own
// script. All three must say the same, to the letter, of true rounds and of rounds that somebody has touched.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { askAll, askPage, COMMANDS, PAGE, pageScript, PYTHON_SCRIPT, run, SCRIPT, type Checked } from '../support/checkers.ts';
import { foughtBattle, jackpotSpin, playedTable, rotatedSpins, voidTable, type ProofJson } from '../support/proofs.ts';
import { startServer } from '../support/server.ts';
import { verify, type Proof } from '../../web/src/verify.ts';

const server = await startServer();
const { commitment, hidden, proofs } = await rotatedSpins(server, { spins: 6 });
const spin = proofs[0]!;
const jackpot = await jackpotSpin(server);
const { commitment: tableCommitment, proof: table } = await playedTable(server);
const [broken, unstarted] = [await voidTable(server), await voidTable(server, false)];
const battle = await foughtBattle(server);

const checkers = suite('examples/verify');
checkers.after(() => server.stop());

const askOne = async (proof: unknown, known: Parameters<typeof askAll>[1] = {}) => (await askAll([proof], known))[0]!;
const wrongOf = ({ steps }: Checked) => steps.filter(({ agrees }) => agrees === false).map(({ title }) => title);

checkers('spins under one seed are found true once it is rotated, each with its own nonce', async () => {
  const found = await askAll(proofs, { noted: commitment });
  for (const [nonce, proof] of proofs.entries()) {
    assert.equal([proof.nonce, proof.commitment], [nonce, commitment]);
    assert.equal([found[nonce]!.verdict, wrongOf(found[nonce]!)], ['true', []]);
  }
});

checkers('a spin that hits the jackpot is found true, its prize computed from the pot', async () => {
  assert.is(jackpot.outcome.jackpotHit, true);
  assert.ok(BigInt(jackpot.outcome.prize) > 0n);
  const checked = await askOne(jackpot);
  assert.equal([checked.verdict, wrongOf(checked)], ['true', []]);
});

checkers('a table with bets on every pull and a departure is found true', async () => {
  assert.ok(table.moves.some(({ type }: { type: string }) => type === 'leave'));
  assert.ok(table.moves.some(({ type }: { type: string }) => type === 'bet'));
  const checked = await askOne(table, { noted: tableCommitment });
  assert.equal([checked.verdict, wrongOf(checked)], ['true', []]);
  const pulls = checked.steps.filter(({ title }) => title.startsWith('Pull '));
  assert.is(pulls.length, table.moves.filter(({ type }: { type: string }) => type === 'pull' || type === 'timeout').length);
});

checkers('a table that failed is true where everything was given back, started or not', async () => {
  for (const proof of [broken, unstarted]) {
    const checked = await askOne(proof);
    assert.equal([proof.state, checked.verdict, wrongOf(checked)], ['void', 'true', []]);
  }
  const kept = changed(broken, (proof) => void (proof.stakes[0].paid = '0'));
  assert.equal(wrongOf(await askOne(kept)), ['What was paid']);
});

checkers('of a battle the seed is found true, and the rest is said to need the rules', async () => {
  const checked = await askOne(battle);
  assert.is(checked.verdict, 'partly');
  assert.is((await askOne(changed(battle, (proof) => void (proof.nonce = 1)))).verdict, 'false', 'a nonce would be a choice');
});

checkers('the panel of the house’s own page agrees', async () => {
  for (const proof of [...proofs, jackpot, table, battle]) assert.is((await verify(proof as Proof)).verdict, 'true');
  assert.is((await verify(hidden as Proof)).verdict, 'hidden');
});

checkers('a spin whose seed is not shown is neither true nor false', async () => {
  const checked = await askOne(hidden);
  assert.equal([checked.verdict, wrongOf(checked)], ['hidden', []]);
});

checkers('every commitment is older than every stake on its round', async () => {
  for (const { committedAt, stakes } of [...proofs, jackpot, table, broken]) {
    assert.ok(stakes.length > 0);
    for (const { at } of stakes) assert.ok(Date.parse(committedAt) <= Date.parse(at), `${committedAt}, ${at}`);
  }
  const late = changed(table, (proof) => void (proof.committedAt = new Date(Date.parse(proof.stakes[0].at) + 1).toISOString()));
  assert.equal(wrongOf(await askOne(late)), ['The promise came before every stake']);
});

checkers('a commitment that is not the one noted before the bet is found out', async () => {
  const checked = await askOne(table, { noted: commitment });
  assert.equal([checked.verdict, wrongOf(checked)], ['false', ['What was promised']]);
  assert.is((await askOne(hidden, { noted: tableCommitment })).verdict, 'false');
});

const digit = (hex: string) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);
const more = (amount: string) => String(BigInt(amount) + 1n);
type Touch = (proof: ProofJson) => void;

const TOUCHED_SPINS: Record<string, Touch> = {
  'another seed': (proof) => (proof.serverSeed = digit(proof.serverSeed)),
  'another commitment': (proof) => (proof.commitment = digit(proof.commitment)),
  'another client seed': (proof) => (proof.clientSeeds = ['other']),
  'two client seeds': (proof) => (proof.clientSeeds = ['lucky-7', 'lucky-7']),
  'another nonce': (proof) => (proof.nonce += 1),
  'another segment': (proof) => (proof.outcome.segment += 1),
  'another multiplier': (proof) => (proof.outcome.multiplier += 1),
  'another payout': (proof) => (proof.outcome.payout = more(proof.outcome.payout)),
  'a jackpot kept': (proof) => (proof.outcome.jackpotHit = !proof.outcome.jackpotHit),
  'less paid than said': (proof) => (proof.stakes[0].paid = more(proof.stakes[0].paid)),
  'more staked than said': (proof) => (proof.stakes[0].amount = more(proof.stakes[0].amount)),
  'another currency': (proof) => (proof.stakes[0].currency = 'KES'),
  'a stake more': (proof) => proof.stakes.push(proof.stakes[0]),
  'a wheel with a weight too many': (proof) => (proof.setup.segments[0].weight += 1),
  'a seed that is none': (proof) => (proof.serverSeed = proof.serverSeed.toUpperCase().replace(/^./, 'G')),
  'an amount that is none': (proof) => (proof.outcome.payout = '1e3'),
  'a nonce that is none': (proof) => (proof.nonce = 0.5),
  'no outcome': (proof) => (proof.outcome = null),
  'no wheel': (proof) => delete proof.setup.segments,
  'a seed shown too early': (proof) => (proof.state = 'started'),
};

await findFalse('a spin', spin, TOUCHED_SPINS);

await findFalse('a jackpot', jackpot, {
  'another pot': (proof) => (proof.outcome.pot = String(BigInt(proof.outcome.pot) * 2n)),
  'another prize': (proof) => (proof.outcome.prize = more(proof.outcome.prize)),
  'another highest stake': (proof) => (proof.setup.stakeMax = '100'),
  'no prize': (proof) => delete proof.outcome.prize,
  'a prize kept': (proof) => (proof.stakes[0].paid = '0'),
});

const moveOf = (proof: ProofJson, wanted: string) => proof.moves.find(({ type }: { type: string }) => type === wanted);
const betStake = (proof: ProofJson) => proof.stakes.find(({ kind }: { kind: string }) => kind !== 'stake');
const other = (proof: ProofJson, seat: string) => proof.setup.seats.find((one: string) => one !== seat);

const TOUCHED_TABLES: Record<string, Touch> = {
  'another seed': (proof) => (proof.serverSeed = digit(proof.serverSeed)),
  'another commitment': (proof) => (proof.commitment = digit(proof.commitment)),
  'another client seed': (proof) => (proof.clientSeeds[0] = 'other'),
  'client seeds in another order': (proof) => proof.clientSeeds.reverse(),
  'a nonce of the house’s choice': (proof) => (proof.nonce = 1),
  'another winner': (proof) => (proof.outcome.winner = other(proof, proof.outcome.winner)),
  'another first turn': (proof) => (proof.outcome.firstTurn = other(proof, proof.outcome.firstTurn)),
  'another payout': (proof) => (proof.outcome.payout = more(proof.outcome.payout)),
  'another rake': (proof) => (proof.setup.rakeBp += 100),
  'a pull by another seat': (proof) => (moveOf(proof, 'pull').seatId = other(proof, moveOf(proof, 'pull').seatId)),
  'a pull of another number': (proof) => (moveOf(proof, 'pull').pullNo += 1),
  'a pull that became a departure': (proof) => (moveOf(proof, 'pull').type = 'leave'),
  'a pull left out': (proof) => proof.moves.splice(proof.moves.indexOf(moveOf(proof, 'pull')), 1),
  'a pull more': (proof) => proof.moves.push(proof.moves.at(-1)),
  'a departure left out': (proof) => proof.moves.splice(proof.moves.indexOf(moveOf(proof, 'leave')), 1),
  'a bet left out': (proof) => proof.moves.splice(proof.moves.indexOf(moveOf(proof, 'bet')), 1),
  'a bet said twice': (proof) => proof.moves.unshift(moveOf(proof, 'bet')),
  'a bet on another seat': (proof) => (moveOf(proof, 'bet').targetId = other(proof, moveOf(proof, 'bet').targetId)),
  'a bet of the other kind': (proof) => (moveOf(proof, 'bet').kind = 'eliminated'),
  'a bet of another stake': (proof) => (moveOf(proof, 'bet').stake = more(moveOf(proof, 'bet').stake)),
  'a bet paid less': (proof) => (betStake(proof).paid = '1'),
  'a bet given back': (proof) => (betStake(proof).state = 'void'),
  'a seat paid twice': (proof) => proof.stakes.push(proof.stakes[0]),
  'a seat without a stake': (proof) => proof.stakes.splice(0, 1),
  'a move that is none': (proof) => (proof.moves[0].type = 'reload'),
  'an end that was void': (proof) => (proof.state = 'void'),
};

await findFalse('a table', table, TOUCHED_TABLES);

checkers('what is no record at all is found false, and nothing fails', async () => {
  const nothings = [null, [], 'round', 7, {}, { ...spin, stakes: [null] }, { ...spin, clientSeeds: ['no spaces'] }];
  for (const checked of await askAll(nothings)) assert.equal(wrongOf(checked), ['The record can be read']);
});

checkers('both programs read a round from the server by its id, and end with one line', async () => {
  for (const command of COMMANDS) {
    const { code, out } = await run([...command, `${server.url}/`, table.roundId, '--noted', tableCommitment]);
    assert.is(code, 0, out);
    assert.match(out.trimEnd().split('\n').at(-1)!, /^TRUE: /);
    assert.is((await run([...command, server.url, '00000000-0000-7000-8000-000000000000'])).code, 2);
    assert.match((await run([...command, '--help'])).faults, /--noted/);
    assert.is((await run([...command, '-'], 'no JSON')).code, 2);
    assert.is((await run([...command, '-'], JSON.stringify(hidden))).code, 2);
    assert.is((await run([...command, '-'], JSON.stringify({ ...table, nonce: 1 }))).code, 1);
  }
});

checkers('a list of rounds is checked one by one, and is as good as the worst of them', async () => {
  for (const command of COMMANDS) {
    const listed = await run([...command, '-'], JSON.stringify([spin, { ...table, nonce: 1 }, hidden]));
    const lines = listed.out.trimEnd().split('\n');
    assert.is(listed.code, 1);
    for (const [index, words] of [`${spin.roundId}  TRUE`, `${table.roundId}  FALSE`, `${hidden.roundId}  NOT YET`].entries())
      assert.ok(lines[index]!.startsWith(words), lines[index]);
    assert.is((await run([...command, '-'], JSON.stringify([spin, battle]))).code, 0);
    assert.is((await run([...command, '-'], JSON.stringify([spin, hidden]))).code, 2);
    assert.is((await run([...command, '-'], '[]')).code, 2);
  }
});

checkers('an answer about another round than the one asked for is found out', async () => {
  assert.is((await askPage(spin, { roundId: spin.roundId })).verdict, 'true');
  assert.equal(wrongOf(await askPage(spin, { roundId: table.roundId })), ['The round']);
});

checkers('the page and the script hold the same checker, and neither imports anything of ours', () => {
  const script = readFileSync(SCRIPT, 'utf8');
  assert.is(checkerIn(pageScript()), checkerIn(script));
  assert.equal(
    [...script.matchAll(/import\W+'([^']+)'/g)].map(([, name]) => name),
    ['node:crypto', 'node:fs'],
  );
  const page = readFileSync(PAGE, 'utf8');
  assert.not.match(page, /<script [^>]*src|<link|@import|url\(/);
  const python = readFileSync(PYTHON_SCRIPT, 'utf8');
  assert.equal(
    [...python.matchAll(/^(?:import|from) (\S+)/gm)].map(([, name]) => name),
    ['hashlib', 'hmac', 'json', 're', 'sys', 'urllib.request', 'urllib.parse'],
  );
});

checkers('a page of any origin, or none, may read a round, and nothing else', async () => {
  for (const origin of ['https://elsewhere.example', 'null']) {
    const read = await fetch(`${server.url}/api/fairness/rounds/${spin.roundId}`, { headers: { origin } });
    assert.equal([read.status, read.headers.get('access-control-allow-origin')], [200, '*']);
    assert.is(read.headers.get('access-control-allow-credentials'), null);
    const card = await fetch(`${server.url}/api/fairness`, { headers: { origin } });
    assert.is(card.headers.get('access-control-allow-origin'), null);
  }
});

checkers.run();

/** All at once, because each asking starts two programs. */
async function findFalse(what: string, proof: ProofJson, touches: Record<string, Touch>): Promise<void> {
  const found = await askAll(Object.values(touches).map((touch) => changed(proof, touch)));
  for (const [index, how] of Object.keys(touches).entries())
    checkers(`${what} with ${how} is found false by all`, () => assert.is(found[index]!.verdict, 'false'));
}

function changed(proof: ProofJson, touch: Touch): ProofJson {
  const copy = structuredClone(proof);
  touch(copy);
  assert.not.equal(copy, proof);
  return copy;
}

function checkerIn(source: string): string {
  const [begin, end] = ['// ── the checker ─', '// ── end of the checker ─'].map((mark) => source.indexOf(mark)) as [
    number,
    number,
  ];
  if (begin < 0 || end < begin) throw new Error('no checker between the marks');
  return source.slice(begin, end);
}
