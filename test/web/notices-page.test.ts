import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { joined, type Notice, type NoticePage, readUpTo, withNext } from '../../web/src/notices-page.ts';

const notice = (no: number): Notice => ({ no, kind: 'level_up', data: {}, at: '2026-11-21T12:00:00.000Z', readAt: null });

/** `size` notices up to `last`, as the house answers when `unread` of all are unread. */
function pageTo(last: number, size = 3, unread = last): NoticePage {
  const items = Array.from({ length: Math.min(size, last) }, (_, index) => notice(last - index));
  const lowest = items.at(-1)?.no ?? 0;
  return { items, nextCursor: lowest > 1 ? String(lowest) : null, unread, last };
}
const numbers = ({ items }: NoticePage): number[] => items.map(({ no }) => no);

test('a first page is taken as it is', () => {
  assert.equal(joined(pageTo(5), null), pageTo(5));
  assert.equal(numbers(joined(pageTo(0), null)), []);
});

test('what was heard while a page was on its way stays in front of it, and counts as unread', () => {
  const known = withNext(withNext(pageTo(5), notice(6)), notice(7));
  const page = joined(pageTo(5), known);
  assert.equal(numbers(page), [7, 6, 5, 4, 3]);
  assert.is(page.last, 7);
  assert.is(page.unread, 7);
});

test('older pages that were read stay behind a new one that follows on them', () => {
  const known = { ...pageTo(6, 6), nextCursor: null };
  const page = joined(pageTo(8), known);
  assert.equal(numbers(page), [8, 7, 6, 5, 4, 3, 2, 1]);
  assert.is(page.nextCursor, null);
});

test('after a gap what was read before is let go, so that more is read from where the page ends', () => {
  const page = joined(pageTo(20), pageTo(6, 6));
  assert.equal(numbers(page), [20, 19, 18]);
  assert.is(page.nextCursor, '18');
});

test('marking as read leaves what came since', () => {
  const page = readUpTo(withNext(pageTo(3), notice(4)), { upTo: 3, unread: 1 });
  assert.equal(
    page.items.filter(({ readAt }) => readAt === null).map(({ no }) => no),
    [4],
  );
  assert.is(page.unread, 1);
});

test.run();
