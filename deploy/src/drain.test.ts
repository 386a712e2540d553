import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { DEPLOY } from './paths.js';

const run = promisify(execFile);
const SCRIPT = join(DEPLOY, 'container', 'drain.mjs');
let server: Server | undefined;

/** An admin listener whose players leave one by one, each time that somebody asks. */
async function admin(viewers: number, status: number = 200): Promise<{ at: string; asked: string[] }> {
  const asked: string[] = [];
  let left = viewers;
  const listening = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ draining: true, connections: 0, viewers: left }));
      left = Math.max(0, left - 1);
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return { at: `127.0.0.1:${port}`, asked };
}

afterEach(() => {
  server?.close();
  server = undefined;
});

describe('drain.mjs', () => {
  it('sends players away and ends when the last has gone', async () => {
    const { at, asked } = await admin(2);
    await run(process.execPath, [SCRIPT, '20'], { env: { ...process.env, EDDY_ADMIN: at } });
    expect(asked).toEqual(['POST /drain {"deadlineMs":15000}', 'GET /drain ', 'GET /drain ']);
  });

  it('ends after its time though somebody stays', async () => {
    const { at } = await admin(1000);
    await run(process.execPath, [SCRIPT, '1'], { env: { ...process.env, EDDY_ADMIN: at } });
  });

  it('says what was wrong, and does not hold up the stop', async () => {
    const { at } = await admin(5, 404);
    const failed = run(process.execPath, [SCRIPT, '20'], { env: { ...process.env, EDDY_ADMIN: at } });
    await expect(failed).rejects.toThrowError(/drain answered 404/);
    await expect(run(process.execPath, [SCRIPT])).rejects.toThrowError(/Say how long/);
  });
});
