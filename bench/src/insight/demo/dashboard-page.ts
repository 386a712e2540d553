import type { Browser, Page } from 'playwright-core';
import { DEMO_STREAMS } from './demo-catalogue.js';

export const WIDTHS = [1280, 390] as const;
export const SCHEMES = ['light', 'dark'] as const;

const ONE_STREAM = encodeURIComponent(DEMO_STREAMS[0]?.name ?? '');

/** Every view by a name, as the part of its address after the insight listener's. */
export const DEMO_VIEWS: Readonly<Record<string, string>> = {
  live: '/?compare=previous',
  savings: '/?view=savings&compare=previous',
  quality: '/?view=quality',
  'audience-region': '/?view=audience&compare=previous',
  'audience-device': '/?view=audience&by=device',
  streams: '/?view=streams',
  stream: `/?view=streams&range=7d&stream=${ONE_STREAM}`,
  edges: '/?view=edges',
  integrity: '/?view=integrity',
};

export interface OpenViewOptions {
  readonly width: number;
  readonly scheme: (typeof SCHEMES)[number];
  /** Before the address is opened. */
  readonly prepare?: ((page: Page) => Promise<unknown>) | undefined;
  /** Afterwards. Default: until the figures are there. */
  readonly act?: ((page: Page) => Promise<unknown>) | undefined;
}

/** Opens an address of the dashboard and waits until its figures are there. */
export async function openView(
  browser: Browser,
  url: string,
  { width, scheme, prepare, act = settled }: OpenViewOptions,
): Promise<Page> {
  const context = await browser.newContext({
    ...{
      viewport: { width, height: 860 },
      colorScheme: scheme,
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
    },
  });
  const page = await context.newPage();
  await prepare?.(page);
  await page.goto(url);
  await act(page);
  return page;
}

/** The figures of the address are there, and the charts are drawn. */
export async function settled(page: Page): Promise<void> {
  // What was just chosen is asked for only after it has been painted; until then the page looks settled.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))),
  );
  await page.waitForFunction(() => {
    const view = document.querySelector('.view, .empty, .problem');
    const charts = [...document.querySelectorAll('.chart')];
    return (
      view !== null &&
      view.getAttribute('aria-busy') !== 'true' &&
      charts.every((chart) => chart.querySelector('canvas') !== null)
    );
  });
}
