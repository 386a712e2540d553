import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** Fills a disk of 24 MB with commits, then frees some of it. Says what it saw, as JSON. */
const FILL = `
import { rmSync, writeFileSync } from 'node:fs';
import { openDuckDbStore, Tally } from '@eddy/edge/insight';
const folder = process.argv[1];
writeFileSync(folder + '/other', Buffer.alloc(6e6));
let store = await openDuckDbStore(folder + '/insight.duckdb');
const rows = Array.from({ length: 500 }, (_, index) => ({
  cube: 'stream', keys: { stream: '/v' + index, pop: 'fra', arm: 'treated' }, tally: Tally.of({ edgeBytes: 1 }) }));
const commit = (minute) => store.commit({ minute, rows, batches: [], sessions: [] });
const counted = async () => (await store.query({
  cube: 'stream', grain: 'minute', from: 0, to: 14400, by: [], measures: ['edgeBytes'] }))[0].sums.edgeBytes / 500;
let committed = 0;
let failure;
for (; committed < 1000 && failure === undefined; committed++) {
  await commit(committed).catch((error) => { failure = error; committed--; });
}
const seen = { committed, code: failure?.code, message: failure?.message, whenFull: await counted() };
seen.again = await commit(2000).then(() => 'committed', (error) => error.code);
seen.tended = await store.tend(3000).then(() => 'tended', (error) => error.code);
seen.stillThere = await counted();
rmSync(folder + '/other');
seen.freed = await commit(committed).then(() => 'committed', (error) => error.code);
await store.close();
store = await openDuckDbStore(folder + '/insight.duckdb');
seen.inTheEnd = await counted();
await store.close();
console.log(JSON.stringify(seen));
`;

it('a disk that is full loses no minute, says so, and goes on when there is room', async () => {
  // In a namespace of its own: nobody else sees the small disk, and it goes with the process.
  const mounted = 'mount -t tmpfs -o size=24m none "$1" && exec "$2" --input-type=module --eval "$3" "$1"';
  const { stdout } = await run(
    'unshare',
    [
      ...['--user', '--map-root-user', '--mount', 'sh', '-c', mounted, 'sh'],
      ...['/mnt', process.execPath, FILL],
    ],
    { cwd: new URL('../..', import.meta.url) },
  );
  const seen = JSON.parse(stdout);
  expect(seen.committed).toBeGreaterThan(10);
  expect(seen).toMatchObject({
    code: 'store-full',
    message: expect.stringContaining('free some space'),
    again: 'store-full',
    freed: 'committed',
    ...{ whenFull: seen.committed, stillThere: seen.committed, inTheEnd: seen.committed + 1 },
  });
});
