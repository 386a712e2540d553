import { type Browser, chromium } from 'playwright-core';
import { BenchError } from '../errors.js';
import { findCommand } from '../process/commands.js';

/** Names of the same browser in different distributions. */
const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  // Several pages play at once, and none of them is in front.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export interface ChromiumOptions {
  /** Further flags. */
  readonly flags?: readonly string[];
  /** A program that is started in its place and starts it; handed its path. */
  readonly wrapper?: (chromium: string) => Promise<string>;
}

/** Starts the system's Chromium without a window. Throws BenchError `command-missing`. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<Browser> {
  const { flags = [], wrapper } = options;
  for (const command of COMMANDS) {
    const found = await findCommand(command);
    if (found === undefined) continue;
    const executablePath = wrapper === undefined ? found : await wrapper(found);
    return await chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
  }
  throw new BenchError(
    'command-missing',
    'no Chromium is installed. On Debian, as root: apt-get install chromium',
  );
}
