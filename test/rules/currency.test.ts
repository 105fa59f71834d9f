import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CURRENCIES, CURRENCY_CODES, isCurrency, stakeFits } from '../../rules/currency.ts';

const currency = suite('rules/currency');

currency('the registry holds the currencies with their decimal places', () => {
  assert.equal(Object.fromEntries(CURRENCY_CODES.map((code) => [code, CURRENCIES[code].exponent])), {
    COINS: 0,
    GEMS: 0,
    AP: 0,
    KES: 2,
    USD: 2,
  });
});

currency('only KES is real money', () => {
  assert.equal(
    CURRENCY_CODES.filter((code) => CURRENCIES[code].kind === 'real'),
    ['KES'],
  );
});

currency('a code is known as it is written, and nothing an object inherits is a currency', () => {
  for (const code of CURRENCY_CODES) assert.ok(isCurrency(code));
  for (const code of ['coins', 'EUR', '', 'toString', '__proto__', 'constructor']) assert.not.ok(isCurrency(code), code);
});

currency('a stake fits from least to most in whole steps', () => {
  const range = { min: 20n, max: 100n, step: 20n };
  for (const stake of [20n, 40n, 100n]) assert.ok(stakeFits(stake, range), `${stake}`);
  for (const stake of [-20n, 0n, 19n, 21n, 30n, 101n, 120n]) assert.not.ok(stakeFits(stake, range), `${stake}`);
});

currency.run();
