import { STEERING_PATH, splitTokenPath } from '@eddy/protocol';
import type { HlsPlayer } from './player.js';

const PRIORITY = 'PATHWAY-PRIORITY';

/** As much of a steering manifest as tells where pathways are. */
interface PathwayList {
  readonly [PRIORITY]?: unknown;
  readonly 'PATHWAY-CLONES'?: unknown;
}

/**
 * Puts `readdress` before the player's requests for its steering manifest, if the edge serves that, and `reorder` after
 * them; all other requests are as they were. The returned function takes both out again, unless somebody else has put
 * theirs in front since.
 */
export function wrapSteeringLoader(
  player: HlsPlayer,
  readdress: (url: URL) => URL,
  reorder: (pathways: readonly string[]) => string[],
): () => void {
  const { config } = player;
  const before = config.loader;
  const Ours = class extends before {
    override load(...[context, config, callbacks]: Parameters<InstanceType<typeof before>['load']>): void {
      const url = steeringUrl(context.url);
      if (url === undefined) {
        super.load(context, config, callbacks);
        return;
      }
      context.url = readdress(url).href;
      super.load(context, config, {
        ...callbacks,
        onSuccess: (response, ...rest) => {
          const manifest: PathwayList = Object(response.data);
          const order = manifest[PRIORITY];
          if (Array.isArray(order)) response.data = { ...manifest, [PRIORITY]: reorder(order) };
          callbacks.onSuccess(response, ...rest);
        },
      });
    }
  };
  config.loader = Ours;
  return () => {
    if (config.loader === Ours) config.loader = before;
  };
}

function steeringUrl(text: string): URL | undefined {
  if (!text.includes(STEERING_PATH) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return splitTokenPath(url.pathname).path === STEERING_PATH ? url : undefined;
}

/**
 * Base URLs of the pathways that a steering manifest names, the best first.
 *
 * @param home base URL of the edge that the multivariant playlist came from: what is not a copy is there
 */
export function pathwaysIn(manifest: object, home: string): Map<string, string> {
  const { [PRIORITY]: order, 'PATHWAY-CLONES': clones }: PathwayList = manifest;
  const hosts = new Map<unknown, string>();
  for (const clone of Array.isArray(clones) ? clones : []) {
    const host: unknown = clone?.['URI-REPLACEMENT']?.HOST;
    if (typeof host === 'string') hosts.set(clone.ID, host);
  }
  const pathways = new Map<string, string>();
  for (const id of Array.isArray(order) ? order : []) {
    const url = new URL(home);
    url.hostname = hosts.get(id) ?? url.hostname;
    if (typeof id === 'string') pathways.set(id, url.origin);
  }
  return pathways;
}
