import type { SwarmScenario } from './scenarios.js';

/** Version of the peer that is compared with. */
export const P2P_MEDIA_LOADER_VERSION = '2.3.1';

/** How the page of one contender is set up; handed to `viewer.html`. */
export interface PageSettings {
  readonly loader: 'hls.js' | 'p2p-media-loader' | 'eddy';
  /** Of hls.js. */
  readonly hls: Readonly<Record<string, unknown>>;
  /** Of p2p-media-loader's core. */
  readonly core?: Readonly<Record<string, unknown>>;
  /** Of the SDK. */
  readonly eddy?: Readonly<Record<string, unknown>>;
}

export interface SwarmContender {
  readonly name: string;
  readonly family: string;
  readonly setting: string;
  readonly page: (scenario: SwarmScenario, viewer: number) => PageSettings;
}

/** Viewers have addresses of their own here, so that the swarm's default name, the playlist's URL, would differ. */
const SWARM = { swarmId: 'swarm.example', rtcConfig: { iceServers: [] } };

/**
 * p2p-media-loader hands hls.js the very buffers that it keeps for peers, and hls.js's worker takes them away
 * (`Cannot perform ArrayBuffer.prototype.slice on a detached ArrayBuffer`): nobody has a worker here.
 */
const HLS = { enableWorker: false };

/** Of those who do not upload, one joins early and one late. */
function uploads({ viewers, notUploading = 0 }: SwarmScenario, viewer: number): boolean {
  const pause = Math.floor(viewers / Math.max(1, notUploading));
  return notUploading === 0 || viewer % pause !== 1 || viewer >= pause * notUploading;
}

function tuned(behindSeconds: number | undefined): SwarmContender['page'] {
  return (scenario, viewer) => {
    const { media } = scenario;
    const hls =
      media.kind === 'vod' || behindSeconds === undefined
        ? HLS
        : { ...HLS, liveSyncDurationCount: Math.max(2, Math.round(behindSeconds / media.segmentSeconds)) };
    const highDemandTimeWindow = behindSeconds !== undefined && behindSeconds <= 8 ? 2 : 4;
    return {
      loader: 'p2p-media-loader',
      hls,
      core: {
        ...SWARM,
        isP2PUploadDisabled: !uploads(scenario, viewer),
        highDemandTimeWindow,
        simultaneousHttpDownloads: 1,
        simultaneousP2PDownloads: 4,
        httpDownloadInitialTimeoutMs: 0,
        ...(media.kind === 'vod' ? { httpDownloadTimeWindow: 20, p2pDownloadTimeWindow: 40 } : {}),
      },
    };
  };
}

export const SWARM_CONTENDERS: readonly SwarmContender[] = [
  {
    name: 'plain',
    family: 'hls.js',
    setting: 'hls.js alone, its defaults',
    page: () => ({ loader: 'hls.js', hls: HLS }),
  },
  {
    name: 'pml',
    family: 'p2p-media-loader',
    setting: 'its defaults (live: as far behind as the playlist is long)',
    page: (scenario, viewer) => ({
      loader: 'p2p-media-loader',
      hls: HLS,
      core: { ...SWARM, isP2PUploadDisabled: !uploads(scenario, viewer) },
    }),
  },
  {
    name: 'pml-tuned',
    family: 'p2p-media-loader',
    setting: 'its best tuning found, live as far behind as its default',
    page: tuned(undefined),
  },
  {
    name: 'pml-tuned-12s',
    family: 'p2p-media-loader',
    setting: 'its best tuning found, live 12 s behind',
    page: tuned(12),
  },
  {
    name: 'pml-tuned-6s',
    family: 'p2p-media-loader',
    setting: "its best tuning found at plain hls.js's 6 s behind live",
    page: tuned(6),
  },
  {
    name: 'eddy',
    family: 'eddy',
    setting: 'attachEddy(hls), its defaults',
    page: (scenario, viewer) => ({
      loader: 'eddy',
      hls: HLS,
      eddy: uploads(scenario, viewer) ? {} : { upload: 'off' },
    }),
  },
];
