import { expect, it } from 'vitest';
import { isTcpCandidate } from './udp-transport.js';

const signal = (transport: string): string =>
  JSON.stringify({
    type: 'candidate',
    candidate: { candidate: `candidate:1 1 ${transport} 2122260223 10.77.0.1 45678 typ host`, sdpMid: '0' },
  });

it('tells candidates over TCP from others', () => {
  expect(isTcpCandidate(signal('tcp'))).toBe(true);
  expect(isTcpCandidate(signal('TCP'))).toBe(true);
  expect(isTcpCandidate(signal('udp'))).toBe(false);
  expect(isTcpCandidate(JSON.stringify({ type: 'offer', sdp: 'm=application 9 UDP/DTLS/SCTP' }))).toBe(false);
});
