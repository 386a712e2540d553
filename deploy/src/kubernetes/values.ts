/** All that a cluster of Eddy is made from; every default is filled in (values-schema). */
export interface Values {
  readonly namespace: string;
  /** With a version, a commit or a digest: what runs does not move by itself. */
  readonly image: string;
  readonly pullSecrets: readonly string[];
  /** Ranges that pods have, as edges of a PoP see each other. */
  readonly podCidrs: readonly string[];
  readonly origin: OriginValues;
  readonly pools: readonly Pool[];
  /** Settings of every edge, as in its file; a pool's own `settings` come on top. */
  readonly settings: Settings;
  readonly nats?: Nats | undefined;
  readonly clickhouse?: ClickHouse | undefined;
  /** Whose pods may open the dashboard; nobody where it is left out. */
  readonly dashboardFrom?: { readonly namespace: string } | undefined;
  readonly monitoring: Monitoring;
}

export type Settings = Record<string, unknown>;
export type Labels = Record<string, string>;

export interface OriginValues {
  /** Where videos are: `s3://bucket/prefix`, or what else `origin.url` of an edge may be. */
  readonly url: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
  /** A secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY that may read; edges get it. */
  readonly readSecret?: string | undefined;
  /** The same for those that write: publishing, live and ingest. */
  readonly writeSecret?: string | undefined;
  /** An existing claim that holds the MP4s, mounted read-only. */
  readonly mediaClaim?: string | undefined;
  readonly publish: readonly OriginInput[];
  readonly live: readonly OriginInput[];
  /** Takes in live streams and uploads by HTTP PUT; `tokenSecret` has the key `token`. */
  readonly ingest?: { readonly tokenSecret: string } | undefined;
}

export interface OriginInput {
  readonly name: string;
  /** MP4 files below the claim that `mediaClaim` names. */
  readonly files: readonly string[];
}

/** Edges of one PoP on one kind of node. */
export interface Pool {
  readonly name: string;
  readonly pop: string;
  /** StatefulSet: as many edges as are needed, each with a disk that stays. DaemonSet: one on each node. */
  readonly workload: 'StatefulSet' | 'DaemonSet';
  readonly nodes: Labels;
  readonly tolerations: readonly Settings[];
  readonly expose: Expose;
  /** A secret of type kubernetes.io/tls. */
  readonly tlsSecret?: string | undefined;
  readonly scaling: Scaling;
  readonly cpu: string;
  readonly memory: string;
  readonly cacheMemory: string;
  readonly disk: { readonly size: string; readonly storageClass?: string | undefined };
  readonly workers: number;
  /** Whether the edges of the PoP share what they hold; without `nats` this needs a StatefulSet and `podCidrs`. */
  readonly siblings: boolean;
  readonly settings: Settings;
}

export type Expose =
  | { readonly by: 'loadBalancer'; readonly annotations: Labels }
  /** Nodes take viewers themselves; `http` and `https` are ports of the node. */
  | { readonly by: 'hostPort'; readonly http: number; readonly https: number }
  /** The edge listens in the network of its node: no port below 1024, and no NetworkPolicy holds there. */
  | { readonly by: 'hostNetwork'; readonly http: number; readonly https: number };

export interface Scaling {
  /** `hpa` needs prometheus-adapter with our rules, `keda` needs KEDA, `none` keeps `min` replicas. */
  readonly by: 'hpa' | 'keda' | 'none';
  readonly min: number;
  readonly max: number;
  /** What one edge should send, in the middle. */
  readonly egressBytesPerSecond: number;
  /** Open connections of one edge, sockets of the swarm included. */
  readonly connections: number;
  /** At most one edge leaves in this time, and only if fewer would have been enough all the while. */
  readonly downEverySeconds: number;
}

interface Kept {
  readonly image: string;
  /** A secret with the key `password`, for the user `eddy`. */
  readonly passwordSecret: string;
  readonly nodes: Labels;
  readonly size: string;
  readonly storageClass?: string | undefined;
}

export interface Nats extends Kept {
  readonly replicas: 1 | 3 | 5;
}

export interface ClickHouse extends Kept {
  /** From two replicas on there are three keepers, and tables are made replicated before the first edge starts. */
  readonly replicas: number;
  readonly memory: string;
  readonly cpu: string;
}

export interface Monitoring {
  /** Where Prometheus (and its adapter or KEDA) run: the only namespace that may read metrics. */
  readonly namespace: string;
  readonly prometheusUrl: string;
  /** Labels by which your Prometheus picks monitors and rules. */
  readonly labels: Labels;
  /** The alerts of deploy/prometheus/rules as PrometheusRule. */
  readonly rules: boolean;
}
