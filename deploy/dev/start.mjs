// npm start: from a fresh clone to a player that shares segments, on this machine only.
//   node deploy/dev/start.mjs [--state FOLDER]   where it keeps published media and the dashboard's data (.eddy)
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { unlessUpToDate } from './fingerprint.mjs';
import { install } from './install.mjs';
import { requireNode } from './node-version.mjs';
import { ROOT } from './paths.mjs';
import { HOST, portFrom, requireFree } from './ports.mjs';
import { endOnSignals, run, start, stopEverything } from './processes.mjs';
import { say, script, step, Trouble } from './step.mjs';
import { waitUntilServed } from './wait-until-served.mjs';

const SAMPLE = 'origin/sample';
const ORIGIN = 'origin/bin/eddy-origin.js';
const EDGE = 'edge/bin/eddy-edge.js';
const VOD_PLAYLIST = '/sample/master.m3u8';
const LIVE_PLAYLIST = '/live/master.m3u8';

async function sampleFiles() {
  const entries = await readdir(join(ROOT, SAMPLE)).catch(() => []);
  const files = entries.filter((entry) => entry.endsWith('.mp4')).sort();
  if (files.length === 0) throw new Trouble(`No MP4 is in ${SAMPLE}; the clone is not complete.`);
  return files.map((file) => `${SAMPLE}/${file}`);
}

/** Where things are kept: `site` is what the edge serves, the sample, the live stream and the player page in it. */
function foldersOf(args) {
  const { values } = parseArgs({ args, options: { state: { type: 'string', default: '.eddy' } } });
  const state = resolve(ROOT, values.state);
  const site = join(state, 'site');
  return { state, site, siteUrl: pathToFileURL(site).href, data: join(state, 'data') };
}

async function publishSample(files, { state, site, siteUrl }) {
  const inputs = [SAMPLE, 'origin/src', 'player-sdk/protocol/src'];
  const outputs = [join(site, VOD_PLAYLIST)];
  return await unlessUpToDate({ state, name: 'sample', inputs, outputs }, async () => {
    await rm(join(site, 'sample'), { recursive: true, force: true });
    const args = [ORIGIN, 'publish', ...files, '--to', siteUrl, '--name', 'sample'];
    await run(process.execPath, args, { output: 'collect' });
  });
}

/** A live stream begins anew; what an earlier run left is not part of it. */
async function freshLiveFolder({ site }) {
  await rm(join(site, 'live'), { recursive: true, force: true });
}

async function copyPlayerPage({ site }) {
  await rm(join(site, 'demo'), { recursive: true, force: true });
  await cp(join(ROOT, 'player-sdk/dist/demo'), join(site, 'demo'), { recursive: true });
}

function startServers(files, ports, { siteUrl, data }) {
  // Apart from this process's group, so that Ctrl-C reaches them once, through us.
  const options = { output: 'collect', apart: true };
  const live = [ORIGIN, 'live', ...files, '--to', siteUrl, '--name', 'live'];
  const what = ['--origin', siteUrl, '--data-dir', data];
  const where = Object.entries({ listen: 'PORT', admin: 'ADMIN_PORT', insight: 'INSIGHT_PORT' });
  const listeners = where.flatMap(([flag, name]) => [`--${flag}`, `${HOST}:${ports[name]}`]);
  return [
    start(process.execPath, live, { ...options, name: 'eddy-origin live' }),
    start(process.execPath, [EDGE, ...what, ...listeners], {
      ...options,
      name: 'eddy-edge',
      // Nobody who tries it out with two windows should be in the group without peers.
      env: { EDDY_NAME: 'eddy-demo', EDDY_SWARM_HOLDOUT_PERCENT: '0', EDDY_LOG_LEVEL: 'warn' },
    }),
  ];
}

/** Rejects as soon as one of the processes ends. */
function anyEnds(processes) {
  return Promise.race(
    processes.map(async ({ name, ended, tail }) => {
      const { code, signal, error } = await ended;
      const how = error?.message ?? (signal === null ? `code ${code}` : signal);
      throw new Trouble(`${name} ended (${how}), so everything else was stopped. It wrote:\n${tail()}`);
    }),
  );
}

await script(async () => {
  requireNode();
  const ports = {
    PORT: portFrom(process.env, 'PORT', 8080),
    ADMIN_PORT: portFrom(process.env, 'ADMIN_PORT', 8081),
    INSIGHT_PORT: portFrom(process.env, 'INSIGHT_PORT', 8082),
  };
  const folders = foldersOf(process.argv.slice(2));
  await requireFree(ports);
  let stopped = false;
  const givingUp = new AbortController();
  const signalled = new Promise((resolve) => {
    endOnSignals(() => {
      stopped = true;
      resolve();
    });
  });
  const url = (name, path) => `http://${HOST}:${ports[name]}${path}`;
  try {
    await install();
    await build({ workspaces: ['player-sdk', 'origin', 'edge'] });
    const files = await sampleFiles();
    await mkdir(folders.site, { recursive: true });
    await step('Packaging the sample video', async () =>
      (await publishSample(files, folders)) ? 'done' : 'up to date',
    );
    await Promise.all([freshLiveFolder(folders), copyPlayerPage(folders)]);
    const servers = startServers(files, ports, folders);
    const ends = anyEnds(servers);
    await step('Starting edge and live stream', () =>
      Promise.race([
        ends,
        signalled,
        waitUntilServed(
          [
            url('ADMIN_PORT', '/readyz'),
            url('PORT', VOD_PLAYLIST),
            url('PORT', LIVE_PLAYLIST),
            url('PORT', '/demo/index.html'),
            url('INSIGHT_PORT', '/'),
          ],
          givingUp.signal,
        ),
      ]),
    );
    if (!stopped) {
      say('\nEddy is ready\n');
      say(`  Player     ${url('PORT', '/demo/index.html')}`);
      say(`  Live       ${url('PORT', `/demo/index.html?src=${LIVE_PLAYLIST}`)}`);
      say(`  Several    ${url('PORT', `/demo/side-by-side.html?src=${LIVE_PLAYLIST}`)}`);
      say(`  Dashboard  ${url('INSIGHT_PORT', '/')}`);
      say(`  Metrics    ${url('ADMIN_PORT', '/metrics')}`);
      say(
        '\nOpen the player in two windows: the second takes its segments from the first. Ctrl-C stops all.',
      );
    }
    await Promise.race([ends, signalled]);
  } catch (error) {
    // Stopped on purpose, the servers end too, and that is no trouble.
    if (!stopped) throw error;
  } finally {
    givingUp.abort();
    await stopEverything();
  }
  say('\nStopped.');
});
