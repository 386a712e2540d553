import wrtc from '@roamhq/wrtc';
import { expect, it } from 'vitest';
import { verifyChunk, verifyLeaves } from '../digests/verify.js';
import { FakeEdge } from '../testing/fake-room.js';
import { nodeSha256, testSegment } from '../testing/media.js';
import { realClock, realTimers, until } from '../testing/real-time.js';
import { Answer, requestFor } from '../testing/swarm-fixture.js';
import { SimplePeerTransport } from '../transport/simple-peer-transport.js';
import { Mesh } from './mesh.js';

it('moves and verifies segments over real data channels', async () => {
  const edge = new FakeEdge();
  const player = (name: string): Mesh =>
    new Mesh({
      clock: realClock,
      timers: realTimers,
      transport: new SimplePeerTransport({ timers: realTimers, wrtc }),
      room: edge.join(name),
    });
  const [ann, ben] = [player('ann'), player('ben')];
  const segments = await Promise.all(
    [1, 2, 3, 4].map((sequence) => testSegment(sequence, 2_000_000 + sequence)),
  );
  edge.introduce('ann', 'ben');
  await until(() => ann.peers().length === 1 && ben.peers().length === 1);
  for (const segment of segments) ann.hold(segment);
  await until(() => segments.every(({ name }) => ben.peers()[0]?.has(name)));

  const startedAt = realClock.now();
  const answers = segments.map((segment) => {
    const answer = new Answer();
    ben.ask('ann', requestFor(segment), answer);
    return answer;
  });
  await until(() => answers.every(({ ends }) => ends.length > 0), 30_000);
  const seconds = (realClock.now() - startedAt) / 1000;
  const bytes = answers.reduce((sum, answer) => sum + answer.bytes, 0);
  console.info(`a mesh over loopback: ${(bytes / 1e6 / seconds).toFixed(1)} MB/s`);

  for (const [index, answer] of answers.entries()) {
    const segment = segments[index];
    if (segment === undefined) throw new Error('an answer for each segment');
    expect(answer.ends).toEqual(['done']);
    expect(Buffer.compare(answer.joined(), segment.bytes)).toBe(0);
    expect(await verifyLeaves(answer.leaves, segment.digest, nodeSha256)).toBe(true);
    for (const [at, chunk] of answer.chunks) {
      expect(await verifyChunk(at, chunk, answer.leaves, nodeSha256)).toBe(true);
    }
  }
  expect(ann.uploadedBytes).toBe(bytes);

  ann.close();
  await until(() => ben.peers().length === 0);
  ben.close();
}, 60_000);
