import type { Page } from 'playwright-core';
import type { PageSettings } from './contenders.js';
import { type FarEdge, type FarEdgeOptions, startFarEdge } from './link/far-edge.js';
import { VIEWER_PATH } from './media/stage-site.js';
import { type Manner, misbehave } from './page/misbehave.js';
import { observe } from './page/observe.js';
import { testify } from './page/witness.js';
import type { Seats } from './seats.js';
import type { ViewerTrace } from './trace.js';

export interface ViewerOptions {
  readonly viewer: number;
  readonly link: FarEdgeOptions;
  readonly settings: PageSettings;
  /** How it treats the others; undefined: as its player does. */
  readonly manner: Manner | undefined;
  /** Path of the playlist. */
  readonly src: string;
}

/** One viewer: a page in a browser profile of its own, with its own way to the edge. */
export class Viewer {
  readonly #page: Page;
  readonly #farEdge: FarEdge;
  readonly #options: ViewerOptions;
  readonly #scriptErrors: string[];
  #joinedAt: number | undefined;
  #trace: ViewerTrace | undefined;

  private constructor(page: Page, farEdge: FarEdge, options: ViewerOptions, scriptErrors: string[]) {
    this.#page = page;
    this.#farEdge = farEdge;
    this.#options = options;
    this.#scriptErrors = scriptErrors;
  }

  /** Opens the page with all its scripts; it does not watch yet. */
  static async open(seats: Seats, options: ViewerOptions): Promise<Viewer> {
    const farEdge = await startFarEdge(options.link);
    const browser = await seats.browserFor(options.viewer, farEdge.url);
    const page = await browser.newPage();
    const scriptErrors: string[] = [];
    page.on('pageerror', (error) => scriptErrors.push(String(error)));
    await page.addInitScript(observe);
    await page.addInitScript(testify);
    if (options.manner !== undefined) await page.addInitScript(misbehave, options.manner);
    const plan = JSON.stringify({ ...options.settings, src: options.src });
    await page.goto(`${farEdge.url}${VIEWER_PATH}?plan=${encodeURIComponent(plan)}`);
    try {
      await page.waitForFunction(() => viewer.ready === true, undefined, { timeout: 10_000 });
    } catch (cause) {
      throw new Error(`the page of viewer ${options.viewer} does not work: ${scriptErrors.join(' ')}`, {
        cause,
      });
    }
    return new Viewer(page, farEdge, options, scriptErrors);
  }

  async join(): Promise<void> {
    this.#joinedAt = this.#options.link.now();
    await this.#page.evaluate(() => viewer.startWatching());
  }

  /** Notes what it had so far; only the first time counts. */
  async note(): Promise<void> {
    if (this.#joinedAt === undefined || this.#trace !== undefined) return;
    const observed = await this.#page.evaluate(() => viewer.observed());
    const witnessed = await this.#page.evaluate(() => witness.witnessed());
    this.#trace = {
      viewer: this.#options.viewer,
      joinedAt: this.#joinedAt,
      leftAt: this.#options.link.now(),
      observed,
      witnessed,
      manner: this.#options.manner,
      requests: this.#farEdge.requests.map((request) => ({ ...request })),
      socketBytes: this.#farEdge.socketBytes(),
      scriptErrors: [...this.#scriptErrors],
    };
  }

  /** Ends without a word to anybody, as a browser does that crashes. */
  async leave(): Promise<void> {
    await this.note();
    const session = await this.#page.context().newCDPSession(this.#page);
    void session.send('Page.crash').catch(() => undefined);
  }

  get trace(): ViewerTrace | undefined {
    return this.#trace;
  }

  async close(): Promise<void> {
    await this.#farEdge.stop();
    await this.#page
      .context()
      .close()
      .catch(() => undefined);
  }
}
