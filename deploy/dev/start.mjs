// npm start: from a fresh clone to a player that shares segments, on this machine only.
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { unlessUpToDate } from './fingerprint.mjs';
import { install } from './install.mjs';
import { requireNode } from './node-version.mjs';
import { ROOT } from './paths.mjs';
import { HOST, portFrom, requireFree } from './ports.mjs';
import { endOnSignals, run, start, stopEverything } from './processes.mjs';
import { say, script, step, Trouble } from './step.mjs';
import { waitUntilServed } from './wait-until-served.mjs';

/** What the edge serves: the sample, the live stream and the player page side by side. */
const SITE = '.eddy/site';
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

function siteUrl() {
  return pathToFileURL(join(ROOT, SITE)).href;
}

async function publishSample(files) {
  const inputs = [SAMPLE, 'origin/src', 'player-sdk/protocol/src'];
  return await unlessUpToDate({ name: 'sample', inputs, outputs: [`${SITE}${VOD_PLAYLIST}`] }, async () => {
    await rm(join(ROOT, SITE, 'sample'), { recursive: true, force: true });
    const args = [ORIGIN, 'publish', ...files, '--to', siteUrl(), '--name', 'sample'];
    await run(process.execPath, args, { output: 'collect' });
  });
}

/** A live stream begins anew; what an earlier run left is not part of it. */
async function freshLiveFolder() {
  await rm(join(ROOT, SITE, 'live'), { recursive: true, force: true });
}

async function copyPlayerPage() {
  await rm(join(ROOT, SITE, 'demo'), { recursive: true, force: true });
  await cp(join(ROOT, 'player-sdk/dist/demo'), join(ROOT, SITE, 'demo'), { recursive: true });
}

function startServers(files, ports) {
  const live = start(process.execPath, [ORIGIN, 'live', ...files, '--to', siteUrl(), '--name', 'live'], {
    name: 'eddy-origin live',
    output: 'collect',
  });
  const listen = ['--listen', `${HOST}:${ports.PORT}`];
  const admin = ['--admin', `${HOST}:${ports.ADMIN_PORT}`];
  const insight = ['--insight', `${HOST}:${ports.INSIGHT_PORT}`];
  const data = ['--data-dir', join(ROOT, '.eddy/data')];
  const edge = start(
    process.execPath,
    [EDGE, '--origin', siteUrl(), ...listen, ...admin, ...insight, ...data],
    {
      name: 'eddy-edge',
      output: 'collect',
      // Nobody who tries it out with two windows should be in the group without peers.
      env: { EDDY_SWARM_HOLDOUT_PERCENT: '0', EDDY_LOG_LEVEL: 'warn' },
    },
  );
  return [live, edge];
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
    await mkdir(join(ROOT, SITE), { recursive: true });
    await step('Packaging the sample video', async () =>
      (await publishSample(files)) ? 'done' : 'up to date',
    );
    await Promise.all([freshLiveFolder(), copyPlayerPage()]);
    const servers = startServers(files, ports);
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
