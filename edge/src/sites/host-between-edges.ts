/**
 * The host by which edges ask each other for a site: any of its hosts does, since all have the same objects. Of one
 * that has nothing but `*.cdn.example`, a name below it that no other site has.
 */
export function hostBetweenEdges(
  hosts: readonly string[],
  others: readonly { readonly hosts: readonly string[] }[],
): string | undefined {
  const named = hosts.find((host) => !host.startsWith('*.'));
  if (named !== undefined || hosts[0] === undefined) return named;
  const taken = new Set(others.flatMap((site) => site.hosts));
  const below = hosts[0].slice(1);
  for (let number = 1; ; number++) {
    const host = `eddy${number}${below}`;
    if (!taken.has(host)) return host;
  }
}
