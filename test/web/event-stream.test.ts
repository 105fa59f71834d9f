import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { eventReader, type ServerEvent } from '../../web/src/event-stream.ts';

const SAID = 'retry: 3000\n\nid: 7\nevent: ready\ndata: {"last":7}\n\n:\n\nid: 8\nevent: level_up\ndata: {"no":8}\n\n';
const READ: ServerEvent[] = [
  { id: '7', event: 'ready', data: '{"last":7}' },
  { id: '8', event: 'level_up', data: '{"no":8}' },
];

test('events are read, and neither times to wait nor signs of life are taken for one', () => {
  assert.equal(eventReader()(SAID), READ);
});

test('it makes no difference where the text was cut', () => {
  for (let size = 1; size < 9; size++) {
    const read = eventReader();
    const parts = SAID.match(new RegExp(`[^]{1,${size}}`, 'g'))!;
    assert.equal(parts.flatMap(read), READ, `cut each ${size}`);
  }
});

test('lines may end in any of the three ways, a break cut in two among them', () => {
  for (const end of ['\r\n', '\r']) {
    const text = `${SAID.replaceAll('\n', end)}:${end}`;
    assert.equal(text.split('').flatMap(eventReader()), READ);
  }
});

test('a value keeps its colons and all but its first space, and lines of data are joined', () => {
  const read = eventReader();
  assert.equal(read('data:  a: b\ndata\ndata:c\n\n'), [{ id: null, event: 'message', data: ' a: b\n\nc' }]);
});

test('an event that never ended is not told', () => {
  assert.equal(eventReader()('id: 1\ndata: {}\n'), []);
});

test.run();
