import { z } from 'zod';
import type { ClusterConfig } from './cluster-config.js';
import { duration, listOf, size, whole } from './fields.js';

const name = (example: string): z.ZodType<string, string> =>
  z.string().regex(/^[\w.-]{1,64}$/, `is not a name such as ${example}`);

/** Of an edge, always written the same way. */
const edgeUrl = z
  .url({ protocol: /^https?$/, message: 'is not an http(s) URL of an edge', abort: true })
  .max(256)
  .transform((text) => new URL(text).href.replace(/\/+$/, ''));

const natsUrl = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOne = url !== undefined && /^(nats|tls):$/.test(url.protocol) && url.hostname !== '';
  const problem = !isOne
    ? 'is not a URL such as nats://bus.example:4222'
    : url.username + url.password !== ''
      ? 'has credentials in it: give them as cluster.bus.user and .password, or .token'
      : undefined;
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: text });
});

const bus = z
  .strictObject({
    urls: listOf(natsUrl, 16)
      .describe(
        'NATS servers, `nats://host:4222` or `tls://…`: over them edges know of each other and purges reach all',
      )
      .prefault([]),
    prefix: z
      .string()
      .regex(/^[\w-]{1,32}(\.[\w-]{1,32}){0,3}$/, 'is not up to four words with dots between, such as eddy')
      .describe('First words of the subjects and the stream')
      .prefault('eddy'),
    credentialsFile: z.string().min(1).describe('File with NATS credentials').optional(),
    user: z.string().min(1).describe('User of the NATS servers').optional(),
    password: z
      .string()
      .describe('Password of the user; better in the environment than in the file')
      .optional(),
    token: z.string().min(1).describe('Token of the NATS servers instead').optional(),
    tls: z
      .strictObject({
        caFile: z
          .string()
          .min(1)
          .describe('Authorities that the servers’ certificates are checked by (PEM)')
          .optional(),
        certFile: z.string().min(1).describe('Certificate of this edge for them (PEM)').optional(),
        keyFile: z.string().min(1).describe('Its key (PEM)').optional(),
      })
      .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
        message: 'needs both certFile and keyFile, or neither',
      })
      .prefault({}),
    keepMs: duration(60_000)
      .describe('How long the log of purges reaches back; an edge that was away for longer empties its cache')
      .prefault('7d'),
    replicas: whole(1, 5).describe('On how many NATS servers the log is kept').prefault(1),
  })
  .refine(
    ({ credentialsFile, user, token }) =>
      [credentialsFile, user, token].filter((given) => given !== undefined).length <= 1,
    { message: 'has several of credentialsFile, user and token: give one of them' },
  )
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    message: 'needs both user and password, or neither',
  })
  .refine(
    ({ urls, credentialsFile, user, token }) =>
      urls.length > 0 || (credentialsFile ?? user ?? token) === undefined,
    { path: ['urls'], message: 'is not set: who has credentials needs servers to show them to' },
  );

export const clusterSchema: z.ZodType<ClusterConfig, unknown> = z
  .strictObject({
    pop: name('fra').describe('Where this edge stands: edges of the same PoP are siblings').prefault('main'),
    role: z
      .enum(['edge', 'shield'])
      .describe('`shield`: other edges ask it before the origin, and no player is sent to it')
      .prefault('edge'),
    publicUrl: edgeUrl.describe('Where players reach this edge').optional(),
    siblingUrl: edgeUrl.describe('Where edges of the cluster reach its public listener').optional(),
    egressLimitBytesPerSecond: size(0)
      .describe('What it may send, for steering by load; 0: not known')
      .prefault(0),
    bus: bus.prefault({}),
    edges: listOf(edgeUrl, 256)
      .describe('Admin URLs of the edges, to which purges are passed on where there is no bus')
      .prefault([]),
    shields: listOf(edgeUrl, 64)
      .describe('Admin URLs of the shields, which are purged before them')
      .prefault([]),
    secret: z
      .string()
      .min(16, 'has fewer than 16 characters')
      .describe('Edges that pass purges on to each other show it')
      .optional(),
  })
  .refine(({ role, publicUrl }) => role === 'edge' || publicUrl === undefined, {
    path: ['publicUrl'],
    message: 'makes no sense for a shield: players are not sent to it',
  })
  .refine(({ role, siblingUrl, bus: { urls } }) => role === 'edge' || urls.length === 0 || siblingUrl, {
    path: ['siblingUrl'],
    message: 'is not set: edges that learn of this shield by the bus have to know where to ask it',
  })
  .refine(({ edges, shields, bus: { urls } }) => urls.length === 0 || edges.length + shields.length === 0, {
    path: ['edges'],
    message: 'makes no sense beside cluster.bus, over which purges reach every edge: give one of both',
  })
  .refine(({ edges, shields, secret }) => edges.length + shields.length === 0 || secret !== undefined, {
    path: ['secret'],
    message: 'is not set: the other edges take purges from those alone who know it',
  });
