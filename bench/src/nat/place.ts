import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { masterPath, WINDOW } from '../node-swarm/live-stream.js';
import type { LiveShape } from '../origin/live-window.js';
import { startChild } from '../process/child.js';
import type { Cleanup } from '../process/cleanup.js';
import { publishedSegments } from '../scenarios/media/published-segments.js';
import { makeSite } from '../scenarios/site.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { type Internet, startInternet } from './homes.js';
import type { NatRow } from './rows.js';
import { startTurnServer, type TurnServer } from './turn-server.js';

const ORIGIN = fileURLToPath(new URL('../node-swarm/origin-process.js', import.meta.url));
/** Compiled code lies in `dist`. */
const SAMPLE = fileURLToPath(new URL('../../../origin/sample/eddy-360p.mp4', import.meta.url));
const TURN_PORT = 3478;
const SEGMENT_MS = 2_000;
/** 1.2 Mbit/s. */
const SEGMENT_BYTES = 300_000;

/** What a row is watched on. */
export interface Stream {
  readonly edge: EdgeProcess;
  readonly path: string;
  /** SHA-256 of all that is published. Empty where bytes follow from their path. */
  readonly published: ReadonlySet<string>;
}

/** The internet of this namespace with its servers: coturn, and edges that name them to players. */
export interface Place {
  readonly internet: Internet;
  readonly turn: TurnServer;
  /** A presentation of its own for each row. */
  readonly streamOf: (row: NatRow, index: number) => Promise<Stream>;
}

export async function startPlace(
  rows: readonly NatRow[],
  cleanup: Cleanup,
  signal: AbortSignal,
): Promise<Place> {
  const internet = await startInternet();
  cleanup.add(internet.stop);
  const folder = await mkdtemp(join(tmpdir(), 'eddy-nat-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true }));
  const [live, film, turn] = await Promise.all([
    startLiveOrigin(rows.length, cleanup, signal),
    rows.some(({ pages }) => pages) ? publishFilms(rows, cleanup) : undefined,
    startTurnServer({ address: internet.address, port: TURN_PORT, signal }),
  ]);
  cleanup.add(turn.stop);
  const startEdge = async (servers: NatRow['servers'], origin: string): Promise<EdgeProcess> => {
    const config = join(folder, `${servers}.json`);
    const { secret, turnUrls: urls } = turn;
    const swarm = {
      iceServers: [{ urls: [turn.stunUrl] }],
      ...(servers === 'stun' ? {} : { turn: { urls, secret } }),
    };
    await writeFile(config, JSON.stringify({ swarm }));
    const edge = await startEdgeProcess({
      origin,
      args: ['--config', config, '--listen', `${internet.address}:0`],
    });
    cleanup.add(edge.stop);
    return edge;
  };
  const edges = new Map<string, Promise<EdgeProcess>>();
  const edgeFor = (servers: NatRow['servers'], origin: string): Promise<EdgeProcess> => {
    const key = `${servers} ${origin}`;
    const edge = edges.get(key) ?? startEdge(servers, origin);
    edges.set(key, edge);
    return edge;
  };
  return {
    ...{ internet, turn },
    streamOf: async ({ servers, pages }, index) => {
      if (pages !== true || film === undefined) {
        return { edge: await edgeFor(servers, live), path: masterPath(index), published: new Set() };
      }
      const { url, published } = film;
      return { edge: await edgeFor(servers, url), path: `/film-${index}/master.m3u8`, published };
    },
  };
}

async function startLiveOrigin(channels: number, cleanup: Cleanup, signal: AbortSignal): Promise<string> {
  const shape: LiveShape = {
    startMs: Date.now() - 2 * WINDOW * SEGMENT_MS,
    ...{ channels, segmentMs: SEGMENT_MS, segmentBytes: SEGMENT_BYTES, window: WINDOW },
  };
  let log = (): string => '';
  const origin = await startChild({
    name: 'origin',
    command: process.execPath,
    args: [ORIGIN, JSON.stringify(shape)],
    ready: async () => log().includes('serves '),
    onLog: (read) => {
      log = read;
    },
    signal,
  });
  cleanup.add(origin.stop);
  return /serves (\S+)/.exec(log())?.[1] ?? '';
}

async function publishFilms(
  rows: readonly NatRow[],
  cleanup: Cleanup,
): Promise<{ readonly url: string; readonly published: ReadonlySet<string> }> {
  const site = await makeSite();
  cleanup.add(site.remove);
  for (const [index, { pages }] of rows.entries()) {
    if (pages) await site.publish(`film-${index}`, SAMPLE);
  }
  return { url: site.url, published: new Set((await publishedSegments(site.folder)).keys()) };
}
