import { MAX_SIGNALING_BYTES } from '@eddy/protocol';
import { z } from 'zod';
import { INSTANCE, parseJson } from '../../cluster/beat.js';
import type { OpenViewer } from '../rooms/visitors.js';

/** What one edge says to all that have viewers in a room: these would meet some of yours. */
export interface OpenWord {
  readonly type: 'open';
  /** Run of the edge that speaks. */
  readonly from: string;
  readonly room: string;
  readonly viewers: readonly OpenViewer[];
}

/** What one edge says to another about two viewers: `to` is the listener's, `peer` the speaker's. */
export type PairWord =
  /** Would these meet? */
  | {
      readonly type: 'offer';
      readonly pairs: readonly { readonly to: string; readonly viewer: OpenViewer }[];
    }
  | {
      readonly type: 'answer';
      readonly pairs: readonly { readonly to: string; readonly peer: string; readonly agreed: boolean }[];
    }
  /** They have parted. */
  | { readonly type: 'part'; readonly to: string; readonly peer: string; readonly expelled: boolean }
  /** `peer` says that it has no use for `to`, or, `accused`, that it lied. */
  | { readonly type: 'fail'; readonly to: string; readonly peer: string; readonly accused: boolean }
  | { readonly type: 'signal'; readonly to: string; readonly peer: string; readonly payload: string };

export type FederationWord = OpenWord | (PairWord & { readonly from: string; readonly room: string });

/** Viewers that one word tells of. */
export const MAX_OPEN = 8;
export const MAX_PAIRS: number = MAX_OPEN * 3;

const name = z.string().min(1).max(64);
const text = z.string().max(128);
const count = z.number().int().min(0).max(256);
const place = z.object({
  prefix: text,
  network: z.number().optional(),
  region: text.optional(),
  continent: text.optional(),
});
const viewer: z.ZodType<OpenViewer, unknown> = z.object({
  ...{ peer: name, uploads: z.boolean(), slots: count, peers: count },
  place: place.transform(({ prefix, network, region, continent }) => ({
    prefix,
    ...(network !== undefined && { network }),
    ...(region !== undefined && { region }),
    ...(continent !== undefined && { continent }),
  })),
  positionMs: z.number().nonnegative().optional(),
  uploadBytesPerSecond: z.number().nonnegative().optional(),
});
const about = { from: z.string().regex(INSTANCE), room: z.string().regex(/^[\w-]{22}$/) };
const pair = { ...about, to: name, peer: name };

const wordSchema: z.ZodType<FederationWord, unknown> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('open'), ...about, viewers: z.array(viewer).max(MAX_OPEN) }),
  z.object({
    ...{ type: z.literal('offer'), ...about },
    pairs: z.array(z.object({ to: name, viewer })).max(MAX_PAIRS),
  }),
  z.object({
    ...{ type: z.literal('answer'), ...about },
    pairs: z.array(z.object({ to: name, peer: name, agreed: z.boolean() })).max(MAX_PAIRS),
  }),
  z.object({ type: z.literal('part'), ...pair, expelled: z.boolean() }),
  z.object({ type: z.literal('fail'), ...pair, accused: z.boolean() }),
  z.object({ type: z.literal('signal'), ...pair, payload: z.string().max(MAX_SIGNALING_BYTES) }),
]);

export function encodeWord(word: FederationWord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(word));
}

/** Undefined: it is none. A newer edge may say more; that is left out. */
export function decodeWord(data: Uint8Array): FederationWord | undefined {
  const parsed = wordSchema.safeParse(parseJson(data));
  return parsed.success ? parsed.data : undefined;
}
