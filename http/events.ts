import { z } from 'zod';
import type { NoticeStream } from '../server/house.ts';
import { type Route, route } from './route.ts';
import { Stream } from './stream.ts';

const eventId = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
  .nullable()
  .default(null)
  .meta({ description: 'The id of the last event heard; what came since is told first', example: '42' });

/** Between two tries of a client whose stream has ended, ms. */
const RETRY_MS = 3_000;

export const eventRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/events',
    who: 'player',
    summary:
      'Your notifications as they come, as Server-Sent Events: each once, in order, resumed by Last-Event-ID. Begins with `ready`, ' +
      'or with `reset` where more was missed than is kept; says `closed` before it ends. Refuses unavailable',
    query: z.strictObject({ lastEventId: eventId }),
    heads: z.strictObject({ 'last-event-id': eventId }),
    answers: z.string(),
    type: 'text/event-stream',
    async answer({ house, visitor, query, heads, address }) {
      const stream = new Stream();
      stream.write(`retry: ${RETRY_MS}\n\n`);
      // A client that comes back by itself repeats the address it first asked for; its header is newer.
      const after = heads['last-event-id'] ?? query.lastEventId;
      stream.onClose(house.notices.open({ visitor, address, after, ...writer(stream) }));
      return stream;
    },
  }),
];

const writer = (stream: Stream): Pick<NoticeStream, 'send' | 'beat' | 'end'> => ({
  send: (event) => stream.write(eventText(event)),
  beat: () => stream.write(':\n\n'),
  end(why) {
    stream.write(eventText({ id: null, event: 'closed', data: { why } }));
    stream.end();
  },
});

/** WHATWG HTML, 9.2.6: JSON has no line breaks of its own. */
const eventText = ({ id, event, data }: { id: number | null; event: string; data: object }): string =>
  `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
