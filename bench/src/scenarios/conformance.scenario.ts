import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser as Chromium } from 'playwright-core';
import type { Browser as Firefox } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INTEGRATIONS, integrationNamed } from '../conformance/integrations.js';
import { type OpensPages, pagesOfChromium, pagesOfFirefox } from '../conformance/open-page.js';
import { hasHeadStart, plays, runSuite, STEPS, type Step, type StepResult } from '../conformance/suite.js';
import { makeSuiteSite, SOURCES, type SuiteSite } from '../conformance/suite-site.js';
import { conformanceTable, type Row, withTable } from '../conformance/table.js';
import { watch } from '../conformance/watching.js';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { launchFirefox } from '../system/firefox.js';

/** `npm run conformance` asks for all of it and keeps the table in the SDK's README; `npm test` looks at the ends of the range. */
const WHOLE = process.env.CONFORMANCE === 'whole';
const README = fileURLToPath(new URL('../../../player-sdk/README.md', import.meta.url));
const SHORT: readonly { readonly name: string; readonly steps: readonly Step[] }[] = [
  { name: 'hls.js-1.5', steps: ['plays', 'teardown', 'settings'] },
  { name: 'shaka-5', steps: ['plays', 'switches', 'teardown'] },
];
const CASES = WHOLE
  ? INTEGRATIONS.map((integration) => ({ integration, steps: STEPS }))
  : SHORT.map(({ name, steps }) => ({
      integration: integrationNamed(INTEGRATIONS.find((one) => one.name.startsWith(name))?.name ?? name),
      steps,
    }));

const cleanup = new Cleanup();
const rows: Row[] = [];
let site: SuiteSite;
let chromium: Chromium;
let firefox: Firefox;
let chromiumVersion = '';
let firefoxVersion = '';
let inChromium: OpensPages;
let inFirefox: OpensPages;

function failuresOf(results: readonly StepResult[]): string[] {
  return results.flatMap(({ step, failure }) => (failure === undefined ? [] : [`${step}: ${failure}`]));
}

describe('every player does the same', () => {
  beforeAll(async () => {
    site = await makeSuiteSite(cleanup, { whole: WHOLE });
    chromium = await launchChromium();
    cleanup.add(() => chromium.close());
    firefox = await launchFirefox();
    cleanup.add(() => firefox.close());
    chromiumVersion = `Chromium ${chromium.version()}`;
    firefoxVersion = (await firefox.version()).replace('firefox/', 'Firefox ');
    inChromium = pagesOfChromium(chromium);
    inFirefox = pagesOfFirefox(firefox);
  });
  afterAll(async () => {
    await cleanup.run();
    if (!WHOLE) return;
    const browsers = `${chromiumVersion}, ${firefoxVersion}`;
    const table = `${conformanceTable(rows)}\n\n${browsers}; in brackets: of the second viewer's media bytes, from the first.`;
    await writeFile(README, withTable(await readFile(README, 'utf8'), table));
  });

  it.each(CASES)('$integration.title in Chromium', async ({ integration, steps }) => {
    const results = await runSuite(integration, { open: [inChromium, inChromium], site }, steps);
    rows.push({ title: integration.title, browser: 'Chromium', results });
    expect(failuresOf(results)).toEqual([]);
    expect(results.map(({ step }) => step)).toEqual(
      STEPS.filter(
        (step) => steps.includes(step) && (step !== 'settings' || integration.player === 'hls-js'),
      ),
    );
  });

  it('Firefox and Chromium share in both directions', async () => {
    const newest = INTEGRATIONS.findLast(({ player }) => player === 'hls-js');
    if (newest === undefined) throw new Error('no hls.js');
    const directions = [
      { src: SOURCES.film, first: inFirefox, second: inChromium },
      { src: SOURCES.encore, first: inChromium, second: inFirefox },
    ];
    for (const { src, first, second } of directions) {
      const giver = await watch(first, site, newest, { src, name: 'giver' });
      await hasHeadStart(giver);
      const taker = await watch(second, site, newest, { src, name: 'taker' });
      await plays(taker, site.published);
      await giver.until('asked for anything', ({ stats }) => (stats?.uploadedBytes ?? 0) > 0);
      for (const { page } of [giver, taker]) await page.close();
    }
  });

  // Not skipped: what `npm test` does not ask for is not missing from it.
  if (WHOLE)
    it('hls.js 1.7 in Firefox', async () => {
      const newest = INTEGRATIONS.findLast(({ player }) => player === 'hls-js');
      if (newest === undefined) throw new Error('no hls.js');
      const results = await runSuite(newest, { open: [inFirefox, inFirefox], site });
      rows.push({ title: newest.title, browser: 'Firefox ESR', results });
      const mixed = await runSuite(newest, { open: [inFirefox, inChromium], site });
      rows.push({ title: newest.title, browser: 'Firefox ESR and Chromium', results: mixed });
      expect([...failuresOf(results), ...failuresOf(mixed)]).toEqual([]);
    });
});
