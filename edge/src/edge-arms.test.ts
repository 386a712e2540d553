import { once } from 'node:events';
import { BEACON_PATH, PROTOCOL_VERSION, parseEdgeMessage, SWARM_PATH } from '@eddy/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningEdge } from './edge.js';
import { sampleLine } from './insight/sample-beacon.js';
import { ask, Cleanup, startTestEdge, temporaryFolder } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const HOST = 'video.example';
const VIEWERS = Array.from({ length: 12 }, (_, index) => `viewer ${index}`);

/** What the room says. */
async function drawnOnJoining(edge: RunningEdge, viewer: string): Promise<string> {
  const address = `${edge.public.url.replace(/^http/, 'ws')}${SWARM_PATH}`;
  const socket = new WebSocket(address, { headers: { Host: HOST } });
  cleanup.add(async () => socket.terminate());
  await once(socket, 'open');
  const join = { type: 'join', version: PROTOCOL_VERSION, presentation: '/v.m3u8', upload: false };
  socket.send(JSON.stringify({ ...join, viewer, session: viewer.replace(' ', '-') }));
  const [data] = await once(socket, 'message');
  const welcome = parseEdgeMessage(String(data));
  return welcome.type === 'welcome' ? welcome.arm : welcome.type;
}

/** The sum says who they are: each reports another power of two. */
async function reported(edge: RunningEdge): Promise<Record<string, string[]>> {
  const { arms } = JSON.parse((await ask(edge.insight.url, '/api/summary')).body.toString());
  return Object.fromEntries(
    arms.map(({ arm, edgeBytes }: { arm: string; edgeBytes: number }) => [
      arm,
      VIEWERS.filter((_, index) => (edgeBytes >> index) & 1),
    ]),
  );
}

describe('a viewer who joins no room', () => {
  it.each([
    ['in one piece', {}, {}],
    ['by node:http', { 'Cache-Control': 'no-cache' }, {}],
    ['to one of several sites', {}, { sites: [{ name: 'film', hosts: [HOST] }] }],
  ])('is in the arm that it would have drawn there: %s', async (_way, more, settings) => {
    const [root, dataDir] = [await temporaryFolder(cleanup), await temporaryFolder(cleanup)];
    const edge = await startTestEdge(cleanup, {
      ...{ origin: { url: `file://${root}` }, dataDir, insight: { enabled: true } },
      ...{ swarm: { holdoutPercent: 50 }, ...settings },
    });
    for (const [index, viewer] of VIEWERS.entries()) {
      const line = sampleLine(
        { session: `s${index}`, batch: `b${index}`, arm: { viewer } },
        { edgeBytes: 2 ** index },
      );
      const headers = { Host: HOST, ...more };
      const { status } = await ask(edge.public.url, BEACON_PATH, { method: 'POST', body: line, headers });
      expect(status).toBe(204);
    }
    const drawn: Record<string, string[]> = { holdout: [], treated: [] };
    for (const viewer of VIEWERS) drawn[await drawnOnJoining(edge, viewer)]?.push(viewer);
    expect(drawn.holdout?.length).toBeGreaterThan(0);
    expect(drawn.treated?.length).toBeGreaterThan(0);
    expect(await reported(edge)).toEqual(drawn);
  });
});
