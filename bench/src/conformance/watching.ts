import type { EddySession } from '@eddy/player-sdk';
import type { Integration } from './integrations.js';
import type { OpenPage, OpensPages } from './open-page.js';
import type {} from './page/viewer.js';
import type { SuiteSite } from './suite-site.js';

export type SessionStats = ReturnType<EddySession['stats']>;

const LOOK_MS = 100;
const PATIENCE_MS = 30_000;

/** What a viewer shows of itself. */
export interface Seen {
  readonly position: number;
  readonly height: number;
  readonly paused: boolean;
  readonly problems: readonly string[];
  readonly stalls: number;
  readonly stats: SessionStats | undefined;
}

/** One viewer in one page, with waits that say what they waited for. */
export class Watching {
  readonly name: string;
  readonly page: OpenPage;

  constructor(name: string, page: OpenPage) {
    this.name = name;
    this.page = page;
  }

  seen(): Promise<Seen> {
    return this.page.run(() => {
      const { conformance: viewer, problems = [], recording } = window;
      return {
        position: viewer?.video.currentTime ?? 0,
        height: viewer?.video.videoHeight ?? 0,
        paused: viewer?.video.paused ?? true,
        problems,
        stalls: recording.stalls.length,
        stats: viewer?.session.stats(),
      };
    }, undefined);
  }

  /** Polls until `done`, which is said in `what`. Throws with what was seen last. */
  async until(what: string, done: (seen: Seen) => boolean, patienceMs: number = PATIENCE_MS): Promise<Seen> {
    const end = performance.now() + patienceMs;
    for (;;) {
      const seen = await this.seen();
      if (done(seen)) return seen;
      if (performance.now() > end) {
        const stats = { ...seen.stats, segments: undefined };
        throw new Error(`${this.name}: not ${what}: ${JSON.stringify({ ...seen, stats })}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async seek(seconds: number): Promise<void> {
    await this.page.run((to) => {
      if (window.conformance !== undefined) window.conformance.video.currentTime = to;
    }, seconds);
  }

  heights(): Promise<number[]> {
    return this.page.run(() => window.conformance?.heights() ?? [], undefined);
  }

  async choose(height: number): Promise<void> {
    await this.page.run((wanted) => window.conformance?.choose(wanted), height);
  }

  /** SHA-256 (hex) of everything handed to source buffers. */
  appended(): Promise<string[]> {
    return this.page.run(() => Promise.all(window.recording.appended.map(({ sha256 }) => sha256)), undefined);
  }
}

/** Opens a viewer, who plays at once. */
export async function watch(
  open: OpensPages,
  site: SuiteSite,
  integration: Integration,
  { src, name }: { readonly src: string; readonly name: string },
): Promise<Watching> {
  const watching = new Watching(`${name} (${integration.title})`, await open(site.pageUrl(integration, src)));
  await watching.until('started', ({ stats }) => stats !== undefined);
  return watching;
}
