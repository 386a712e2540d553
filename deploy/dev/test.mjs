// npm test: from a fresh clone to the last scenario. Installs what is missing, checks, tests, says how it went.
import { build } from './build.mjs';
import { install } from './install.mjs';
import { requireNode } from './node-version.mjs';
import { atEnd, endOnSignals, run, stopEverything } from './processes.mjs';
import { check, say, script, step } from './step.mjs';
import { requireSystem, TEST_NEEDS } from './system-packages.mjs';
import { runVitest, tellFailures } from './vitest.mjs';

const strict = process.env.CI === 'true';

/** Modules that are there once npm has installed, and those that are there once all is compiled. */
const layers = () => import('./layers.mjs');
const swiftModule = () => import('../../bench/dist/system/swift.js');
const namespaceModule = () => import('../../bench/dist/system/netns.js');

async function checks() {
  const collect = { output: 'collect' };
  return [
    ...(await check('Format and lint (biome)', () =>
      run(
        process.execPath,
        ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '.'],
        collect,
      ).then(() => undefined),
    )),
    ...(await check('Layers (dependency-cruiser)', async () => {
      const { checkLayers } = await layers();
      return `${await checkLayers()} files keep to their layers`;
    })),
    ...(await check('Unused code and packages (knip)', () =>
      run(process.execPath, ['node_modules/knip/bin/knip.js', '--no-progress'], collect).then(
        () => undefined,
      ),
    )),
  ];
}

async function unitTests() {
  let swift;
  await step('Starting Swift, a store that speaks S3', async () => {
    const { startSwift } = await swiftModule();
    swift = await startSwift();
  });
  const stopSwift = atEnd(() => swift.stop());
  try {
    return await runVitest('unit', {
      env: {
        EDDY_TEST_S3_ENDPOINT: swift.endpoint,
        AWS_ACCESS_KEY_ID: swift.accessKeyId,
        AWS_SECRET_ACCESS_KEY: swift.secretAccessKey,
        AWS_REGION: swift.region,
      },
    });
  } finally {
    await stopSwift();
  }
}

const services = () => inNamespace('service');
const scenarios = () => inNamespace('scenario');

async function inNamespace(project) {
  const { namespaced } = await namespaceModule();
  return await runVitest(project, {
    wrap: async (line) => {
      const inside = await namespaced(line);
      if (inside === undefined) {
        say('  No network namespace may be made here, so the scenarios use the network of this machine;');
        say('  WebRTC between its pages needs an interface other than loopback.');
      }
      return inside ?? line;
    },
  });
}

function summary(failedChecks, runs) {
  const passed = runs.reduce((sum, counts) => sum + counts.passed, 0);
  const skipped = runs.flatMap((counts) => counts.skipped);
  const failures = [...failedChecks];
  if (strict && skipped.length > 0) failures.push(`${skipped.length} skipped under CI=true`);
  const failed = runs.reduce((sum, counts) => sum + counts.failed, 0) + failures.length;
  say('');
  for (const name of skipped) say(`  skipped: ${name}`);
  for (const counts of runs) tellFailures(counts);
  for (const name of failures) say(`  failed: ${name}`);
  const words = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${passed} passed`,
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
  ];
  say(`      Tests  ${words.join(' | ')} (${passed + failed + skipped.length})`);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

await script(async () => {
  requireNode();
  endOnSignals();
  try {
    await install();
    await requireSystem(TEST_NEEDS);
    await build();
    const failedChecks = await checks();
    const runs = [];
    for (const [title, tests] of [
      ['Unit tests', unitTests],
      ['Scenarios of services, side by side', services],
      ['Scenarios in real browsers', scenarios],
    ]) {
      failedChecks.push(
        ...(await check(title, async () => {
          runs.push(await tests());
        })),
      );
    }
    return summary(failedChecks, runs);
  } finally {
    await stopEverything();
  }
});
