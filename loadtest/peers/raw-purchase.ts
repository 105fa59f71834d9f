// What a purchase of a potion asks of the database, word for word, in one transaction on pg alone.
import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { systemAccount } from '../../persistence/ledger.ts';

export interface RawPurchase {
  player: string;
  /** The ledger account that pays. */
  account: number;
  key: string;
  offerId: string;
  quantity: number;
  price: { currency: 'COINS'; amount: string };
}

export async function purchase(pool: pg.Pool, asked: RawPurchase): Promise<object> {
  const client = await pool.connect();
  const rows = async (name: keyof typeof SQL, values: unknown[]) =>
    (await client.query({ name: `purchase_${name}`, text: SQL[name], values })).rows;
  try {
    await client.query('begin');
    const answer = await purchaseIn(rows, asked);
    await client.query('commit');
    return answer;
  } finally {
    client.release();
  }
}

type Rows = (name: keyof typeof SQL, values: unknown[]) => Promise<pg.QueryResultRow[]>;

async function purchaseIn(rows: Rows, { player, account, key, offerId, quantity, price }: RawPurchase): Promise<object> {
  const fingerprint = createHash('sha256').update(JSON.stringify({ offerId, quantity, price })).digest('hex');
  await rows('claim', [key, player, fingerprint.slice(0, 32), new Date()]);
  const [offer] = await rows('offer', [offerId]);
  if (offer!.data.price.amount !== price.amount) throw new Error('price_changed');
  await rows('player', [player]);
  const [held] = await rows('held', [player, player]);
  if (held!.gear + Object.keys(held!.stacks).length > 100) throw new Error('inventory_full');
  const { item } = offer!.data.sold;
  await rows('add', [player, JSON.stringify([{ item, quantity }])]);
  await rows('count', ['items_bought', player, '1']);
  const amount = Number(price.amount) * quantity;
  const way = { debit: account, credit: systemAccount('shop', 'COINS'), amount, back: 0, cut: 0, reason: `shop:${offerId}` };
  const [posted] = await rows('post', [JSON.stringify([{ id: randomUUID(), op: 'move', ...way }])]);
  const [refused, free] = posted!.answers[0];
  if (refused !== null) throw new Error(refused);
  const answer = { offerId, quantity, paid: { currency: 'COINS', amount: String(amount) }, available: String(free), item };
  await rows('answer', [JSON.stringify(answer), key]);
  return answer;
}

const SQL = {
  claim: 'insert into request (id, player, fingerprint, at) values ($1, $2, $3, $4) on conflict (id) do nothing returning id',
  offer: "select data from content where kind = 'offer' and id = $1",
  player: 'select level from player where id = $1 for no key update',
  held: `
    select (select count(*) from gear where player = $1)::int as gear,
           coalesce(json_object_agg(item, quantity), '{}'::json) as stacks
      from item_stack where player = $2 and quantity > 0`,
  add: `
    insert into item_stack (player, item, quantity)
      select $1, item, sum(quantity) from json_to_recordset($2::json) t(item text, quantity int) group by item
    on conflict (player, item) do update set quantity = item_stack.quantity + excluded.quantity`,
  count: 'insert into score_event (board, player, amount) values ($1, $2, $3)',
  post: 'select ledger_post($1::json) as answers',
  answer: 'update request set answer = $1::json where id = $2',
};
