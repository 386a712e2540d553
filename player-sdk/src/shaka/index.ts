import { attachEddy, type EddyOptions, type EddySession } from '../index.js';
import type { SegmentRange } from './media-playlist.js';
import { PlayerFace } from './player-face.js';
import { type NamedSegment, plainSegment } from './renditions.js';
import { takenRequests } from './scheme.js';
import { requestSegment } from './segment-request.js';
import type {
  ShakaHttpPlugin,
  ShakaLibrary,
  ShakaNamespace,
  ShakaPlayer,
  ShakaRequest,
  ShakaRequestContext,
  ShakaResponse,
  ShakaSchemePlugin,
  ShakaSegment,
} from './shaka-api.js';

export type { ShakaHttpPlugin, ShakaNamespace, ShakaPlayer } from './shaka-api.js';

/** How a Shaka player shares: the options of `attachEddy`, and one of its own. */
export interface ShakaEddyOptions extends EddyOptions {
  /**
   * The plugin that the page has registered for http and https, if it has: the edge is asked by it. Read at the first
   * call on a page. Default: Shaka's own, which is fetch where the browser has it.
   */
  readonly httpPlugin?: ShakaHttpPlugin;
}

/**
 * Lets the viewers of an HLS stream that Shaka Player 5 plays pass segments to each other, also with viewers who have
 * hls.js. To be called once a `shaka.Player`, before `load()`; called again, it gives the session that runs. Media
 * segments only: playlists, keys, init segments, subtitles, low-latency streams and DASH are as without. Request and
 * response filters of the page apply as before. `player.destroy()` ends the session too.
 *
 * @param shaka The namespace that `player` is from.
 * @throws EddyOptionsError when an option is unknown or not what it should be.
 */
export function attachEddyToShaka(
  player: ShakaPlayer,
  shaka: ShakaNamespace,
  options: ShakaEddyOptions = {},
): EddySession {
  const running = sessions.get(player);
  if (running !== undefined && running.stats().state !== 'destroyed') return running;
  const { httpPlugin, ...eddyOptions } = options;
  const face = new PlayerFace(player);
  const session = attachEddy(face, eddyOptions);
  sessions.set(player, session);
  // See ShakaNamespace: the same objects, with the types of what is used of them.
  const library = shaka as unknown as ShakaLibrary;
  connect(player, library, { face, httpPlugin: httpPlugin as ShakaSchemePlugin | undefined, session });
  return session;
}

const sessions = new WeakMap<ShakaPlayer, EddySession>();

interface Attachment {
  readonly face: PlayerFace;
  readonly httpPlugin: ShakaSchemePlugin | undefined;
  readonly session: EddySession;
}

function connect(player: ShakaPlayer, shaka: ShakaLibrary, { face, httpPlugin, session }: Attachment): void {
  const networking = player.getNetworkingEngine();
  const { RequestType, AdvancedRequestType } = shaka.net.NetworkingEngine;
  const taken = takenRequests(shaka, httpPlugin);

  const onRequest = (type: number, request: ShakaRequest, context: ShakaRequestContext = {}): void => {
    if (type !== RequestType.SEGMENT || request.method !== 'GET') return;
    const kind = kindOf(context.stream?.type);
    if (kind === undefined) return;
    const isMedia = context.type === AdvancedRequestType.MEDIA_SEGMENT;
    taken.set(request, (next, ...call) => {
      const named =
        isMedia && context.segment ? nameOf(face, context.segment, kind, context.stream) : undefined;
      const { fLoader } = face.config;
      // Parts of segments are appended as they come, which is Shaka's own affair.
      const isPart = isMedia && named === undefined && request.streamDataCallback;
      if (fLoader === undefined || isPart) return next(...call);
      return requestSegment(fLoader, named ?? plainSegment(call[0], kind), { shaka, next }, call);
    });
  };
  const onResponse = (_type: number, { data, uri }: ShakaResponse, context?: ShakaRequestContext): void => {
    // A media playlist that is all there is is asked for as if it were a multivariant one.
    const { MASTER_PLAYLIST, MEDIA_PLAYLIST } = AdvancedRequestType;
    if (context?.type !== MEDIA_PLAYLIST && context?.type !== MASTER_PLAYLIST) return;
    const details = face.renditions.read(new TextDecoder().decode(data), uri);
    if (details === undefined) return;
    face.emit('manifestLoading');
    face.emit('levelUpdated', { details });
  };
  const onLoaded = (): void => face.emit('mediaAttached');
  const onUnloading = (): void => {
    face.emit('mediaDetaching');
    face.renditions.clear();
  };

  networking?.registerRequestFilter(onRequest);
  networking?.registerResponseFilter(onResponse);
  player.addEventListener('loaded', onLoaded);
  player.addEventListener('unloading', onUnloading);
  // Shaka tells nobody when a player is destroyed.
  const destroy = player.destroy;
  player.destroy = () => {
    session.destroy();
    return destroy.call(player);
  };
  session.on('state', (state) => {
    if (state !== 'destroyed') return;
    networking?.unregisterRequestFilter(onRequest);
    networking?.unregisterResponseFilter(onResponse);
    player.removeEventListener('loaded', onLoaded);
    player.removeEventListener('unloading', onUnloading);
    player.destroy = destroy;
  });
}

/** What is asked for without a stream is the beginning of one, which tells Shaka how it is coded. */
function kindOf(streamType = 'video'): 'main' | 'audio' | undefined {
  if (streamType === 'audio') return 'audio';
  return streamType === 'video' ? 'main' : undefined;
}

function nameOf(
  { renditions }: PlayerFace,
  segment: ShakaSegment,
  type: 'main' | 'audio',
  stream: ShakaRequestContext['stream'],
): NamedSegment | undefined {
  const [uri] = segment.getUris();
  const [start, end] = [segment.getStartByte(), segment.getEndByte()];
  if (uri === undefined || (end === null && start > 0)) return undefined;
  const range: SegmentRange = end === null ? [] : [start, end + 1];
  const named = renditions.find(uri, range, { startSeconds: segment.getStartTime(), type });
  const rendition = named && renditions.all[named.level];
  if (rendition !== undefined) rendition.bitrate = stream?.bandwidth;
  return named;
}
