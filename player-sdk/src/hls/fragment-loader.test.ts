import type { FragmentLoaderContext, Loader, LoaderCallbacks } from 'hls.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EdgeWatch } from '../failover/edge-watch.js';
import { type FakeTime, fakeTime } from '../testing/fake-time.js';
import type { AcquireEvents, Progress } from '../transfer/segment.js';
import { fragmentContext, HLS_CONFIG, loaderConfig, RecordingLoader } from './fakes.js';
import { type AcquireRequest, type Acquisition, fragmentLoader } from './fragment-loader.js';

const LINK = { bytesPerSecond: 750_000, roundTripMs: 40 };
const BYTES = 300_000;

interface World {
  readonly time: FakeTime;
  readonly loader: Loader<FragmentLoaderContext>;
  readonly calls: string[];
  readonly callbacks: LoaderCallbacks<FragmentLoaderContext>;
  readonly results: { data?: unknown; progressed?: unknown; code?: number };
  readonly taken: { request: AcquireRequest; events: AcquireEvents }[];
  readonly plain: number[];
  progress: Progress;
  cancelled: number;
}

let world: World;
let watch: EdgeWatch | undefined;

function setUp(
  takeOn: ((world: World) => Acquisition | undefined) | 'takes' | 'not wanted' = 'takes',
): World {
  const time = fakeTime();
  time.advanceSync(10_000);
  RecordingLoader.made = [];
  const calls: string[] = [];
  const results: World['results'] = {};
  const taken: World['taken'] = [];
  const plain: number[] = [];
  const Loader = fragmentLoader(RecordingLoader, {
    clock: time.clock,
    timers: time.timers,
    segments: {
      wanted: () => takeOn !== 'not wanted',
      acquire: (request, events) => {
        taken.push({ request, events });
        if (typeof takeOn === 'function') return takeOn(world);
        return {
          get progress() {
            return world.progress;
          },
          cancel: () => {
            world.cancelled++;
          },
        };
      },
      loadedPlainly: (bytes) => plain.push(bytes),
      link: LINK,
      get watch() {
        return watch;
      },
    },
  });
  return {
    time,
    loader: new Loader(HLS_CONFIG),
    calls,
    results,
    taken,
    plain,
    progress: { loadedBytes: 0, totalBytes: 0, edge: undefined },
    cancelled: 0,
    callbacks: {
      onSuccess: ({ data }) => {
        calls.push('success');
        results.data = data;
      },
      onError: ({ code }) => {
        calls.push('error');
        results.code = code;
      },
      onTimeout: () => calls.push('timeout'),
      onAbort: () => calls.push('abort'),
      onProgress: (_stats, _context, data) => {
        calls.push('progress');
        results.progressed = data;
      },
    },
  };
}

function load(): void {
  world.loader.load(fragmentContext(), loaderConfig(), world.callbacks);
}

function events(): AcquireEvents {
  const [first] = world.taken;
  if (first === undefined) throw new Error('nothing was taken on');
  return first.events;
}

function acquired(bytes = new Uint8Array(BYTES)): Parameters<AcquireEvents['onDone']>[0] {
  return { bytes, edgeBytes: 0, peerBytes: new Map([['a', BYTES]]), memoryBytes: 0, timing: undefined };
}

afterEach(() => {
  watch = undefined;
});

describe('a fragment that comes from others', () => {
  beforeEach(() => {
    world = setUp();
  });

  it('keeps one statistics object for life, started at once', () => {
    const { stats } = world.loader;
    load();
    expect(stats.loading.start).toBe(10_000);
    events().onDone(acquired());
    world.loader.destroy();
    expect(world.loader.stats).toBe(stats);
  });

  it('moves its start on while it waits on purpose', async () => {
    load();
    await world.time.advance(3_000);
    expect(world.loader.stats.loading.start).toBeGreaterThanOrEqual(12_950);
    expect(world.loader.stats.loading.first).toBe(0);
  });

  it('shows progress as the own link would have made it', async () => {
    load();
    world.progress = { loadedBytes: 150_000, totalBytes: BYTES, edge: undefined };
    await world.time.advance(50);
    const { loading, loaded, total } = world.loader.stats;
    expect([loaded, total]).toEqual([150_000, BYTES]);
    expect(loading.first).toBe(10_050 - 200);
    expect(loading.first - loading.start).toBe(LINK.roundTripMs);
  });

  it('shows the edge at work as it is', async () => {
    load();
    const edge = { startedAt: 10_020, firstAt: 10_060, endedAt: 0, loadedBytes: 1_000 };
    world.progress = { loadedBytes: 1_000, totalBytes: 0, edge };
    await world.time.advance(100);
    expect(world.loader.stats.loading).toMatchObject({ start: 10_020, first: 10_060 });
  });

  it('tells an estimate that is the own link, however fast it came', () => {
    load();
    events().onDone(acquired());
    const { loading, loaded, total } = world.loader.stats;
    expect([loaded, total]).toEqual([BYTES, BYTES]);
    expect((BYTES * 1000) / (loading.end - loading.first)).toBeCloseTo(LINK.bytesPerSecond);
    expect(loading.first - loading.start).toBe(LINK.roundTripMs);
  });

  it("tells the edge's own times when it alone delivered", () => {
    load();
    const timing = { startedAt: 10_100, firstAt: 10_150, endedAt: 10_400, loadedBytes: BYTES };
    events().onDone({ ...acquired(), peerBytes: new Map(), edgeBytes: BYTES, timing });
    expect(world.loader.stats.loading).toEqual({ start: 10_100, first: 10_150, end: 10_400 });
  });

  it('hands over a copy, once to onProgress before onSuccess', () => {
    load();
    const bytes = Uint8Array.of(1, 2, 3);
    events().onDone(acquired(bytes));
    expect(world.calls).toEqual(['progress', 'success']);
    expect(world.results.data).toEqual(bytes.buffer);
    expect(world.results.data).not.toBe(bytes.buffer);
    expect(world.results.progressed).toBe(world.results.data);
  });

  it('asks the edge by the wrapped loader, a new one each time, with its range', () => {
    load();
    const [first] = world.taken;
    first?.request.edge.ask({ start: 100, end: 200 }, { onDone: () => {}, onFailed: () => {} });
    first?.request.edge.ask(undefined, { onDone: () => {}, onFailed: () => {} });
    const [ranged, whole] = RecordingLoader.loading;
    expect(ranged?.context).toMatchObject({ rangeStart: 100, rangeEnd: 200 });
    expect(whole?.context).toMatchObject({ rangeStart: 0, rangeEnd: 0 });
    expect(ranged?.callbacks?.onProgress).toBeUndefined();
    expect(ranged?.context?.headers).not.toBe(whole?.context?.headers);
  });

  it('gives real codes to onError and times out with onTimeout', async () => {
    load();
    events().onFailed({ kind: 'error', code: 410, text: 'Gone' });
    expect([world.calls, world.results.code]).toEqual([['error'], 410]);
    world = setUp();
    load();
    await world.time.advance(20_000);
    expect([world.calls, world.cancelled]).toEqual([['timeout'], 1]);
  });

  it('aborts once, then is silent', async () => {
    load();
    world.loader.abort();
    world.loader.abort();
    events().onDone(acquired());
    await world.time.advance(30_000);
    expect(world.calls).toEqual(['abort']);
    expect(world.loader.stats.aborted).toBe(true);
    expect(world.cancelled).toBe(1);
    expect(world.time.pending).toBe(0);
  });

  it('is not aborted by success', () => {
    load();
    events().onDone(acquired());
    world.loader.abort();
    world.loader.destroy();
    expect(world.loader.stats.aborted).toBe(false);
    expect(world.calls).toEqual(['progress', 'success']);
  });

  it('is silent after destroy', () => {
    load();
    world.loader.destroy();
    events().onDone(acquired());
    expect([world.calls, world.cancelled, world.time.pending]).toEqual([[], 1, 0]);
  });

  it('wants the edge asked well before the load policy runs out', () => {
    load();
    expect(world.taken[0]?.request.latest).toBe(20_000);
  });
});

describe('a fragment that is nothing to share', () => {
  it.each([
    ['not taken on', () => undefined],
    ['not wanted', 'not wanted' as const],
  ])('is loaded by the wrapped loader, with what hls.js gave: %s', (_why, takeOn) => {
    world = setUp(takeOn);
    load();
    expect(world.taken).toHaveLength(takeOn === 'not wanted' ? 0 : 1);
    const [plain] = RecordingLoader.loading;
    expect(plain?.stats).toBe(world.loader.stats);
    expect(plain?.callbacks?.onProgress).toBe(world.callbacks.onProgress);
    plain?.succeed(new ArrayBuffer(5), { start: 1, first: 2, end: 3 });
    expect([world.calls, world.plain]).toEqual([['success'], [5]]);
    world.loader.destroy();
    expect(plain?.destroyed).toBe(1);
  });

  it('is aborted there', () => {
    world = setUp(() => undefined);
    load();
    world.loader.abort();
    expect(world.calls).toEqual(['abort']);
  });

  it('is also one that could not be taken on', () => {
    world = setUp(() => {
      throw new Error('broken');
    });
    load();
    expect(RecordingLoader.loading).toHaveLength(1);
  });
});

describe('a fragment of an edge that media do not come from any more', () => {
  const OLD = 'https://cdn.example/film/v/7.m4s?token=1';
  const NEW = 'https://other.example/film/v/7.m4s?token=1';
  let host: string;

  beforeEach(() => {
    host = 'https://cdn.example';
  });

  function setUpBetween(...how: Parameters<typeof setUp>): void {
    world = setUp(...how);
    const { clock, timers } = world.time;
    const pathways = new Map([
      ['fra', 'https://cdn.example'],
      ['nyc', 'https://other.example'],
    ]);
    watch = new EdgeWatch({
      ...{ clock, timers, pathways: () => pathways, host: () => host },
      fetch: () => new Promise(() => {}),
      bufferMs: () => 30_000,
      move: () => {},
    });
  }

  const asked = (): (string | undefined)[] => RecordingLoader.loading.map(({ url }) => url);

  it('is asked where they come from', () => {
    for (const how of ['takes', 'not wanted'] as const) {
      setUpBetween(how);
      host = 'https://other.example';
      load();
      world.taken[0]?.request.edge.ask(undefined, { onDone: () => {}, onFailed: () => {} });
      expect(asked()).toEqual([NEW]);
    }
  });

  it('is asked again there if it fails, and hls.js hears nothing of it: shared', () => {
    setUpBetween();
    load();
    const heard: string[] = [];
    const request = world.taken[0]?.request.edge.ask(undefined, {
      onDone: (bytes) => heard.push(`${bytes.length} bytes`),
      onFailed: ({ kind }) => heard.push(kind),
    });
    host = 'https://other.example';
    RecordingLoader.loading[0]?.fail(0);
    expect([asked(), heard]).toEqual([[OLD, NEW], []]);
    RecordingLoader.loading[1]?.succeed(new ArrayBuffer(5), { start: 1, first: 2, end: 3 });
    expect([heard, request?.timing.loadedBytes]).toEqual([['5 bytes'], 5]);
  });

  it('is asked again there if it fails, and hls.js hears nothing of it: not shared', () => {
    setUpBetween('not wanted');
    load();
    host = 'https://other.example';
    RecordingLoader.loading[0]?.fail(0);
    expect([asked(), world.calls]).toEqual([[OLD, NEW], []]);
    RecordingLoader.loading[1]?.succeed(new ArrayBuffer(5), { start: 1, first: 2, end: 3 });
    expect([world.calls, world.plain]).toEqual([['success'], [5]]);
    expect(world.loader.stats.loading).toEqual({ start: 1, first: 2, end: 3 });
    expect(world.loader.stats.loaded).toBe(5);
    world.loader.destroy();
    expect(RecordingLoader.loading.map(({ destroyed }) => destroyed)).toEqual([1, 1]);
  });

  it('fails there for good', () => {
    for (const how of ['takes', 'not wanted'] as const) {
      setUpBetween(how);
      host = 'https://cdn.example';
      load();
      const { onError } = world.callbacks;
      world.taken[0]?.request.edge.ask(undefined, {
        onDone: () => {},
        onFailed: () => onError({ code: 0, text: '' }, fragmentContext(), null, world.loader.stats),
      });
      host = 'https://other.example';
      RecordingLoader.loading[0]?.fail(0);
      RecordingLoader.loading[1]?.fail(404);
      expect([asked(), world.calls]).toEqual([[OLD, NEW], ['error']]);
    }
  });
});
