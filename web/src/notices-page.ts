// The inbox as it is kept in the page: pages read, notices heard, and what was marked as read, put together without a gap.
export interface Notice {
  no: number;
  kind: string;
  data: Record<string, unknown>;
  at: string;
  readAt: string | null;
}

/** Newest first. */
export interface NoticePage {
  items: Notice[];
  nextCursor: string | null;
  unread: number;
  last: number;
}

/** What was heard while the page was on its way is newer than it; what was read before goes on behind it, if it is next. */
export function joined(page: NoticePage, known: NoticePage | null): NoticePage {
  const since = (known?.items ?? []).filter(({ no }) => no > page.last);
  const first = page.items.at(-1)?.no ?? 0;
  const follows = known !== null && page.nextCursor !== null && known.last >= first - 1;
  const before = follows ? known.items.filter(({ no }) => no < first) : [];
  return {
    items: [...since, ...page.items, ...before],
    nextCursor: before.length > 0 ? known!.nextCursor : page.nextCursor,
    unread: page.unread + since.length,
    last: since[0]?.no ?? page.last,
  };
}

export const withNext = (known: NoticePage, notice: Notice): NoticePage => ({
  ...known,
  items: [notice, ...known.items],
  unread: known.unread + 1,
  last: notice.no,
});

export function readUpTo(known: NoticePage, { upTo, unread }: { upTo: number; unread: number }): NoticePage {
  const readAt = new Date().toISOString();
  const items = known.items.map((notice) => (notice.no <= upTo && notice.readAt === null ? { ...notice, readAt } : notice));
  return { ...known, items, unread };
}
