import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_VIEWS, openView, SCHEMES, settled, WIDTHS } from '../insight/demo/dashboard-page.js';
import { SHORT_DEMO } from '../insight/demo/fill-demo.js';
import { type Demo, startDemo } from '../insight/demo/start-demo.js';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { graveFindings, withAxe } from './page/axe-check.js';

const MAX_GZIP_BYTES = 200_000;
const ASSETS = ['/', '/assets/theme.js', '/assets/dashboard.js', '/assets/dashboard.css'];

const cleanup = new Cleanup();
let demo: Demo;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo(SHORT_DEMO), launchChromium()]);
  cleanup.add(demo.stop);
  cleanup.add(() => browser.close());
});
afterAll(() => cleanup.run());

/** Follows what the page links to, without loading it again. */
async function goTo(search: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, search);
  await settled(page);
}

/**
 * By how many pixels the page is too wide at once after it became narrower: charts are drawn anew only later,
 * and a phone that is turned must not be scrolled sideways until then.
 */
function pushedOut(): Promise<number> {
  return page.evaluate(() => {
    const { style } = document.body;
    style.width = `${innerWidth - 60}px`;
    const pushed = document.body.scrollWidth - (innerWidth - 60);
    style.width = '';
    return pushed;
  });
}

/** What the page itself says: `page.url()` follows a change within the document only once the browser has told of it. */
function searchOf(shown: Page): Promise<string> {
  return shown.evaluate(() => location.search);
}

describe('the dashboard on a made-up company', () => {
  it('is small, and painted before its figures are there', async () => {
    let bytes = 0;
    for (const path of ASSETS) {
      const answer = await fetch(demo.edge.insightUrl + path);
      expect(answer.status).toBe(200);
      bytes += gzipSync(Buffer.from(await answer.arrayBuffer())).length;
    }
    expect(bytes).toBeLessThan(MAX_GZIP_BYTES);
    page = await openView(browser, `${demo.edge.insightUrl}/`, { width: 1280, scheme: 'light' });
    const paint = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    );
    console.log(`dashboard: ${bytes} bytes gzipped, first contentful paint after ${Math.round(paint)} ms`);
    expect(paint).toBeGreaterThan(0);
    expect(await page.locator('[data-id="viewers"]').textContent()).toBe('240');
    await page.context().close();
  });

  it('has no grave finding of axe and no sideways scrolling in any view, width and theme', async () => {
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 860 } });
    await withAxe(context);
    page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    await page.goto(`${demo.edge.insightUrl}/`);
    await settled(page);
    const findings: Record<string, string[]> = {};
    for (const [name, search] of Object.entries(DEMO_VIEWS)) {
      await goTo(search);
      const pushed = await pushedOut();
      if (pushed > 0) findings[`${name}, narrowed`] = [`${pushed} pixels too wide until it is drawn anew`];
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 860 });
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (sideways > 0) findings[`${name} ${width}`] = [`${sideways} pixels too wide`];
        for (const colorScheme of SCHEMES) {
          await page.emulateMedia({ colorScheme });
          // Colours are all that a theme changes.
          const found = await graveFindings(page, colorScheme === 'light' ? undefined : ['color-contrast']);
          if (found.length > 0) findings[`${name} ${width} ${colorScheme}`] = found;
        }
      }
    }
    expect(findings).toEqual({});
    expect(problems).toEqual([]);
    await context.close();
  });

  it('is walked by keys: skip link, views, time, theme', async () => {
    page = await openView(browser, `${demo.edge.insightUrl}/`, { width: 1280, scheme: 'light' });
    const focused = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.textContent.trim() ?? '');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the figures');
    const walked: string[] = [];
    for (let step = 0; step < 9; step++) {
      await page.keyboard.press('Tab');
      walked.push(await focused());
      const outline = await page.evaluate(
        () => document.activeElement && getComputedStyle(document.activeElement).outlineStyle,
      );
      expect(outline).not.toBe('none');
    }
    expect(walked.slice(0, 7)).toEqual([
      ...['Live now', 'Savings', 'Quality', 'Audience', 'Streams', 'Edges', 'Integrity'],
    ]);
    expect(walked.slice(7)).toEqual(['Colours: as the system', '15 min']);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await settled(page);
    expect(await focused()).toBe('Streams');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
    await page.reload();
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.context().close();
  });

  it('shows again what its address says: after a reload, back and forward, and drills down', async () => {
    page = await openView(browser, `${demo.edge.insightUrl}/?view=streams&range=24h`, {
      ...{ width: 1280, scheme: 'light' },
    });
    const heading = (): Promise<string | null> => page.locator('h1').textContent();
    await page.getByRole('button', { name: 'Offload' }).click();
    await page.getByPlaceholder('Find by name').fill('lectures');
    expect(await searchOf(page)).toBe('?view=streams&range=24h&sort=offload&find=lectures');
    await page.reload();
    await settled(page);
    const rows = page.getByRole('region', { name: 'Table: streams' }).locator('tbody tr');
    expect(await rows.count()).toBe(2);
    expect(await page.locator('th[aria-sort="descending"]').textContent()).toContain('Offload');
    await rows.first().getByRole('link').click();
    await settled(page);
    expect(await heading()).toMatch(/^\/lectures\/rivers\/1[23]\/master\.m3u8$/);
    await page.goBack();
    await settled(page);
    expect(await heading()).toBe('Streams');
    await page.goForward();
    await settled(page);
    expect(await heading()).toContain('/lectures/rivers/');
    await page.getByRole('link', { name: 'GiB, counted by 1,024s' }).click();
    await expect.poll(() => page.locator('[data-id="delivered"]').textContent()).toMatch(/iB$/);
    await page.context().close();
  });

  it('narrows to what there is, by keys', async () => {
    page = await openView(browser, `${demo.edge.insightUrl}/?range=24h`, { width: 390, scheme: 'light' });
    await page.getByText('Filter…').focus();
    await page.keyboard.press('Enter');
    const region = page.getByRole('combobox', { name: 'Region' });
    await expect.poll(() => region.locator('option').allTextContents()).toContain('United Kingdom');
    expect(await page.getByRole('combobox', { name: 'PoP' }).locator('option').allTextContents()).toEqual([
      ...['All', 'fra', 'lon', 'par', 'waw'],
    ]);
    await region.selectOption('FR');
    await settled(page);
    expect(await searchOf(page)).toBe('?range=24h&region=FR');
    expect(await page.getByRole('list', { name: 'Narrowed to' }).textContent()).toContain('Region France');
    const findings: string[] = [];
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 860 });
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth))
        findings.push(`${width}`);
    }
    expect(findings).toEqual([]);
    await page.context().close();
  });

  it('goes on with the list of streams, and from its beginning with other filters', async () => {
    const search = '?view=streams&range=24h';
    page = await openView(browser, demo.edge.insightUrl + search, {
      ...{ width: 1280, scheme: 'light' },
      // Pages of ten, as if there were more.
      prepare: (opened) =>
        opened.route('**/api/streams?*', (route) =>
          route.continue({ url: route.request().url().replace('limit=100', 'limit=10') }),
        ),
    });
    const rows = page.getByRole('region', { name: 'Table: streams' }).locator('tbody tr');
    expect(await rows.count()).toBe(10);
    await page.getByRole('link', { name: 'The next ones' }).click();
    await expect.poll(() => rows.count()).toBe(5);
    expect(await page.getByRole('link', { name: 'The next ones' }).count()).toBe(0);
    await page.getByRole('link', { name: '1 h: last hour' }).click();
    await expect.poll(() => searchOf(page)).toBe('?view=streams&range=1h');
    await page.context().close();
  });

  it('gives what is seen as a file', async () => {
    page = await openView(browser, `${demo.edge.insightUrl}/?view=streams&range=24h&find=rivers`, {
      ...{ width: 1280, scheme: 'light' },
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV of streams' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('eddy-streams-24h.csv');
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    expect(lines[0]).toMatch(/^\ufeff?stream,viewers_now,mean_viewers,/);
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual([
      ...['/lectures/rivers/12/master.m3u8', '/lectures/rivers/13/master.m3u8'],
    ]);
    await page.context().close();
  });

  it('says what is wrong when the edge fails, keeps its figures, and comes back', async () => {
    page = await openView(browser, `${demo.edge.insightUrl}/?view=quality`, {
      ...{ width: 390, scheme: 'light' },
    });
    const median = page.locator('.tile .figure').first();
    const before = await median.textContent();
    await page.route('**/api/**', (route) =>
      route.fulfill({ status: 503, json: { error: 'store-failed', message: 'the disk is full' } }),
    );
    await page.getByRole('link', { name: '24 h: last 24 hours' }).click();
    const problem = page.getByRole('alert');
    await problem.waitFor();
    expect(await problem.textContent()).toContain('the disk is full');
    expect(await problem.textContent()).toContain('The figures below are those of');
    expect(await median.textContent()).toBe(before);
    await page.unroute('**/api/**');
    await page.getByRole('button', { name: 'Try again now' }).click();
    await problem.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('says so where nothing was watched', async () => {
    const early = '?view=quality&from=1000000000000&to=1000086400000';
    page = await openView(browser, `${demo.edge.insightUrl}/${early}`, { width: 390, scheme: 'dark' });
    expect(await page.locator('.empty h2').textContent()).toBe('Nothing was watched in this time');
    await page.context().close();
  });
});

it('is served with all its parts', async () => {
  const built = fileURLToPath(new URL('../../../edge/dist/dashboard/index.html', import.meta.url));
  const text = await readFile(built, 'utf8');
  for (const path of ASSETS.slice(1)) expect(text).toContain(path);
});
