import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { CAR, footagePresent } from './media/clips.js';
import { makeSite } from './site.js';

const footage = await footagePresent();
const cleanup = new Cleanup();
let browser: Browser;
let edge: EdgeProcess;

/** What the page shows, cell by cell, in the row of a viewer. */
declare global {
  interface Window {
    eddySideBySide?: {
      readonly ledger: { given(viewer: string, source: string): number; received(viewer: string): number };
    };
  }
}

describe.skipIf(!footage)('viewers side by side (the footage lies beside the repository)', () => {
  beforeAll(async () => {
    const site = await makeSite();
    cleanup.add(site.remove);
    await site.publish('car', CAR);
    edge = await startEdgeProcess({ origin: site.url });
    cleanup.add(edge.stop);
    browser = await launchChromium();
    cleanup.add(() => browser.close());
  });
  afterAll(() => cleanup.run());

  it('shows who gave what to whom, lets one leave and another join', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${edge.url}/demo/side-by-side.html?src=/car/master.m3u8&viewers=2`);
    await page.waitForFunction(() => (window.eddySideBySide?.ledger.given('B', 'A') ?? 0) > 500_000);
    await page.waitForFunction(() => {
      const cell = document.querySelector('#matrix tbody tr:nth-child(2) td[data-source="A"]');
      return cell !== null && /MB|kB/.test(cell.textContent ?? '');
    });
    expect(await page.locator('.tile').count()).toBe(2);

    await page.getByRole('button', { name: 'Viewer A leaves' }).click();
    expect(await page.locator('.tile').count()).toBe(1);
    await page.getByRole('button', { name: 'Add a viewer' }).click();
    const before = await page.evaluate(() => window.eddySideBySide?.ledger.received('A') ?? 0);
    await page.waitForFunction(
      (bytes) =>
        (window.eddySideBySide?.ledger.received('A') ?? 0) > bytes &&
        document.querySelectorAll('.tile').length === 2,
      before,
    );
    expect(errors).toEqual([]);
    await page.close();
  });
});
