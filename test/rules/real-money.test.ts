import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bornBy, canBeBornOn, missingFor, type Standing } from '../../rules/real-money.ts';

const realMoney = suite('rules/real-money');

const TERMS = { ageMin: 18, countries: ['KE', 'UG'], today: '2026-11-21' };
const READY: Standing = { birthDate: '1990-05-17', country: 'KE', phoneVerified: true, limitsChosen: true };

realMoney('who has said and shown all of it misses nothing', () => {
  assert.equal(missingFor(READY, TERMS), []);
  assert.equal(missingFor({ ...READY, country: 'UG' }, TERMS), []);
});

for (const [without, change, missing] of [
  ['a date of birth', { birthDate: null }, ['age']],
  ['a country', { country: null }, ['country']],
  ['a country of the list', { country: 'GB' }, ['country']],
  ['a phone that has paid', { phoneVerified: false }, ['phone']],
  ['a word about limits', { limitsChosen: false }, ['limits']],
  [
    'anything',
    { birthDate: null, country: null, phoneVerified: false, limitsChosen: false },
    ['age', 'country', 'phone', 'limits'],
  ],
] as const) {
  realMoney(`without ${without} there is ${missing.join(', ')} to make up for`, () => {
    const standing = { ...READY, ...change };
    const before = structuredClone(standing);
    assert.equal(missingFor(standing, TERMS), [...missing]);
    assert.equal(standing, before);
  });
}

for (const [birthDate, today, old] of [
  ['2008-11-22', '2026-11-21', false],
  ['2008-11-21', '2026-11-21', true],
  ['2008-11-20', '2026-11-21', true],
  ['2008-12-01', '2026-11-30', false],
  ['2009-01-01', '2026-12-31', false],
  ['2009-01-01', '2027-01-01', true],
  ['2008-02-29', '2026-02-28', false],
  ['2008-02-29', '2026-03-01', true],
  ['2010-02-28', '2028-02-29', true],
  ['2010-03-01', '2028-02-29', false],
  ['2010-03-01', '2028-03-01', true],
] as const) {
  realMoney(`born on ${birthDate} is ${old ? '' : 'not '}18 on ${today}`, () => {
    assert.equal(missingFor({ ...READY, birthDate }, { ...TERMS, today }), old ? [] : ['age']);
    assert.is(birthDate <= bornBy(today, 18), old);
  });
}

realMoney('another age is counted alike', () => {
  const said = { ...READY, birthDate: '2005-11-21' };
  assert.equal(missingFor(said, { ...TERMS, ageMin: 21 }), []);
  assert.equal(missingFor(said, { ...TERMS, ageMin: 22 }), ['age']);
});

realMoney('nobody is born tomorrow, or in the century before the last', () => {
  assert.ok(canBeBornOn('2026-11-21', TERMS.today) && canBeBornOn('1900-01-01', TERMS.today));
  assert.not.ok(canBeBornOn('2026-11-22', TERMS.today) || canBeBornOn('1899-12-31', TERMS.today));
});

realMoney.run();
