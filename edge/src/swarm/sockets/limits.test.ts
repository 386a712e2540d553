import { describe, expect, it } from 'vitest';
import { addressGroup } from './address.js';
import { Admission } from './admission.js';
import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it('lets a burst through, then its rate', () => {
    const bucket = new TokenBucket({ capacity: 3, perSecond: 2 }, 0);
    expect([1, 1, 1, 1].map((cost) => bucket.take(cost, 0))).toEqual([true, true, true, false]);
    expect(bucket.take(1, 499)).toBe(false);
    expect(bucket.take(1, 500)).toBe(true);
    expect(bucket.take(4, 60_000)).toBe(false);
    expect(bucket.take(3, 60_000)).toBe(true);
  });
});

describe('admission', () => {
  it('bounds sockets in all and from one address', () => {
    const admission = new Admission({ sockets: 3, socketsPerAddress: 2 });
    expect(['a', 'a', 'a', 'b', 'c'].map((address) => admission.admit(address))).toEqual([
      undefined,
      undefined,
      'too-many-sockets-from-address',
      undefined,
      'too-many-sockets',
    ]);
    admission.release('a');
    expect(admission.admit('c')).toBeUndefined();
    expect(admission.open).toBe(3);
  });
});

describe('addressGroup', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    [undefined, 'unknown'],
  ])('of %s is %s', (address, group) => expect(addressGroup(address)).toBe(group));
});
