import { afterEach, expect, it } from 'vitest';
import { ask, Cleanup, startHttpOrigin, startTestEdge } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const SEGMENTS = Array.from({ length: 6 }, (_, n) => `s${n}.m4s`);
const PLAYLIST = ['#EXTM3U', '#EXT-X-TARGETDURATION:4', ...SEGMENTS.flatMap((name) => ['#EXTINF:4,', name])];

async function setUp(settings: Record<string, unknown>) {
  const asked: string[] = [];
  const url = await startHttpOrigin(cleanup, ({ url: path = '' }, response) => {
    asked.push(path);
    response.end(path.endsWith('.m3u8') ? [...PLAYLIST, '#EXT-X-ENDLIST'].join('\n') : Buffer.alloc(1000));
  });
  const edge = await startTestEdge(cleanup, { origin: { url, kind: 'files' }, ...settings });
  return { asked, get: (path: string) => ask(edge.public.url, path) };
}

it('the next segment is there before a viewer who goes forward asks for it', async () => {
  const { asked, get } = await setUp({});
  await get('/v/main.m3u8');
  expect((await get('/v/s0.m4s')).headers['cache-status']).toMatch(/fwd=uri-miss/);
  for (const [index, name] of SEGMENTS.slice(1).entries()) {
    // Hits lead on too, whichever way they are answered.
    await expect.poll(() => asked).toContain(`/v/${name}`);
    await expect.poll(async () => (await get(`/v/${name}`)).headers['cache-status']).toMatch(/^eddy; hit/);
    expect(asked.filter((path) => path === `/v/${name}`)).toHaveLength(1);
    if (index < SEGMENTS.length - 2) await expect.poll(() => asked).toContain(`/v/${SEGMENTS[index + 2]}`);
  }
  expect(asked).toHaveLength(7);
});

it('nothing is fetched ahead where it is switched off', async () => {
  const { asked, get } = await setUp({ prefetch: { segments: 0 } });
  await get('/v/main.m3u8');
  for (const name of SEGMENTS.slice(0, 3)) await get(`/v/${name}`);
  expect(asked).toHaveLength(4);
});
