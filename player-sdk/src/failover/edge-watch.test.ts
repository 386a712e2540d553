import { describe, expect, it } from 'vitest';
import { type FakeTime, fakeTime } from '../testing/fake-time.js';
import { EdgeWatch } from './edge-watch.js';

const FRA = 'https://fra.example';
const PATHWAYS = new Map([
  ['fra', FRA],
  ['ams', 'https://ams.example'],
  ['nyc', 'https://nyc.example'],
]);

interface Watched {
  readonly time: FakeTime;
  readonly watch: EdgeWatch;
  /** Orders that the player was given. */
  readonly moves: (readonly string[])[];
  /** Hosts that were pinged. */
  readonly asked: string[];
  bufferMs: number;
  host: string;
}

/** `answers`: after how many milliseconds each host answers a ping; who is not named never does. */
function watched(
  answers: Record<string, number | 'refused' | 'draining'>,
  pathways: ReadonlyMap<string, string> = PATHWAYS,
): Watched {
  const time = fakeTime();
  const state = { time, moves: [], asked: [], bufferMs: 4_000, host: FRA } as Omit<Watched, 'watch'>;
  const watch = new EdgeWatch({
    ...{ clock: time.clock, timers: time.timers },
    pathways: () => pathways,
    host: () => state.host,
    bufferMs: () => state.bufferMs,
    move: (order) => {
      state.moves.push(order);
      state.host = pathways.get(order[0] ?? '') ?? '';
    },
    fetch: (url, { signal }) => {
      const host = new URL(url).hostname;
      state.asked.push(host);
      const answer = answers[host];
      return new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        if (answer === 'refused') reject(new Error('refused'));
        const ok = answer !== 'draining';
        if (answer === undefined) return;
        time.timers.after(typeof answer === 'number' ? answer : 1, () =>
          resolve({ ok, status: ok ? 200 : 503, arrayBuffer: async () => new ArrayBuffer(0) }),
        );
      });
    },
  });
  return Object.assign(state, { watch });
}

interface Asked {
  loadedBytes: number;
  givenUpAt: number | undefined;
  readonly over: (answered: boolean) => void;
}

function ask({ watch, time }: Watched): Asked {
  const request = { loadedBytes: 0, givenUpAt: undefined } as Omit<Asked, 'over'>;
  const over = watch.begin({
    loaded: () => request.loadedBytes,
    giveUp: () => {
      request.givenUpAt = time.clock.now();
    },
  });
  return Object.assign(request, { over });
}

describe('an edge that is the only one', () => {
  it('is not looked at until there is another, and then from there on', async () => {
    const pathways = new Map([...PATHWAYS].slice(0, 1));
    const world = watched({ 'ams.example': 20 }, pathways);
    const request = ask(world);
    await world.time.advance(60_000);
    expect(world.time.pending).toBe(0);
    pathways.set('ams', 'https://ams.example');
    world.watch.attend();
    await world.time.advance(900);
    expect(world.asked).toEqual([]);
    await world.time.advance(3_000);
    expect([world.moves, request.givenUpAt]).toEqual([[['ams', 'fra']], expect.any(Number)]);
  });
});

describe('an edge that is silent', () => {
  it('is left for the first of the others that answers, and what was asked of it fails', async () => {
    const world = watched({ 'ams.example': 60, 'nyc.example': 20 });
    const [first, second] = [ask(world), ask(world)];
    await world.time.advance(1_900);
    expect(world.moves).toEqual([]);
    await world.time.advance(200);
    expect(world.moves).toEqual([['nyc', 'ams', 'fra']]);
    for (const { givenUpAt } of [first, second]) expect(givenUpAt).toBe(2_000);
    expect(world.asked).toEqual(['fra.example', 'ams.example', 'nyc.example']);
    await world.time.advance(60_000);
    expect(world.moves).toHaveLength(1);
    expect(world.time.pending).toBe(0);
  });

  it('is left later where more is buffered', async () => {
    const world = watched({ 'nyc.example': 20 });
    world.bufferMs = 16_000;
    const request = ask(world);
    await world.time.advance(60_000);
    expect(request.givenUpAt).toBe(5_000);
  });

  it('is left in the middle of a body too', async () => {
    const world = watched({ 'nyc.example': 20 });
    const request = ask(world);
    for (let second = 1; second <= 5; second++) {
      request.loadedBytes += 1_000;
      await world.time.advance(900);
    }
    expect(world.asked).toEqual([]);
    await world.time.advance(2_000);
    expect(world.moves).toHaveLength(1);
  });

  it('is left at once where it refuses while another answers', async () => {
    const world = watched({ 'fra.example': 'refused', 'nyc.example': 20 });
    ask(world);
    await world.time.advance(2_100);
    expect(world.moves).toHaveLength(1);
  });

  it('comes last for a minute, also in what steering says; what is left to ask of it goes where media come from', async () => {
    const world = watched({ 'nyc.example': 20 });
    ask(world);
    await world.time.advance(2_100);
    expect(world.watch.ordered(['fra', 'ams', 'nyc'])).toEqual(['ams', 'nyc', 'fra']);
    expect(world.watch.readdressed(`${FRA}/film/1.m4s?x=1`)).toBe('https://nyc.example/film/1.m4s?x=1');
    expect(world.watch.readdressed('https://fra.example.org/1.m4s')).toBe('https://fra.example.org/1.m4s');
    await world.time.advance(60_000);
    expect(world.watch.ordered(['fra', 'ams', 'nyc'])).toEqual(['fra', 'ams', 'nyc']);
    expect(world.watch.readdressed(`${FRA}/film/1.m4s`)).toBe('https://nyc.example/film/1.m4s');
  });

  it('is not asked any more either once media come from elsewhere for another reason', () => {
    const world = watched({});
    const url = `${FRA}/film/1.m4s`;
    expect(world.watch.readdressed(url)).toBe(url);
    world.host = 'https://ams.example';
    expect(world.watch.readdressed(url)).toBe('https://ams.example/film/1.m4s');
    world.host = 'https://of-no-pathway.example';
    expect(world.watch.readdressed(url)).toBe(url);
  });

  it('is not gone back to from another that is silent within the minute', async () => {
    const world = watched({ 'fra.example': 20, 'nyc.example': 20 }, new Map([...PATHWAYS].slice(0, 2)));
    world.host = 'https://ams.example';
    ask(world);
    await world.time.advance(2_100);
    expect(world.moves).toEqual([['fra', 'ams']]);
    const request = ask(world);
    await world.time.advance(30_000);
    expect(request.givenUpAt).toBeUndefined();
    expect(world.moves).toHaveLength(1);
  });
});

describe('an edge is stayed with', () => {
  it('if it answers when asked, being merely slow; and is doubted more rarely then', async () => {
    const world = watched({ 'fra.example': 900, 'nyc.example': 20 });
    const request = ask(world);
    await world.time.advance(30_000);
    expect(world.moves).toEqual([]);
    expect(request.givenUpAt).toBeUndefined();
    expect(world.asked.filter((host) => host === 'fra.example').length).toBeLessThanOrEqual(4);
  });

  it('if something comes of what was asked meanwhile', async () => {
    const world = watched({ 'nyc.example': 20 });
    const request = ask(world);
    await world.time.advance(1_300);
    request.loadedBytes = 1;
    await world.time.advance(900);
    expect(world.moves).toEqual([]);
    request.over(true);
    await world.time.advance(60_000);
    expect(world.moves).toEqual([]);
    expect(world.time.pending).toBe(0);
  });

  it('if nobody else answers either, or is well', async () => {
    const world = watched({ 'nyc.example': 'draining', 'ams.example': 'refused' });
    ask(world);
    await world.time.advance(60_000);
    expect(world.moves).toEqual([]);
  });

  it.each([
    ['is not known', new Map<string, string>()],
    ['is the only one', new Map([['fra', FRA]])],
    ['is not among those that are', new Map([['nyc', 'https://nyc.example']])],
  ])('if it %s', async (_what, pathways) => {
    const world = watched({ 'nyc.example': 20 }, pathways);
    if (!pathways.has('fra')) world.host = 'https://own.example';
    ask(world);
    await world.time.advance(30_000);
    expect(world.moves).toEqual([]);
    expect(world.asked).toEqual([]);
  });

  it('if nothing is asked of it', async () => {
    const world = watched({ 'nyc.example': 20 });
    ask(world).over(false);
    await world.time.advance(30_000);
    expect(world.asked).toEqual([]);
    expect(world.time.pending).toBe(0);
  });

  it('once the watch is over, also while it is in doubt', async () => {
    const world = watched({ 'nyc.example': 20 });
    ask(world);
    await world.time.advance(1_200);
    world.watch.close();
    await world.time.advance(30_000);
    expect(world.moves).toEqual([]);
    expect(world.time.pending).toBe(0);
  });
});
