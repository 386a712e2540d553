import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { SILENT_LOG } from '../telemetry/log.js';
import { bodyFor } from '../testing/disk-fixture.js';
import { Cleanup, temporaryFolder } from '../testing/edge-fixture.js';
import { openDiskTier } from './open-disk-tier.js';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const ROUNDS = 3;
const KEYS = 4000;
const FINISHED_BEFORE_KILL = [300, 800, 50];

/** Writes, overwrites and purges as fast as it can, and says so line by line: only what is done. */
const WRITER = `
  const { openDiskTier } = await import(process.env.EDDY_TEST_TIER);
  const { bodyFor } = await import(process.env.EDDY_TEST_FIXTURE);
  const { writeSync } = await import('node:fs');
  const [folder, round] = process.argv.slice(-2);
  const log = { debug() {}, info() {}, warn() {}, error() {}, trace() {} };
  const { startWriter } = await import(process.env.EDDY_TEST_WRITER);
  const tier = await openDiskTier({ log, files: startWriter().files }, { folder, limitBytes: 1e9 });
  await tier.ready;
  let next = 0;
  const work = async () => {
    for (;;) {
      const index = next++;
      const key = '/' + (index * 7 + Number(round) * 1000) % ${KEYS};
      if (index % 10 === 9) {
        writeSync(1, 'purging ' + key + '\\n');
        await tier.delete(key);
        writeSync(1, 'purged ' + key + '\\n');
        continue;
      }
      const object = { meta: Buffer.from(key), tags: 'round' + round, body: bodyFor(key, 500 + (index % 50) * 997) };
      writeSync(1, 'writing ' + key + '\\n');
      if ((await tier.write(key, object)) === 'stored') writeSync(1, 'stored ' + key + '\\n');
    }
  };
  await Promise.all([work(), work(), work(), work()]);
`;

/** What the writer said last of each key. Lines of one key may be out of order only while it is under way. */
type Said = Map<string, string>;

async function writeUntilKilled(folder: string, round: number, said: Said): Promise<void> {
  const flags = ['--conditions=eddy-source', '--import', 'tsx', '--input-type=module', '-e', WRITER, '--'];
  const env = {
    ...process.env,
    EDDY_TEST_TIER: new URL('./open-disk-tier.ts', import.meta.url).href,
    EDDY_TEST_WRITER: new URL('./writer/writer.ts', import.meta.url).href,
    EDDY_TEST_FIXTURE: new URL('../testing/disk-fixture.ts', import.meta.url).href,
  };
  const child = spawn(process.execPath, [...flags, folder, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  cleanup.add(async () => child.kill('SIGKILL'));
  const ended = new Promise((done) => child.once('close', done));
  let finished = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [word = '', key = ''] = line.split(' ');
    said.set(key, word);
    // The pipe still brings what was said before the kill.
    if (word === 'stored' && ++finished === FINISHED_BEFORE_KILL[round]) child.kill('SIGKILL');
  }
  await ended;
}

it('after kill -9 amid writes has no wrong byte, nearly all that was finished and nothing that was purged', async () => {
  const folder = await temporaryFolder(cleanup);
  const said: Said = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    await writeUntilKilled(folder, round, said);
    const startMs = performance.now();
    const tier = await openDiskTier({ log: SILENT_LOG }, { folder, limitBytes: 1e9 });
    let finished = 0;
    let hits = 0;
    let firstHitMs: number | undefined;
    for (const [key, word] of said) {
      const hit = await tier.read(key);
      if (hit !== undefined) {
        firstHitMs ??= performance.now() - startMs;
        expect(hit.meta.toString()).toBe(key);
        expect(hit.body.equals(bodyFor(key, hit.bodyBytes))).toBe(true);
      }
      if (word === 'purged') expect(hit).toBeUndefined();
      if (word !== 'stored') continue;
      finished++;
      if (hit !== undefined) hits++;
    }
    await tier.ready;
    await tier.close();
    expect(finished).toBeGreaterThan((FINISHED_BEFORE_KILL[round] ?? 0) / 2);
    expect(hits).toBeGreaterThanOrEqual(Math.ceil(finished * 0.99));
    expect(firstHitMs).toBeLessThan(2000);
    expect(tier.stats.counts.corrupt).toBe(0);
  }
}, 60_000);
