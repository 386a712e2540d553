import { Counter, Gauge, type Registry } from 'prom-client';

/** What an edge reads or opens again while it runs; where that fails the old stays in force. */
const RELOADED = ['token-keys', 'certificates', 'swarm-databases', 'turn-secret', 'access-log'] as const;
export type Reloaded = (typeof RELOADED)[number];

export interface LoadedCertificate {
  /** Its file. */
  readonly file: string;
  /** Seconds since the epoch. */
  readonly endsAtSeconds: number;
}

export interface ReloadMetrics {
  failed(what: Reloaded): void;
}

export function createReloadMetrics(registry: Registry): ReloadMetrics {
  const errors = new Counter({
    name: 'eddy_edge_reload_errors_total',
    help: 'Keys, certificates and other files that could not be read again or written, by what they are.',
    labelNames: ['what'],
    registers: [registry],
  });
  // Rates need a series before the first event.
  for (const what of RELOADED) errors.inc({ what }, 0);
  return { failed: (what) => errors.inc({ what }) };
}

/** When the certificates end that are in use now. */
export function registerCertificateMetrics(
  registry: Registry,
  loaded: () => readonly LoadedCertificate[],
): void {
  new Gauge({
    name: 'eddy_edge_certificate_expiry_timestamp_seconds',
    help: 'When a certificate of the TLS listener ends, by its file, in seconds since the epoch.',
    labelNames: ['file'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { file, endsAtSeconds } of loaded()) this.set({ file }, endsAtSeconds);
    },
  });
}
