import type { Browser as Chromium } from 'playwright-core';
import type { Browser as Firefox } from 'puppeteer-core';
import { record } from '../scenarios/page/recorder.js';

/** A page of either browser, as the suite uses it. */
export interface OpenPage {
  /** Runs a function in the page; it reaches nothing but its argument and the page. */
  readonly run: <Result, Arg>(work: (arg: Arg) => Result, arg: Arg) => Promise<Awaited<Result>>;
  /** Errors that the page's scripts did not catch. */
  readonly scriptErrors: readonly string[];
  readonly close: () => Promise<void>;
}

export type OpensPages = (url: string) => Promise<OpenPage>;

export function pagesOfChromium(browser: Chromium): OpensPages {
  return async (url) => {
    const page = await browser.newPage();
    const scriptErrors: string[] = [];
    page.on('pageerror', (error) => scriptErrors.push(String(error)));
    await page.addInitScript(record);
    await page.goto(url);
    return {
      // Playwright's types unwrap handles in arguments; these are plain values.
      run: (work, arg) => page.evaluate(work as (arg: unknown) => never, arg as unknown),
      scriptErrors,
      close: () => page.close(),
    };
  };
}

export function pagesOfFirefox(browser: Firefox): OpensPages {
  return async (url) => {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    const scriptErrors: string[] = [];
    page.on('pageerror', (error) => scriptErrors.push(String(error)));
    await page.evaluateOnNewDocument(record);
    await page.goto(url);
    return {
      run: (work, arg) => page.evaluate(work as (arg: unknown) => never, arg as unknown),
      scriptErrors,
      close: () => context.close(),
    };
  };
}
