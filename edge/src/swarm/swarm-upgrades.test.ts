import { get } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { closeAll, open } from './testing/swarm-fixture.js';

afterEach(closeAll);

describe('other upgrade offers', () => {
  it('are ignored: a plain GET is answered as one', async () => {
    const place = await open();
    const answer = await new Promise<string>((resolve, reject) => {
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
      get({ port: place.port, host: '127.0.0.1', path: '/v/1.ts', headers }, (response) => {
        response.setEncoding('utf8');
        response.on('data', (text) => resolve(`${response.statusCode} ${text}`));
      }).on('error', reject);
    });
    expect(answer).toBe('200 plain GET /v/1.ts');
  });

  it('are answered at the pace of the client, however long the body', async () => {
    const place = await open();
    const pieces = Array.from({ length: 64 }, () => Buffer.alloc(256 * 1024));
    place.server.removeAllListeners('request').on('request', async (_, response) => {
      for (const piece of pieces) {
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    });
    const bytes = await new Promise<number>((resolve, reject) => {
      const headers = { connection: 'Upgrade', upgrade: 'h2c' };
      get({ port: place.port, host: '127.0.0.1', headers }, (response) => {
        let received = 0;
        response.on('data', (data: Buffer) => {
          received += data.length;
        });
        response.on('end', () => resolve(received));
      }).on('error', reject);
    });
    expect(bytes).toBe(64 * 256 * 1024);
  });

  it('end when the client leaves in the middle', async () => {
    const place = await open();
    const left = new Promise((resolve) => {
      place.server.removeAllListeners('request').on('request', (_, response) => {
        response.write('the first part of many');
        response.once('close', resolve);
      });
    });
    const client = connect(place.port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    client.once('data', () => client.resetAndDestroy());
    await left;
  });

  it('do not hold up a closing edge', async () => {
    const place = await open();
    const asked = new Promise((resolve) => {
      place.server.removeAllListeners('request').on('request', resolve);
    });
    const client = connect(place.port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    await asked;
    const closed = place.service.close();
    place.timers.fire(2000);
    await closed;
    client.destroy();
  });

  it.each([
    ['answered', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'],
    [
      'refused',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\n1',
    ],
  ])('leave no socket behind once %s, even with a client that never ends its side', async (_, words) => {
    const place = await open();
    const gone = new Promise((resolve) => {
      place.server.once('connection', (socket) => socket.once('close', resolve));
    });
    const client = connect({ port: place.port, host: '127.0.0.1', allowHalfOpen: true });
    client.on('error', () => undefined);
    client.resume();
    client.write(words);
    await gone;
    client.destroy();
  });

  it('with a body are refused', async () => {
    const place = await open();
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(place.port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
      });
      socket.on('close', () => resolve(text));
      socket.write(
        'POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 1\r\n\r\n1',
      );
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });
});
