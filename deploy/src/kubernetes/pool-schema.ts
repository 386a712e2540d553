import { z } from 'zod';
import { byteRate, count, labels, name, quantity } from './value-fields.js';
import type { Pool } from './values.js';

const toleration = z.strictObject({
  key: z.string().min(1),
  operator: z.enum(['Exists', 'Equal']).prefault('Exists'),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
});

const loadBalancer = z.strictObject({
  by: z.literal('loadBalancer'),
  annotations: z.record(z.string(), z.string()).prefault({}),
});
const hostPort = z.strictObject({
  by: z.literal('hostPort'),
  http: count(1, 65_535).prefault(80),
  https: count(1, 65_535).prefault(443),
});
const hostNetwork = z.strictObject({
  by: z.literal('hostNetwork'),
  http: count(1024, 65_535).prefault(8080),
  https: count(1024, 65_535).prefault(8443),
});

const scaling = z
  .strictObject({
    by: z.enum(['hpa', 'keda', 'none']).prefault('hpa'),
    min: count(1, 500).prefault(2),
    max: count(1, 500).prefault(6),
    egressBytesPerSecond: byteRate.prefault('300MB'),
    connections: count(100, 1_000_000).prefault(10_000),
    downEverySeconds: count(60, 3600).prefault(1800),
  })
  .refine(({ min, max }) => min <= max, { path: ['max'], message: 'is below min' });
export const poolSchema: z.ZodType<Pool, unknown> = z
  .strictObject({
    name,
    pop: name,
    workload: z.enum(['StatefulSet', 'DaemonSet']).prefault('StatefulSet'),
    nodes: labels.prefault({}),
    tolerations: z.array(toleration).prefault([]),
    expose: z.discriminatedUnion('by', [loadBalancer, hostPort, hostNetwork]),
    tlsSecret: name.optional(),
    scaling: scaling.prefault({}),
    cpu: quantity.prefault('2'),
    memory: quantity.prefault('4Gi'),
    cacheMemory: quantity.prefault('2Gi'),
    disk: z.strictObject({ size: quantity, storageClass: name.optional() }),
    workers: count(1, 64).prefault(1),
    siblings: z.boolean().prefault(false),
    settings: z.record(z.string(), z.unknown()).prefault({}),
  })
  .superRefine((pool, context) => {
    const complain = (path: string[], message: string): void => {
      context.addIssue({ code: 'custom', input: pool, path, message });
    };
    if (pool.workload === 'DaemonSet' && pool.scaling.by !== 'none')
      complain(['scaling', 'by'], 'has to be none: a DaemonSet has an edge on each node of its pool');
    if (pool.workload === 'DaemonSet' && pool.disk.storageClass !== undefined)
      complain(['disk', 'storageClass'], "has no use: a DaemonSet's cache lies on the node's own disk");
  });
