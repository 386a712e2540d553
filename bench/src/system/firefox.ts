import puppeteer, { type Browser } from 'puppeteer-core';
import { BenchError } from '../errors.js';
import { findCommand } from '../process/commands.js';

/** Names of the same browser in different distributions; the long-term one first, which Debian has. */
const COMMANDS = ['firefox-esr', 'firefox'];

/**
 * Starts the system's Firefox without a window. It is driven by WebDriver BiDi, which a stock Firefox speaks; Playwright
 * would need one of its own. Throws BenchError `command-missing`.
 */
export async function launchFirefox(): Promise<Browser> {
  for (const command of COMMANDS) {
    const executablePath = await findCommand(command);
    if (executablePath === undefined) continue;
    return await puppeteer.launch({
      ...{ browser: 'firefox', executablePath, headless: true },
      extraPrefsFirefox: {
        'media.autoplay.default': 0,
        // Names of mDNS are answered by nobody in a network namespace without a resolver.
        'media.peerconnection.ice.obfuscate_host_addresses': false,
        // Several pages play at once, and none of them is in front.
        'dom.min_background_timeout_value': 4,
        'dom.timeout.enable_budget_timer_throttling': false,
        'media.suspend-background-video.enabled': false,
      },
    });
  }
  throw new BenchError(
    'command-missing',
    'no Firefox is installed. On Debian, as root: apt-get install firefox-esr',
  );
}
