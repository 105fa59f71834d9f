import { createHmac } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { gearSale } from '../../rules/equipment.ts';
import { itemById, stackSale } from '../../rules/items.ts';
import { LEVEL_MAX } from '../../rules/levels.ts';
import { EGG_KINDS } from '../../rules/pets.ts';
import { Refusal, type RefusalCode } from '../../rules/refusal.ts';
import {
  leftFor,
  type Offer,
  offerFrom,
  OFFERS,
  priceAt,
  refuseOverLimit,
  refusePurchase,
  ROTATION_SIZE,
  rotationOf,
  utcDay,
} from '../../rules/shop.ts';

const shop = suite('rules/shop');
const NOW = new Date('2026-11-21T12:00:00Z');
const tonic: Offer = OFFERS.find(({ offerId }) => offerId === 'tonic')!;
const rotating = OFFERS.filter((offer) => offer.rotating).map(({ offerId }) => offerId);

const refused = (work: () => void): RefusalCode | null => {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
};

shop('every offer has a name of its own, brings something that exists, and costs something', () => {
  assert.is(new Set(OFFERS.map(({ offerId }) => offerId)).size, OFFERS.length);
  for (const { offerId, sold, price } of OFFERS) {
    assert.match(offerId, /^[a-z_]+$/);
    assert.ok(BigInt(price.amount) > 0n);
    if (sold.kind === 'item') assert.ok(itemById(sold.item), offerId);
    if (sold.kind === 'egg') assert.ok(EGG_KINDS.includes(sold.egg), offerId);
  }
});

shop('nothing bought for coins is sold again at a gain, at any level', () => {
  for (const { offerId, sold, price } of OFFERS) {
    if (price.currency !== 'COINS' || sold.kind === 'egg') continue;
    const fetched = sold.kind === 'gear' ? gearSale({ rarity: sold.rarity, level: LEVEL_MAX }) : stackSale(sold.item);
    assert.ok(fetched < BigInt(price.amount), offerId);
  }
});

shop('nor is it under any discount', () => {
  for (const offer of OFFERS) {
    const from = '2026-01-01T00:00:00Z';
    const cheap = priceAt({ ...offer, discounts: [{ percentOff: 99, from, until: '2027-01-01T00:00:00Z' }] }, NOW);
    const { sold } = offer;
    if (cheap.currency !== 'COINS' || sold.kind === 'egg') continue;
    const fetched = sold.kind === 'gear' ? gearSale({ rarity: sold.rarity, level: LEVEL_MAX }) : stackSale(sold.item);
    assert.ok(fetched < cheap.amount, offer.offerId);
  }
});

shop('an offer comes back from its row as it was; a row that is none is none', () => {
  for (const { offerId, ...data } of OFFERS) assert.equal(offerFrom(offerId, data), { offerId, ...data });
  const discount = { percentOff: 20, from: '2026-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' };
  assert.ok(offerFrom('tonic', { ...tonic, discounts: [discount] }));
  const faults: [string, unknown][] = [
    ['nothing', null],
    ['no name', { ...tonic, name: '' }],
    ['nothing sold', { ...tonic, sold: { kind: 'item', item: 'moon' } }],
    ['an egg that is none', { ...tonic, sold: { kind: 'egg', egg: 'square' } }],
    ['gear that is none', { ...tonic, sold: { kind: 'gear', rarity: 'odd' } }],
    ['free', { ...tonic, price: { currency: 'COINS', amount: '0' } }],
    ['parts', { ...tonic, price: { currency: 'COINS', amount: '1.5' } }],
    ['no currency', { ...tonic, price: { currency: 'KES', amount: '5' } }],
    ['no price', { ...tonic, price: null }],
    ['a level above all', { ...tonic, levelRequired: LEVEL_MAX + 1 }],
    ['a stock below none', { ...tonic, stock: -1 }],
    ['half a limit', { ...tonic, limitDay: 0.5 }],
    ['a limit in words', { ...tonic, limitEver: 'two' }],
    ['a free discount', { ...tonic, discounts: [{ ...discount, percentOff: 100 }] }],
    ['a discount of never', { ...tonic, discounts: [{ ...discount, from: 'soon' }] }],
    ['discounts that are none', { ...tonic, discounts: 'many' }],
    ['half open', { ...tonic, open: 'yes' }],
  ];
  for (const [what, data] of faults) assert.is(offerFrom('tonic', data), null, what);
});

shop('a day draws three of the rotating offers, the same for everyone, in every order of the rows', () => {
  for (let day = 0; day < 400; day++) {
    const name = utcDay(new Date(NOW.getTime() + day * 86_400_000));
    const drawn = rotationOf(name, rotating);
    assert.is(drawn.size, ROTATION_SIZE);
    assert.equal(drawn, rotationOf(name, rotating.toReversed()));
  }
  assert.equal([...rotationOf('2026-11-21', ['only'])], ['only']);
  assert.equal([...rotationOf('2026-11-21', [])], []);
});

shop('over a thousand days each rotating offer has its turn about as often', () => {
  const turns = new Map<string, number>();
  for (let day = 0; day < 1_000; day++)
    for (const offerId of rotationOf(utcDay(new Date(day * 86_400_000)), rotating))
      turns.set(offerId, (turns.get(offerId) ?? 0) + 1);
  const expected = (1_000 * ROTATION_SIZE) / rotating.length;
  for (const [offerId, count] of turns) assert.ok(Math.abs(count - expected) < 80, `${offerId} ${count} of ${expected}`);
  assert.is(turns.size, rotating.length);
});

shop('the day’s draw is made again with nothing of ours', () => {
  const block = createHmac('sha256', Buffer.alloc(32)).update('shop-2026-11-21:0:0').digest();
  const left = [...rotating].sort();
  const drawn = [0, 4, 8].map((offset) => left.splice(block.readUInt32BE(offset) % left.length, 1)[0]!);
  assert.equal([...rotationOf('2026-11-21', rotating)], drawn);
});

shop('a discount runs from its first instant to before its last, the best one counts, and what is left of a unit is paid', () => {
  const at = (iso: string, ...discounts: Offer['discounts']) => priceAt({ ...tonic, discounts }, new Date(iso)).amount;
  const third = { percentOff: 33, from: '2026-11-21T12:00:00Z', until: '2026-11-21T13:00:00Z' };
  assert.is(at('2026-11-21T11:59:59.999Z', third), 40n);
  assert.is(at('2026-11-21T12:00:00.000Z', third), 27n);
  assert.is(at('2026-11-21T12:59:59.999Z', third), 27n);
  assert.is(at('2026-11-21T13:00:00.000Z', third), 40n);
  assert.is(at('2026-11-21T12:30:00Z', third, { ...third, percentOff: 50 }), 20n);
  for (const percentOff of [100, 1_000])
    assert.is(at('2026-11-21T12:30:00Z', { ...third, percentOff }), 6n, 'more than it sells for');
  const gems = { currency: 'GEMS', amount: '40' } as const;
  assert.is(priceAt({ ...tonic, price: gems, discounts: [{ ...third, percentOff: 100 }] }, NOW).amount, 1n, 'nothing is free');
  assert.is(at('2026-11-21T12:30:00Z', { ...third, percentOff: -50 }), 40n);
  assert.is(at('2026-11-21T12:30:00Z', { ...third, from: 'soon' }), 40n);
});

shop('refusals: closed, not drawn, another price, too many at once', () => {
  const price = { currency: 'COINS', amount: 40n };
  const gems = { currency: 'GEMS', amount: 40n };
  const dear = { sold: { kind: 'gear', rarity: 'rare' }, price: { currency: 'GEMS', amount: '40' } } as const;
  const ask = (offer: Partial<Offer>, asked: Partial<Parameters<typeof refusePurchase>[1]> = {}, drawn: string[] = []) =>
    refused(() => refusePurchase({ ...tonic, ...offer }, { quantity: 1, price, ...asked }, { at: NOW, drawn: new Set(drawn) }));
  assert.equal(
    [
      ask({}),
      ask({ open: false }),
      ask({ rotating: true }),
      ask({ rotating: true }, {}, ['tonic']),
      ask({ rotating: true, open: false }, {}, ['tonic']),
      ask({}, { price: { currency: 'COINS', amount: 39n } }),
      ask({}, { price: { currency: 'GEMS', amount: 40n } }),
      ask(dear, { quantity: 10, price: gems }),
      ask(dear, { quantity: 11, price: gems }),
      ask({ sold: { kind: 'egg', egg: 'rare' } }, { quantity: 11 }),
    ],
    [
      null,
      'offer_closed',
      'offer_closed',
      null,
      'offer_closed',
      'price_changed',
      'price_changed',
      null,
      'purchase_limit',
      'purchase_limit',
    ],
  );
});

shop('limits count what is bought, and what is left is the least that any of them leaves', () => {
  const limited = { ...tonic, stock: 100, limitDay: 3, limitEver: 5 };
  assert.is(
    refused(() => refuseOverLimit(limited, { today: 3n, ever: 5n })),
    null,
  );
  assert.is(
    refused(() => refuseOverLimit(limited, { today: 4n, ever: 4n })),
    'purchase_limit',
  );
  assert.is(
    refused(() => refuseOverLimit(limited, { today: 1n, ever: 6n })),
    'purchase_limit',
  );
  assert.is(leftFor(tonic, { sold: 9n, today: 9n, ever: 9n }), null);
  assert.is(leftFor(limited, { sold: 0n, today: 1n, ever: 1n }), 2);
  assert.is(leftFor(limited, { sold: 99n, today: 1n, ever: 1n }), 1);
  assert.is(leftFor(limited, { sold: 0n, today: 1n, ever: 4n }), 1);
  assert.is(leftFor({ ...limited, stock: 5 }, { sold: 9n, today: 0n, ever: 0n }), 0, 'an operator took some away');
});

shop.run();
