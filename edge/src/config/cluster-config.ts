/** One CDN of several edges. */
export interface ClusterConfig {
  /** The point of presence this edge stands at. Default `main`. */
  readonly pop: string;
  /** A shield stands between the other edges and the origin. Default `edge`. */
  readonly role: 'edge' | 'shield';
  /** Where players reach this edge, without a slash at the end. Default: others send nobody here. */
  readonly publicUrl?: string | undefined;
  /** Where other edges reach its public listener, without a slash at the end. Default: they ask nothing of it. */
  readonly siblingUrl?: string | undefined;
  /** What it may send, so that others can tell how loaded it is. Default 0, which says nothing. */
  readonly egressLimitBytesPerSecond: number;
  readonly bus: BusConfig;
  /** Admin URLs of the other edges and shields, where there is no bus: purges go to each of them. Default: none. */
  readonly edges: readonly string[];
  readonly shields: readonly string[];
  /** What they show each other then. */
  readonly secret?: string | undefined;
}

/** The NATS servers that the edges of a CDN speak over. */
export interface BusConfig {
  /** `nats://host:4222` or `tls://host:4222`. Default: none, this edge is alone or has `edges` and `shields`. */
  readonly urls: readonly string[];
  /** Subjects and streams begin with it. Default `eddy`. */
  readonly prefix: string;
  /** JWT and seed, as `nsc` writes them. */
  readonly credentialsFile?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly tls: {
    /** Who signed the servers' certificates. Default: whom Node trusts. */
    readonly caFile?: string | undefined;
    /** What this edge shows them. Default: nothing. */
    readonly certFile?: string | undefined;
    readonly keyFile?: string | undefined;
  };
  /** How long purges are kept for edges that are away. Default 7 days. */
  readonly keepMs: number;
  /** Servers that keep them, where several form a cluster: 1, 3 or 5. Default 1. */
  readonly replicas: number;
}
