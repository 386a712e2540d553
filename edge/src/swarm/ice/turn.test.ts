import { expect, it } from 'vitest';
import { issueServers } from './turn.js';

const STUN = { urls: ['stun:stun.example'] };

it('credentials are what coturn computes from the same secret', () => {
  // printf '1700003600:viewer' | openssl dgst -sha1 -hmac north -binary | base64
  const { iceServers, renewAtMs } = issueServers(
    [STUN],
    { urls: ['turn:turn.example'], secret: 'north', lifetimeMs: 3_600_000 },
    { user: 'viewer', nowMs: 1_700_000_000_500 },
  );
  expect(iceServers).toEqual([
    STUN,
    {
      urls: ['turn:turn.example'],
      username: '1700003600:viewer',
      credential: 'Z2bVzE30rf+aB1tMtuWPzRohu58=',
    },
  ]);
  expect(renewAtMs).toBe(1_700_000_000_500 + 2_160_000);
  expect(JSON.stringify(iceServers)).not.toContain('north');
});

it('without TURN there is nothing to renew', () => {
  expect(issueServers([STUN], undefined, { user: 'viewer', nowMs: 0 })).toEqual({
    iceServers: [STUN],
    renewAtMs: undefined,
  });
});
