// Pictures of every view of the dashboard, and of what it shows on the way and on failure, on a made-up company: wide
// and narrow, dark and light.
//   node bench/dist/insight/demo/pictures.js --out DIR [--only VIEW] [--url INSIGHT_URL]
// With --url of an edge that runs already; without it one is started on two months of figures, which takes minutes.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { Cleanup } from '../../process/cleanup.js';
import { launchChromium } from '../../system/chromium.js';
import { DEMO_VIEWS, openView, SCHEMES, WIDTHS } from './dashboard-page.js';
import { DEMO_STATES, type DemoState } from './demo-states.js';
import { WHOLE_DEMO } from './fill-demo.js';
import { startDemo } from './start-demo.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    only: { type: 'string', default: '' },
    url: { type: 'string' },
  },
});
if (values.out === undefined) {
  console.error('Say where the pictures go: --out DIR');
  process.exit(2);
}
const { out, only } = values;
await mkdir(out, { recursive: true });
const cleanup = new Cleanup();
try {
  const demo = values.url === undefined ? await startDemo(WHOLE_DEMO) : undefined;
  if (demo !== undefined) cleanup.add(demo.stop);
  const browser = await launchChromium();
  cleanup.add(() => browser.close());
  await pictures(browser, values.url ?? demo?.edge.insightUrl ?? '', demo?.report);
} finally {
  await cleanup.run();
}

async function pictures(browser: Browser, url: string, report?: () => Promise<void>): Promise<void> {
  const views = Object.entries(DEMO_VIEWS).map(([name, search]): [string, DemoState] => [name, { search }]);
  for (const [name, { search, ...acts }] of [...views, ...Object.entries(DEMO_STATES)]) {
    if (!name.startsWith(only)) continue;
    await report?.();
    for (const scheme of SCHEMES) {
      for (const width of WIDTHS) {
        const page = await openView(browser, url + search, { width, scheme, ...acts });
        const path = join(out, `${name}-${width}-${scheme}.png`);
        await page.screenshot({ path, fullPage: true, animations: 'disabled' });
        await page.context().close();
        console.log(path);
      }
    }
  }
}
