import { setTimeout as sleep } from 'node:timers/promises';
import { Trouble } from './step.mjs';

const PATIENCE_MS = 60_000;

async function answer(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.ok ? undefined : `answers ${response.status}`;
  } catch (error) {
    return `does not answer (${error.cause?.code ?? error.name})`;
  }
}

/** Resolves when every URL answers 2xx; throws Trouble naming the first that did not within a minute. Gives up when aborted. */
export async function waitUntilServed(urls, signal) {
  const deadline = performance.now() + PATIENCE_MS;
  for (const url of urls) {
    for (let problem = await answer(url); problem !== undefined; problem = await answer(url)) {
      if (signal.aborted) return;
      if (performance.now() > deadline) throw new Trouble(`${url} ${problem} after ${PATIENCE_MS / 1000} s.`);
      await sleep(100);
    }
  }
}
