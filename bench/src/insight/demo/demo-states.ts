import type { Page } from 'playwright-core';
import { settled } from './dashboard-page.js';

/** What a view shows on the way, where something fails, or after a click. */
export interface DemoState {
  /** As the part of its address after the insight listener's. */
  readonly search: string;
  /** Before the address is opened. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** Afterwards. Default: until its figures are there. */
  readonly act?: (page: Page) => Promise<unknown>;
}

const DAY_MS = 86_400_000;
const UNAVAILABLE = { status: 503, json: { error: 'store-failed', message: 'the disk is full' } };

/** By a name, as the views are. */
export const DEMO_STATES: Readonly<Record<string, DemoState>> = {
  'state-share': {
    search: '/?view=savings&stream=/live/cup-final/master.m3u8&range=7d',
    prepare: async (page) => {
      await loggedIn(page);
      const share = {
        path: '/share/v1.c2hhcmVk?to=%2F',
        token: 'v1.c2hhcmVk',
        expiresMs: Date.now() + DAY_MS,
      };
      const scope = { stream: '/live/cup-final/master.m3u8', pop: null };
      await page.route('**/api/shares', (route) => route.fulfill({ status: 201, json: { ...share, scope } }));
    },
    async act(page) {
      await settled(page);
      await page.getByText('Share…').click();
      await page.getByRole('button', { name: 'Make a link' }).click();
      await page.getByText('Copied').waitFor();
    },
  },
  'state-days': {
    search: '/?view=quality',
    async act(page) {
      await settled(page);
      await page.getByText('Days…').click();
    },
  },
  'state-filter-panel': {
    search: '/?view=live&region=DE',
    async act(page) {
      await settled(page);
      await page.getByText('Filter…').click();
      await page.getByRole('combobox', { name: 'Region' }).getByText('France').waitFor({ state: 'attached' });
    },
  },
  'state-more-streams': {
    search: '/?view=streams',
    prepare: (page) =>
      page.route('**/api/streams?*', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, json: { ...(await answer.json()), nextCursor: 'more' } });
      }),
  },
  'state-filtered': { search: '/?view=edges&pop=fra&edge=fra-1&compare=previous' },
  'state-idle-filter': { search: '/?view=savings&region=DE' },
  'state-empty': { search: '/?view=quality&from=1000000000000&to=1000086400000' },
  'state-no-stream': { search: '/?view=streams&find=nothing-like-this' },
  'state-loading': {
    search: '/?view=live',
    prepare: (page) => page.route('**/api/**', () => undefined),
    act: (page) => page.waitForTimeout(700),
  },
  'state-failing': {
    search: '/?view=live',
    prepare: (page) => page.route('**/api/**', (route) => route.fulfill(UNAVAILABLE)),
  },
  'state-old-figures': {
    search: '/?view=quality',
    async act(page) {
      await settled(page);
      await page.route('**/api/**', (route) => route.fulfill(UNAVAILABLE));
      await page.getByRole('link', { name: '24 h: last 24 hours' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  'state-old-edge': {
    search: '/?view=edges',
    prepare: (page) => page.route('**/api/edges?*', (route) => route.fulfill({ status: 404, json: {} })),
  },
  'state-figures': {
    search: '/?view=savings',
    async act(page) {
      await settled(page);
      await page.locator('.figures summary').first().click();
    },
  },
};

/** As somebody who came by a login and may share. */
async function loggedIn(page: Page): Promise<void> {
  const session = {
    ...{ role: 'reader', login: 'oidc', user: 'ada@example.com', expiresMs: null, canShare: true },
    ...{ scope: { stream: null, pop: null }, maxShareSeconds: (90 * DAY_MS) / 1000 },
  };
  await page.route('**/api/session', (route) => route.fulfill({ json: session }));
}
