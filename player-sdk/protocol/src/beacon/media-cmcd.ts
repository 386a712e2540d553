const BEGIN = 'CMCD=sid%3D%22';
const END = '%22%2Cv%3D2';
const SESSION = /(?:^|[?&])CMCD=(?:[^&]*%2C)?sid%3D%22([\w-]{1,64})%22/i;

/**
 * The address of a media request with the session that asks, as CMCD has it in a query (CTA-5004-B): so the edge's own
 * count of what it sent can be laid beside what the session reports. An address that has CMCD already stays as it is.
 */
export function withSession(url: string, session: string): string {
  if (/[?&]CMCD=/.test(url)) return url;
  const [address = '', fragment] = url.split('#', 2);
  const query = `${address.includes('?') ? '&' : '?'}${BEGIN}${session}${END}`;
  return `${address}${query}${fragment === undefined ? '' : `#${fragment}`}`;
}

/** The session that a request target names in its query; undefined: none. */
export function sessionOf(target: string): string | undefined {
  const mark = target.indexOf('?');
  if (mark === -1) return undefined;
  return SESSION.exec(target.slice(mark))?.[1];
}

/** A target or its query without what `withSession` added; as it is where that is not its end. */
export function withoutSession(target: string): string {
  if (!target.endsWith(END)) return target;
  const at = target.lastIndexOf(BEGIN);
  if (at === -1 || target.includes('&', at)) return target;
  return target.slice(0, Math.max(0, at - 1));
}
