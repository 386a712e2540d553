import { BenchError } from '../errors.js';
import type { OpenLoopResult } from '../load/open-loop/run-open-loop.js';
import { runForked } from '../process/forked.js';
import type { AdLoadPlan } from './ad-load.js';
import type { Host } from './contenders.js';
import { viewerPrefixes } from './viewers.js';
import { hotObjects, PREFIX } from './work.js';

const CLIENT = new URL('./ad-load-client.js', import.meta.url);
const GRACE_MS = 60_000;
const CONNECTIONS = 256;

export interface Drive {
  readonly perSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly run: string;
}

/** Asks for every hot object once, so that what is measured are hits, and for one wrongly, which must be refused. */
export async function fillHost({ port, privateKey }: Host): Promise<void> {
  const [prefix = ''] =
    privateKey === undefined
      ? []
      : viewerPrefixes(privateKey, { count: 1, run: 'fill', prefix: PREFIX, nowMs: Date.now() });
  const base = `http://127.0.0.1:${port}`;
  for (const { path, bytes } of hotObjects()) {
    const answer = await fetch(`${base}${prefix}${path}`);
    const body = await answer.arrayBuffer();
    if (answer.status !== 200 || body.byteLength !== bytes)
      throw new BenchError('wrong-answer', `${path}: ${answer.status}, ${body.byteLength} bytes`);
  }
  if (privateKey === undefined) return;
  const { status } = await fetch(`${base}${hotObjects()[0]?.path}`);
  if (status !== 401)
    throw new BenchError('wrong-answer', `a request without a token got ${status}, not 401`);
}

/** The load in a process of its own; in its middle, what the host has `amid` it. */
export async function driveHost(
  host: Host,
  { perSecond, seconds, warmUpSeconds, run }: Drive,
  signal: AbortSignal,
): Promise<OpenLoopResult> {
  const plan: AdLoadPlan = {
    ...{ port: host.port, perSecond, seconds, warmUpSeconds, run, connections: CONNECTIONS },
    ...(host.privateKey === undefined ? {} : { privateKey: host.privateKey }),
  };
  let amid: Promise<void> | undefined;
  const result = await runForked<OpenLoopResult>(CLIENT, plan, {
    signal,
    timeoutMs: (seconds + warmUpSeconds) * 1000 + GRACE_MS,
    onMessage: () => {
      const middleMs = (warmUpSeconds + seconds / 3) * 1000;
      amid = new Promise<void>((resolve) => setTimeout(resolve, middleMs)).then(() => host.amid?.());
    },
  });
  await amid;
  return result;
}
