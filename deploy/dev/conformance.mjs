// npm run conformance: every player in every browser through the whole suite; the table in player-sdk/README.md says how
// it went. `npm test` runs a part of it.
import { build } from './build.mjs';
import { install } from './install.mjs';
import { requireNode } from './node-version.mjs';
import { endOnSignals } from './processes.mjs';
import { script } from './step.mjs';
import { requireSystem, TEST_NEEDS } from './system-packages.mjs';
import { runVitest, tellFailures } from './vitest.mjs';

const NEEDED = ['chromium', 'firefox-esr', 'ffmpeg', 'iproute2', 'util-linux'];

await script(async () => {
  requireNode();
  endOnSignals();
  await install();
  await requireSystem(TEST_NEEDS.filter(({ debianPackage }) => NEEDED.includes(debianPackage)));
  await build();
  const { namespaced } = await import('../../bench/dist/system/netns.js');
  const counts = await runVitest('scenario', {
    files: ['conformance'],
    env: { CONFORMANCE: 'whole' },
    wrap: async (line) => (await namespaced(line)) ?? line,
  });
  tellFailures(counts);
  return counts.failed === 0 ? 0 : 1;
});
