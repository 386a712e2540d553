import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { timeUntil } from './act.js';
import type { Cdn, Node } from './cdn.js';

const PATH = '/purged/1.m4s';
/** Small enough to be asked for again and again. */
const PADDING = ' '.repeat(4_000);
const LOOK_MS = 10;
const TIMEOUT_MS = 2_000;
/** Asked on after the answer, for anything that comes back. */
const AFTER_MS = 1_500;
const MOST_SECONDS = 60;

export interface PurgeResult {
  /** Until the purge was answered. */
  readonly answeredMs: number;
  readonly status: number;
  /** Edges and shield that gave the new version once it was answered, and those that were asked. */
  readonly renewed: number;
  readonly asked: number;
  /** Answers with an older version after a newer one of the same edge. */
  readonly wentBack: number;
  /** From the shield's first new answer to the first of an edge; negative: an edge was first. */
  readonly shieldAheadMs: number;
  /** Those that the answer names as not reached. */
  readonly missing: readonly string[];
}

/** An object of which the origin has a new version each time, and purges of it. */
export class PurgedObject {
  readonly #cdn: Cdn;
  readonly #file: string;
  #version = 0;

  /** @param folder what the origin serves */
  constructor(cdn: Cdn, folder: string) {
    this.#cdn = cdn;
    this.#file = join(folder, PATH);
  }

  /** The newest version is held by everybody who is there. */
  async warm(): Promise<void> {
    await this.#publish();
    for (const node of this.#cdn.nodes) {
      // Held from the first answer on; the second shows it.
      for (let times = 0; times < 2; times++) await versionAt(node);
    }
  }

  /** A new version is published and the old one purged at `node`, while all that are `there` are asked again and again. */
  async purge(at: Node, there: readonly Node[] = this.#cdn.nodes): Promise<PurgeResult> {
    await this.#publish();
    return await this.#order(at, there);
  }

  /** The same purge once more, with nothing new: for whom it did not reach. */
  async repeat(at: Node): Promise<PurgeResult> {
    return await this.#order(at, this.#cdn.nodes);
  }

  async #order(at: Node, there: readonly Node[]): Promise<PurgeResult> {
    const version = this.#version;
    const startedAt = performance.now();
    let done = false;
    const watching = there.map(async (node) => {
      let newest = 0;
      let wentBack = 0;
      let renewedAt = Number.POSITIVE_INFINITY;
      while (!done) {
        const seen = await versionAt(node);
        if (seen !== undefined && seen < newest) wentBack++;
        newest = Math.max(newest, seen ?? 0);
        if (seen === version && renewedAt === Number.POSITIVE_INFINITY) {
          renewedAt = performance.now() - startedAt;
        }
        await sleep(LOOK_MS);
      }
      return { node, wentBack, renewedAt };
    });
    const answer = await orderPurge(at);
    const answeredMs = performance.now() - startedAt;
    const now = await Promise.all(there.map(versionAt));
    await sleep(AFTER_MS);
    done = true;
    const seen = await Promise.all(watching);
    const firstAt = (of: readonly { readonly renewedAt: number }[]): number =>
      Math.min(...of.map(({ renewedAt }) => renewedAt));
    const isShield = ({ node }: { readonly node: Node }): boolean => node.region === undefined;
    return {
      ...{ answeredMs, status: answer.status, missing: answer.missing, asked: there.length },
      renewed: now.filter((given) => given === version).length,
      wentBack: seen.reduce((sum, one) => sum + one.wentBack, 0),
      shieldAheadMs: firstAt(seen.filter((one) => !isShield(one))) - firstAt(seen.filter(isShield)),
    };
  }

  /** Whether `node` gives an older version than the newest. */
  async isOld(node: Node): Promise<boolean> {
    const seen = await versionAt(node);
    return seen !== undefined && seen < this.#version;
  }

  /** Until an edge that was away gives the newest version; and how many older ones it gave before, once it was ready. */
  async returns(node: Node): Promise<{ readonly tookMs: number | undefined; readonly old: number }> {
    let old = 0;
    await node.start();
    const tookMs = await timeUntil(async () => {
      const seen = await versionAt(node);
      if (seen !== undefined && seen < this.#version) old++;
      return seen === this.#version;
    }, MOST_SECONDS);
    return { tookMs, old };
  }

  async #publish(): Promise<void> {
    this.#version++;
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(`${this.#file}.new`, `${this.#version}${PADDING}`);
    await rename(`${this.#file}.new`, this.#file);
  }
}

async function versionAt({ url }: Node): Promise<number | undefined> {
  try {
    const response = await fetch(url + PATH, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    return response.ok ? Number.parseInt(text, 10) : undefined;
  } catch {
    return undefined;
  }
}

async function orderPurge({
  adminUrl,
}: Node): Promise<{ readonly status: number; readonly missing: string[] }> {
  const response = await fetch(`${adminUrl}/purge`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ path: PATH }),
  });
  const body = (await response.json()) as { readonly edges?: { readonly missing: string[] } };
  return { status: response.status, missing: body.edges?.missing ?? [] };
}
