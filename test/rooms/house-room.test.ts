// A room with a bug in it: what it does to itself, and what it must not do to the others. It comes from outside, as one more
// entry in the list of rooms.
import { z } from 'zod';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CheckedOptions, CLOSE, HouseRoom } from '../../rooms/house-room.ts';
import { houseRooms } from '../../server/games.ts';
import { SpinState } from '../../state/spin.ts';
import { type Player, refusedWith, until } from '../support/server.ts';
import { coins, listen, type Sitter, startStill } from '../support/table.ts';

const WHERE = ['handler', 'later', 'turn', 'beat', 'patch', 'departure', 'return'] as const;
type Where = (typeof WHERE)[number];

/** Breaks where it is told to. */
class Shaky extends HouseRoom<SpinState> {
  override state = new SpinState();
  #broken: Where | null = null;
  #beats = 0;
  static voided = 0;

  static check(): CheckedOptions {
    return {};
  }
  override messages = {
    break: this.answer(z.strictObject({ where: z.enum(WHERE) }), ({ auth }, { where }) => {
      this.#broken = where;
      if (where === 'handler') throw new Error('as asked');
      if (where === 'later') return Promise.reject(new Error('as asked'));
      if (where === 'turn') this.onItsOwn('turn', () => Promise.reject(new Error('as asked')));
      if (where === 'patch') Object.defineProperty(this, 'broadcastPatch', { value: () => this.crash() });
      this.state.jackpot = auth.visitor.playerId;
      return {};
    }),
    beats: this.answer(z.strictObject({}), () => ({ beats: this.#beats })),
  };

  protected override open(): void {
    this.startClock();
  }
  protected override arrive(): void {
    this.state.playersCount++;
  }
  protected override present(_visitor: unknown, here: boolean): void {
    if (here && this.#broken === 'return') this.crash();
  }
  protected override depart(): void {
    if (this.#broken === 'departure') this.crash();
    this.state.playersCount--;
  }
  protected override async voidRound(): Promise<void> {
    Shaky.voided++;
  }
  busy(): boolean {
    return false;
  }
  beat(): void {
    this.#beats++;
    if (this.#broken === 'beat') this.crash();
  }
  private crash(): never {
    throw new Error('as asked');
  }
}

const server = await startStill({}, [...houseRooms, { name: 'shaky', room: Shaky }]);
const house = suite('rooms/house-room');
house.after(() => server.stop());

const uncaught: unknown[] = [];
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error) => void uncaught.push(error));

const people: Player[] = [await server.register(), await server.register(), await server.register()];
const enter = async (player: Player, room = 'shaky'): Promise<Sitter> => listen(player, await player.client.create(room, {}));
const others = [await enter(people[1]!), await enter(people[2]!, 'spin')];

/** The clock still turns for the others, and they are answered. */
async function othersGoOn(): Promise<void> {
  const { beats } = await others[0]!.room.request('beats', {});
  await until('more beats', async () => {
    await new Promise((resolve) => setTimeout(resolve, 50)); // slower than the bound on messages
    return (await others[0]!.room.request('beats', {})).beats > beats + 1;
  });
  assert.ok(await others[1]!.room.request('spin', { stake: coins(20) }));
  assert.equal(
    others.map(({ left }) => left),
    [[], []],
  );
  assert.equal(uncaught, []);
}
const errors = (): string[] => server.logged.filter(({ level }) => level === 'error').map(({ event }) => event);

for (const where of ['handler', 'later'] as const) {
  house(`a move that throws (${where}) is answered \`internal\`, without its message, and logged; the room goes on`, async () => {
    server.logged.length = 0;
    const broken = await enter(people[0]!);
    const told = await broken.room.request('break', { where }).catch((error: unknown) => error);
    assert.equal([(told as any).reason], [{ code: 'internal' }]);
    assert.not.match(JSON.stringify(told), /as asked/);
    assert.ok(await broken.room.request('beats', {}));
    assert.equal([broken.left, errors()], [[], ['move_failed']]);
    await othersGoOn();
    await broken.room.leave();
  });
}

for (const where of ['turn', 'beat', 'patch'] as const) {
  house(`what throws by itself (${where}) ends that room alone, its round void`, async () => {
    server.logged.length = 0;
    const before = Shaky.voided;
    const broken = await enter(people[0]!);
    broken.room.request('break', { where }).catch(() => undefined);
    await until('the end', () => broken.left.length === 1);
    assert.equal([broken.left, errors(), Shaky.voided], [[CLOSE.roomFailed], ['room_failed'], before + 1]);
    assert.is(await refusedWith(people[0]!.client.joinById(broken.room.roomId, {})), 'room_unknown');
    await othersGoOn();
  });
}

house('a departure that throws ends that room, and nobody is left in it', async () => {
  server.logged.length = 0;
  const [leaves, stays] = [await enter(people[0]!), people[1]!];
  const there = listen(stays, await stays.client.joinById(leaves.room.roomId, {}));
  await leaves.room.request('break', { where: 'departure' });
  await leaves.room.leave();
  await until('the end', () => there.left.length === 1);
  assert.equal([there.left, errors()], [[CLOSE.roomFailed], ['room_failed']]);
  await until(
    'the room to be gone',
    async () => (await refusedWith(people[0]!.client.joinById(leaves.room.roomId, {}))) === 'room_unknown',
  );
  await othersGoOn();
});

house('a return that throws ends that room', async () => {
  server.logged.length = 0;
  const broken = await enter(people[0]!);
  await broken.room.request('break', { where: 'return' });
  const token = broken.room.reconnectionToken;
  assert.is.not(await refusedWith(people[0]!.client.reconnect(token)), 'done');
  await until('the log', () => errors().includes('room_failed'));
  await othersGoOn();
});

house('a second socket of the same player closes the first, and both are one', async () => {
  const first = await enter(people[0]!);
  const second = listen(people[0]!, await people[0]!.client.joinById(first.room.roomId, {}));
  await until('the first to be closed', () => first.left.length === 1);
  assert.equal(first.left, [CLOSE.seatTakenOver]);
  await second.room.leave();
  await othersGoOn();
});

house('afterwards nothing was left uncaught', async () => {
  await Promise.all(others.map(({ room }) => room.leave()));
  assert.equal(uncaught, []);
});

house.run();
