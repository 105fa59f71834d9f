import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { totpCode, totpStep, totpUri } from '../../persistence/totp.ts';

const totp = suite('persistence/totp');

totp('codes are those of RFC 6238, appendix B', () => {
  const secret = Buffer.from('12345678901234567890');
  for (const [seconds, code] of [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ] as const) {
    const step = totpStep(new Date(seconds * 1_000));
    assert.is(totpCode(secret, step, 8), code);
    assert.is(totpCode(secret, step), code.slice(2));
  }
});

totp('counters are those of RFC 4226, appendix D', () => {
  const secret = Buffer.from('12345678901234567890');
  const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
  assert.equal(
    codes.map((_code, count) => totpCode(secret, count)),
    codes,
  );
});

totp('an authenticator app reads a name that is anything', () => {
  const uri = new URL(totpUri('JBSWY3DPEHPK3PXP', 'Zoë: a/b?c&d'));
  assert.equal(
    [uri.protocol, uri.searchParams.get('secret'), uri.searchParams.get('issuer')],
    ['otpauth:', 'JBSWY3DPEHPK3PXP', 'Playhouse'],
  );
  assert.is(decodeURIComponent(uri.pathname).split('Playhouse:')[1], 'Zoë: a/b?c&d');
});

totp.run();
