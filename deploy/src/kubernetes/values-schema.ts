import { z } from 'zod';
import { poolSchema } from './pool-schema.js';
import { count, image, labels, name, quantity, url } from './value-fields.js';
import type { Values } from './values.js';

const storage = { size: quantity, storageClass: name.optional() };

const input = z.strictObject({
  name,
  files: z.array(z.string().regex(/^[\w][\w./-]*\.mp4$/, 'is not a path of an MP4 below the claim')).min(1),
});

const origin = z.strictObject({
  url: z.string().min(1),
  endpoint: url.optional(),
  region: z.string().min(1).optional(),
  readSecret: name.optional(),
  writeSecret: name.optional(),
  mediaClaim: name.optional(),
  publish: z.array(input).prefault([]),
  live: z.array(input).prefault([]),
  ingest: z.strictObject({ tokenSecret: name }).optional(),
});

const nats = z.strictObject({
  image: image.prefault('nats:2.11.8-alpine'),
  replicas: z.union([z.literal(1), z.literal(3), z.literal(5)]).prefault(3),
  passwordSecret: name,
  nodes: labels.prefault({}),
  ...storage,
});

const clickhouse = z.strictObject({
  image: image.prefault('clickhouse/clickhouse-server:25.3.3.42'),
  replicas: count(1, 9).prefault(2),
  passwordSecret: name,
  memory: quantity.prefault('4Gi'),
  cpu: quantity.prefault('1'),
  nodes: labels.prefault({}),
  ...storage,
});

const monitoring = z.strictObject({
  namespace: name.prefault('monitoring'),
  prometheusUrl: url.prefault('http://prometheus-operated.monitoring.svc:9090'),
  labels: labels.prefault({ release: 'prometheus' }),
  rules: z.boolean().prefault(true),
});

const schema: z.ZodType<Values, unknown> = z
  .strictObject({
    namespace: name.prefault('eddy'),
    image,
    pullSecrets: z.array(name).prefault([]),
    podCidrs: z.array(z.cidrv4('is not a range such as 10.244.0.0/16')).prefault([]),
    origin,
    pools: z.array(poolSchema).min(1),
    settings: z.record(z.string(), z.unknown()).prefault({}),
    nats: nats.optional(),
    clickhouse: clickhouse.optional(),
    dashboardFrom: z.strictObject({ namespace: name }).optional(),
    monitoring: monitoring.prefault({}),
  })
  .superRefine((values, context) => {
    const complain = (path: (string | number)[], message: string): void => {
      context.addIssue({ code: 'custom', input: values, path, message });
    };
    const seen = new Set<string>();
    for (const [index, pool] of values.pools.entries()) {
      if (seen.has(pool.name)) complain(['pools', index, 'name'], `${pool.name} is there twice`);
      seen.add(pool.name);
      // Over the bus siblings find each other by themselves.
      if (!pool.siblings || values.nats !== undefined) continue;
      if (pool.workload === 'DaemonSet')
        complain(
          ['pools', index, 'siblings'],
          'needs nats, or workload: StatefulSet, whose edges have names that stay',
        );
      if (values.podCidrs.length === 0)
        complain(['podCidrs'], `is empty, and pool ${pool.name} has siblings: name the ranges of pods`);
    }
    const { publish, live, mediaClaim, ingest, writeSecret } = values.origin;
    const reads = publish.length + live.length > 0;
    if (reads && mediaClaim === undefined)
      complain(['origin', 'mediaClaim'], 'is not set: it holds what publish and live read');
    if ((reads || ingest !== undefined) && values.origin.url.startsWith('s3:') && writeSecret === undefined)
      complain(['origin', 'writeSecret'], 'is not set: publish, live and ingest write to the bucket');
  });

/** Values that are not right, one sentence each. */
export class ValuesError extends Error {
  override readonly name = 'ValuesError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** @throws ValuesError with every problem and its path. */
export function parseValues(raw: unknown): Values {
  const result = schema.safeParse(raw ?? {});
  if (result.success) return result.data;
  throw new ValuesError(
    result.error.issues.flatMap((issue) => {
      const path = issue.path.map(String);
      if (issue.code === 'unrecognized_keys')
        return issue.keys.map((key) => `${[...path, key].join('.')} is not a value`);
      return [`${path.length === 0 ? 'the values' : path.join('.')}: ${issue.message}`];
    }),
  );
}
