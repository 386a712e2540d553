import type { EdgeRequest } from './link/far-edge.js';
import type { ViewerTrace } from './trace.js';

/** How long after joining a request still belongs to starting up. */
const STARTING_MS = 4_000;

/** Media bytes from the edge by why they were asked for. */
export interface Copies {
  /** The first copy of each segment: somebody has to fetch it. */
  readonly first: number;
  /** Further copies, asked for by viewers who had just joined. */
  readonly starting: number;
  /** Further copies, asked for later. */
  readonly further: number;
}

/** Sorts bytes that `requests` brought into first and further copies. Ranges of one segment are taken as different ones. */
export function copiesOf(
  viewers: readonly ViewerTrace[],
  isMedia: (request: EdgeRequest) => boolean,
): Copies {
  const all = viewers.flatMap(({ joinedAt, requests }) =>
    requests.filter(isMedia).map((request) => ({ request, sinceJoin: request.at - joinedAt })),
  );
  const sizes = new Map<string, number>();
  for (const { request } of all) {
    const { range, bytes } = request;
    const path = resourceOf(request);
    const end = range === undefined ? bytes : Number(/^bytes=(\d+)-/.exec(range)?.[1] ?? 0) + bytes;
    sizes.set(path, Math.max(sizes.get(path) ?? 0, end));
  }
  const copies = { first: 0, starting: 0, further: 0 };
  for (const { request, sinceJoin } of all.sort((a, b) => a.request.at - b.request.at)) {
    const { bytes } = request;
    const path = resourceOf(request);
    const missing = Math.min(bytes, sizes.get(path) ?? 0);
    sizes.set(path, (sizes.get(path) ?? 0) - missing);
    copies.first += missing;
    if (sinceJoin <= STARTING_MS) copies.starting += bytes - missing;
    else copies.further += bytes - missing;
  }
  return copies;
}

/** Without what the SDK says of itself in the query: each viewer has words of their own there. */
function resourceOf({ path }: EdgeRequest): string {
  return path.replace(/\?.*$/, '');
}
