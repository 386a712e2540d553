import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BEACON_PATH, tokenPath } from '@eddy/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { mintToken } from './access/tokens/mint.js';
import type { RunningEdge } from './edge.js';
import { sampleLine } from './insight/sample-beacon.js';
import { ask, Cleanup, startTestEdge, temporaryFolder } from './testing/edge-fixture.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** Anything that is not plain goes to `node:http`. */
const NOT_PLAIN = 'Cache-Control: no-cache';

async function beaconEdge(settings: Readonly<Record<string, unknown>> = {}): Promise<RunningEdge> {
  const [root, dataDir] = [await temporaryFolder(cleanup), await temporaryFolder(cleanup)];
  const origin = { url: pathToFileURL(root).href };
  return startTestEdge(cleanup, { origin, dataDir, insight: { enabled: true }, ...settings });
}

function post(body: string, { target = BEACON_PATH, fields = [] as readonly string[] } = {}): string {
  const head = [`POST ${target} HTTP/1.1`, 'Host: edge.example', ...fields, `Content-Length: ${body.length}`];
  return [...head, '', body].join('\r\n');
}

/** One connection, one request after the other; answers without what the clock says. */
async function converse(edge: RunningEdge, requests: readonly string[]): Promise<string[]> {
  const socket = connect({ port: edge.public.port, host: '127.0.0.1', noDelay: true });
  const answers: string[] = [];
  for (const request of requests) {
    const answer = new Promise<string>((resolve, reject) => {
      let text = '';
      const onData = (chunk: Buffer): void => {
        text += chunk.toString();
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        const end = text.indexOf('\r\n\r\n');
        if (end === -1 || text.length < end + 4 + length) return;
        socket.off('data', onData);
        resolve(text);
      };
      socket.on('data', onData);
      socket.once('error', reject);
    });
    socket.write(request);
    answers.push(await answer);
  }
  socket.destroy();
  return answers.map((text) => {
    const [head = '', body = ''] = text.split('\r\n\r\n');
    const [status = '', ...fields] = head.split('\r\n').map((line) => line.toLowerCase());
    const said = fields.filter((line) => !/^(?:date|transfer-encoding|content-length):/.test(line)).sort();
    // Chunks are a way of sending.
    return [status, ...said, body.replace(/^[0-9a-f]+\r\n|\r\n0$/g, '').trimEnd()].join('\n');
  });
}

async function stored(edge: RunningEdge): Promise<unknown> {
  const { total } = JSON.parse((await ask(edge.insight.url, '/api/summary')).body.toString());
  return total.edgeBytes;
}

describe('a beacon that comes in one piece', () => {
  it('is answered as node:http answers it, and counts as much', async () => {
    const edge = await beaconEdge();
    const fields = ['Origin: https://site.example', 'User-Agent: Mozilla/5.0 (X11; Linux)'];
    const conversation = (batch: string, more: readonly string[]): string[] => [
      post(sampleLine({ batch: `${batch}-1` }), { fields: [...fields, ...more] }),
      post(sampleLine({ batch: `${batch}-2` }), { fields: more }),
      post('sid="x"', { fields: [...fields, ...more] }),
      post('', { fields: more }),
      post(`${sampleLine({ batch: `${batch}-3` })}\n${sampleLine({ batch: `${batch}-4` })}\n`, {
        fields: more,
      }),
    ];
    const hot = await converse(edge, conversation('hot', []));
    const cold = await converse(edge, conversation('cold', [NOT_PLAIN]));
    expect(hot).toEqual(cold);
    expect(hot.map((text) => text.slice(9, 12))).toEqual(['204', '204', '400', '400', '204']);
    expect(await stored(edge)).toBe(8000);
  });

  it('needs a token where tokens are needed, and not twice as many requests', async () => {
    const secret = JSON.stringify({ kty: 'oct', k: randomBytes(32).toString('base64url'), kid: 'one' });
    const keysFile = join(await temporaryFolder(cleanup), 'keys.json');
    await writeFile(keysFile, secret);
    const edge = await beaconEdge({
      access: { keysFile },
      // So seldom that time does not matter.
      limits: { sessionRequestsPerSecond: 0.01, sessionRequestBurst: 2 },
    });
    const claims = { prefixes: ['/v/'], expiresInMs: 60_000, session: 'viewer' };
    const target = tokenPath(await mintToken(secret, claims, Date.now()), BEACON_PATH);
    const answers = await converse(edge, [
      post(sampleLine({ batch: '1' })),
      ...Array.from({ length: 4 }, () => post(sampleLine({ batch: '2' }), { target })),
    ]);
    expect(answers.map((text) => text.slice(9, 12))).toEqual(['401', '204', '204', '429', '429']);
    expect(await stored(edge)).toBe(1000);
  });
});
