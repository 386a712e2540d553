export interface MemoryTerms {
  readonly cacheBytes: number;
  readonly processes: number;
  readonly connections: number;
}

const CACHE_FACTOR = 1.25;
const PROCESS_BYTES = 100e6;
const CONNECTION_BYTES = 20e3;

/** What a server may hold: its cache and a quarter more, 100 MB for each process, 20 KB for each connection. */
export function memoryLimit({ cacheBytes, processes, connections }: MemoryTerms): number {
  return cacheBytes * CACHE_FACTOR + processes * PROCESS_BYTES + connections * CONNECTION_BYTES;
}

const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

export function sayMemoryLimit(terms: MemoryTerms): string {
  const { cacheBytes, processes, connections } = terms;
  return `${mb(memoryLimit(terms))} = ${mb(cacheBytes)} of cache x ${CACHE_FACTOR} + ${processes} x ${mb(PROCESS_BYTES)} + ${connections.toLocaleString('en-US')} connections x ${CONNECTION_BYTES / 1e3} KB`;
}
