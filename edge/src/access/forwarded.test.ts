import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressRanges, clientGroup, plainAddress, shortAddress } from './address.js';
import { clientAddress } from './forwarded.js';

const trusted = new AddressRanges(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']);
const xff = (value: string, peer = '10.1.1.1') => clientAddress(peer, { 'x-forwarded-for': value }, trusted);
const forwarded = (value: string) => clientAddress('10.1.1.1', { forwarded: value }, trusted);

describe('the client of a request', () => {
  it('is the other end unless that is trusted', () => {
    expect(xff('203.0.113.9', '198.51.100.1')).toBe('198.51.100.1');
    expect(xff('203.0.113.9', '::ffff:10.1.1.1')).toBe('203.0.113.9');
    expect(xff('203.0.113.9', '192.0.2.8')).toBe('192.0.2.8');
  });

  it('is the rightmost that is not trusted', () => {
    expect(xff('6.6.6.6, 203.0.113.9, 10.2.2.2')).toBe('203.0.113.9');
    expect(xff('203.0.113.9, 2001:db8::5')).toBe('203.0.113.9');
    expect(xff('10.3.3.3, 10.2.2.2')).toBe('10.3.3.3');
    expect(xff('203.0.113.9:4711')).toBe('203.0.113.9');
    expect(xff('1.1.1.1, nonsense')).toBe('10.1.1.1');
    expect(xff('1.1.1.1, nonsense, 10.2.2.2')).toBe('10.2.2.2');
    expect(xff('')).toBe('10.1.1.1');
  });

  it('is read from Forwarded first', () => {
    expect(forwarded('for=6.6.6.6, for=203.0.113.9;proto=https;by=10.0.0.1')).toBe('203.0.113.9');
    expect(forwarded('For="[2001:DB9::17]:4711"')).toBe('2001:db9::17');
    expect(forwarded('for=1.1.1.1, for=unknown')).toBe('10.1.1.1');
    expect(forwarded('for=1.1.1.1, proto=https')).toBe('10.1.1.1');
    expect(forwarded('for=1.1.1.1;for=2.2.2.2')).toBe('10.1.1.1');
    expect(forwarded('for="1.1.1.1, for=2.2.2.2"')).toBe('10.1.1.1');
    const both = { forwarded: 'for=203.0.113.9', 'x-forwarded-for': '6.6.6.6' };
    expect(clientAddress('10.1.1.1', both, trusted)).toBe('203.0.113.9');
  });

  it('cannot be moved by what stands left of it', () => {
    fc.assert(
      fc.property(fc.string(), fc.ipV4(), (left, address) => {
        if (trusted.includes(address)) return;
        expect(xff(`${left}, ${address}`)).toBe(address);
      }),
    );
  });
});

describe('addresses', () => {
  it('are one group by IPv4 address or IPv6 /64', () => {
    expect(clientGroup('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(clientGroup('2001:db8:1:2:3:4:5:6')).toBe(clientGroup('2001:db8:1:2::9'));
    expect(clientGroup('2001:db8:1:3::9')).not.toBe(clientGroup('2001:db8:1:2::9'));
    expect(clientGroup('fe80::1%eth0')).toBe('fe80:0:0:0');
  });

  it('are shortened to a network', () => {
    expect(shortAddress('203.0.113.9')).toBe('203.0.113.0');
    expect(shortAddress('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1::');
    expect(shortAddress('nonsense')).toBe('');
  });

  it('are plain', () => {
    expect(plainAddress('[::1]:80')).toBe('::1');
    expect(plainAddress('::ffff:0a00:0001')).toBe('10.0.0.1');
    expect(plainAddress('_hidden')).toBeUndefined();
  });
});
