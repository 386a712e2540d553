/** A value whose fields are noted as they are read. */
export interface Watched {
  readonly value: unknown;
  /** Paths of the fields that nobody has looked at, as `/spec/replicas`; fields of those are not told. */
  unread(): string[];
}

/**
 * Kubernetes' schemas say nothing of fields that they do not know, and so their validators pass `replica: 3`. But a
 * validator reads each field that it knows: what it did not read is not a field.
 */
export function watch(value: unknown, at: string = ''): Watched {
  if (typeof value !== 'object' || value === null) return { value, unread: () => [] };
  const seen = new Set<string>();
  const below = new Map<string, Watched>();
  const read = (key: string, field: unknown): unknown => {
    seen.add(key);
    const watched = below.get(key) ?? watch(field, `${at}/${key}`);
    below.set(key, watched);
    return watched.value;
  };
  const proxy = new Proxy(value, {
    get: (target, key) =>
      typeof key === 'string' && Object.hasOwn(target, key)
        ? read(key, Reflect.get(target, key))
        : Reflect.get(target, key),
  });
  return {
    value: proxy,
    unread: () => [
      ...(Array.isArray(value) ? [] : Object.keys(value).filter((key) => !seen.has(key))).map(
        (key) => `${at}/${key}`,
      ),
      ...[...below.values()].flatMap((watched) => watched.unread()),
    ],
  };
}
