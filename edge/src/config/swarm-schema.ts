import { z } from 'zod';
import type { SwarmOptions } from './edge-config.js';
import { flag, listOf, measure, size, timeout, whole } from './fields.js';

/** What may change while the edge runs. */
export const SWARM_MODES = ['on', 'leech', 'off'] as const;
export const swarmMode: z.ZodType<SwarmOptions['mode'], unknown> = z.enum(SWARM_MODES);
export const holdoutPercent: z.ZodType<number, number | string> = measure(
  'a number from 0 to 100',
  Number,
  0,
  100,
);
export const maxPeers: z.ZodType<number, number | string> = whole(0, 64);
export const uploadBytesPerSecond: z.ZodType<number, number | string> = size(0);

const turnUrl = z.string().regex(/^turns?:/, 'is not a turn: or turns: URL');

/** The protocol takes names of at most 256 characters. */
export const edgeUrl: z.ZodType<string, string> = z
  .url({ protocol: /^https?$/, message: 'is not an http(s) URL' })
  .max(256);

const turn = z
  .strictObject({
    urls: listOf(turnUrl, 8).describe('TURN servers that check credentials by a shared secret').prefault([]),
    secret: z
      .string()
      .min(1)
      .describe('Shared with the TURN server (coturn: `static-auth-secret`)')
      .optional(),
    secretFile: z
      .string()
      .min(1)
      .describe('File that has the secret instead; read again on SIGHUP')
      .optional(),
    // Credentials are replaced in time, but only by players that are there.
    lifetimeMs: timeout
      .refine((ms) => ms >= 120_000, { message: 'is below 2m' })
      .describe('How long the credentials of a player are good for')
      .prefault('1h'),
  })
  .refine(({ secret, secretFile }) => secret === undefined || secretFile === undefined, {
    message: 'has secret and secretFile: give one of both',
  })
  .refine(({ urls, secret, secretFile }) => urls.length > 0 === ((secret ?? secretFile) !== undefined), {
    message: 'needs urls and one of secret and secretFile',
  });

export const swarmSchema: z.ZodType<SwarmOptions, unknown> = z.strictObject({
  enabled: flag.describe('Whether viewers meet at all').prefault(true),
  mode: swarmMode.describe('`on`: both ways; `leech`: nobody uploads; `off`: plain HLS').prefault('on'),
  holdoutPercent: holdoutPercent
    .describe('Share of viewers without peers, by which savings are measured')
    .prefault(10),
  maxPeers: maxPeers.describe('Peers that a player connects to at most').prefault(8),
  uploadBytesPerSecond: uploadBytesPerSecond.describe('Cap of a player’s upload; 0 is none').prefault(0),
  iceServers: z
    .array(
      z.strictObject({
        urls: z
          .array(z.string().regex(/^(stuns?|turns?):/, 'is not a stun: or turn: URL'))
          .min(1)
          .describe('STUN or TURN URLs'),
        username: z.string().describe('For TURN').optional(),
        credential: z.string().describe('For TURN').optional(),
      }),
    )
    .max(7)
    .prefault([]),
  turn: turn.prefault({}),
  meet: listOf(edgeUrl, 16)
    .describe('Base URLs of edges that players go to when this one stops')
    .prefault([]),
  databases: listOf(z.string().min(1), 4)
    .describe('Files in MaxMind’s format that tell networks and regions; read again on SIGHUP')
    .prefault([]),
  roomViewers: whole(32, 100_000).describe('A room with more viewers becomes two').prefault(512),
});
