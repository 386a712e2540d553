import type { ShakaLibrary, ShakaRequest, ShakaSchemePlugin } from './shaka-api.js';

/** Takes one request on in place of Shaka's plugin. */
export type TakeOn = (
  next: ShakaSchemePlugin,
  ...call: Parameters<ShakaSchemePlugin>
) => ReturnType<ShakaSchemePlugin>;

/** Which requests are taken on, and by whom. Filled by request filters, which belong to one player each. */
export type TakenRequests = WeakMap<ShakaRequest, TakeOn>;

const registered = new WeakMap<ShakaLibrary, TakenRequests>();

/**
 * Puts a plugin for http and https in front of Shaka's, once a page: schemes belong to the whole of Shaka, not to a
 * player. Whatever no player of ours has marked goes on to `next` as it is.
 */
export function takenRequests(shaka: ShakaLibrary, httpPlugin: ShakaSchemePlugin | undefined): TakenRequests {
  const known = registered.get(shaka);
  if (known !== undefined) return known;
  const taken: TakenRequests = new WeakMap();
  const { NetworkingEngine, HttpFetchPlugin, HttpXHRPlugin } = shaka.net;
  const next = httpPlugin ?? (HttpFetchPlugin.isSupported() ? HttpFetchPlugin.parse : HttpXHRPlugin.parse);
  const plugin: ShakaSchemePlugin = (uri, request, ...rest) => {
    const takeOn = taken.get(request);
    return takeOn === undefined ? next(uri, request, ...rest) : takeOn(next, uri, request, ...rest);
  };
  for (const scheme of ['http', 'https'])
    NetworkingEngine.registerScheme(scheme, plugin, NetworkingEngine.PluginPriority.APPLICATION, true);
  registered.set(shaka, taken);
  return taken;
}
