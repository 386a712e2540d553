import { expect, it } from 'vitest';
import { openRelays, relayedOf } from './turn-server.js';

const LOG = `
15: : session 000000000000000003: new, realm=<eddy>, username=<1795691665:ibylbLe5>, lifetime=600
15: : session 000000000000000004: new, realm=<eddy>, username=<1795691665:PjYtgrI2>, lifetime=600
19: : session 000000000000000003: usage: realm=<eddy>, username=<1795691665:ibylbLe5>, rp=5, rb=484, sp=5, sb=444
19: : session 000000000000000003: peer usage: realm=<eddy>, username=<1795691665:ibylbLe5>, rp=1, rb=10, sp=2, sb=20
19: : session 000000000000000003: delete: realm=<eddy>, username=<1795691665:ibylbLe5>
19: : session 000000000000000004: usage: realm=<eddy>, username=<1795691665:PjYtgrI2>, rp=5, rb=7, sp=5, sb=1
24: : session 000000000000000003: usage: realm=<eddy>, username=<1795691665:ibylbLe5>, rp=1, rb=1000, sp=0, sb=0
`;

it('sums up what coturn took in and gave out for a player, on both sides of the relay', () => {
  expect(relayedOf(LOG, 'ibylbLe5')).toBe(484 + 444 + 10 + 20 + 1000);
  expect(relayedOf(LOG, 'PjYtgrI2')).toBe(8);
  expect(relayedOf(LOG, 'nobody')).toBe(0);
});

it('knows whose relays are still open', () => {
  expect(openRelays(LOG, 'ibylbLe5')).toBe(0);
  expect(openRelays(LOG, 'PjYtgrI2')).toBe(1);
});
