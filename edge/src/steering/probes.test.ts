import { afterEach, describe, expect, it } from 'vitest';
import { HeldTimers } from '../held-timers.js';
import { Cleanup, startHttpOrigin } from '../testing/edge-fixture.js';
import { askPing } from './ping.js';
import { Probes } from './probes.js';

const URL_A = 'https://a.example';
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

describe('probes', () => {
  const changes: string[] = [];
  let answer: () => Promise<unknown> = async () => ({ health: 'well' });

  function open(): { probes: Probes; asked: string[]; turn(): Promise<void> } {
    const timers = new HeldTimers();
    const asked: string[] = [];
    changes.length = 0;
    const probes = new Probes(
      {
        timers,
        random: () => 0.5,
        ask: (url) => {
          asked.push(url);
          return answer();
        },
        onChange: (url, health) => changes.push(`${url} ${health}`),
      },
      { urls: [URL_A, URL_A], everyMs: 1000 },
    );
    cleanup.add(async () => probes.close());
    let next = 500;
    return {
      ...{ probes, asked },
      async turn() {
        timers.fire(next);
        next = 1000;
        await new Promise(setImmediate);
      },
    };
  }

  it('ask one after the other, and believe two answers in a row, or an edge that says it drains', async () => {
    const { probes, asked, turn } = open();
    expect(probes.wordOf(URL_A)).toBeUndefined();
    answer = async () => ({ health: 'well', load: 0.5 });
    await turn();
    expect(probes.wordOf(URL_A)).toEqual({ health: 'well', load: 0.5 });
    answer = () => Promise.reject(new Error('refused'));
    await turn();
    expect(probes.wordOf(URL_A)?.health).toBe('well');
    await turn();
    expect(probes.wordOf(URL_A)).toEqual({ health: 'ill', load: undefined });
    answer = async () => ({ health: 'well' });
    await turn();
    expect(probes.wordOf(URL_A)?.health).toBe('ill');
    await turn();
    answer = async () => ({ health: 'draining' });
    await turn();
    expect(changes).toEqual([`${URL_A} ill`, `${URL_A} well`, `${URL_A} draining`]);
    expect(asked).toEqual(Array.from({ length: 6 }, () => `${URL_A}/_eddy/ping`));
    probes.close();
    await turn();
    expect(asked).toHaveLength(6);
  });

  it.each([[null], ['well'], [{ health: 'fine' }], [{ health: 'well', load: 'much' }], [{}]])(
    'take %j for no answer of an edge',
    async (word) => {
      const { probes, turn } = open();
      answer = async () => word;
      await turn();
      await turn();
      expect(probes.wordOf(URL_A)?.health).toBe('ill');
    },
  );
});

describe('a ping over HTTP', () => {
  it('is read when it is a small JSON, and an error in all other cases', async () => {
    const url = await startHttpOrigin(cleanup, (request, response) => {
      if (request.url === '/good') response.end('{"health":"well"}');
      else if (request.url === '/no') response.writeHead(503).end('{"health":"well"}');
      else if (request.url === '/large') response.end(`"${'x'.repeat(2000)}"`);
      else if (request.url === '/moved') response.writeHead(302, { Location: '/good' }).end();
      else if (request.url === '/html') response.end('<html>');
    });
    expect(await askPing(`${url}/good`, 5000)).toEqual({ health: 'well' });
    for (const path of ['no', 'large', 'moved', 'html']) {
      await expect(askPing(`${url}/${path}`, 5000)).rejects.toThrow();
    }
    await expect(askPing(`${url}/never`, 20)).rejects.toThrow();
  });
});
