import { schema, t, type SchemaType } from '@colyseus/schema';

export const QueueState = schema(
  {
    game: t.string().default(''),
    /** How many wait, and how many make a party. */
    waiting: t.uint16().default(0),
    wanted: t.uint8().default(2),
    /** Place in line by player id, from 1. */
    places: t.map('uint16'),
  },
  'QueueState',
);
export type QueueState = SchemaType<typeof QueueState>;
