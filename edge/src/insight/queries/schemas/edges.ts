import { z } from 'zod';
import type { EdgeFigures, Edges } from '../figures.js';
import { bytes, count, form, instant, milliseconds, range, share } from './common.js';
import { nextCursor } from './views.js';

const EDGE_FIGURES: { readonly [Key in keyof EdgeFigures]: z.ZodType<EdgeFigures[Key]> } = {
  requests: count('Requests for media, refused ones too.'),
  hits: count('Answered from memory or disk; nobody else was asked.'),
  collapsed: count('Joined a fill that another request had begun.'),
  revalidated: count('The origin said that what was held is still good.'),
  stale: count('Answered with an old object, since the origin failed or is being asked.'),
  passed: count('Not storable: went to the origin alone.'),
  refused: count('Answered with 400 or more.'),
  failed: count('Of these, with 500 or more.'),
  cuts: count('Responses that broke off.'),
  sentBytes: bytes('Bodies given to connections.'),
  hitBytes: bytes('Of these, of hits.'),
  originBytes: bytes('Bodies fetched from the origin.'),
  shieldBytes: bytes('Bodies fetched from a shield.'),
  siblingBytes: bytes('Bodies fetched from an edge of the same PoP.'),
  accusations: count('Pairs of viewers parted because one accused the other of wrong bytes.'),
  disputedViewers: count('Viewers introduced to nobody any more, since too many pairs with them ended so.'),
  reportedMs: milliseconds('Time that is counted here: less than passed where an edge was down.'),
  hitRatio: share('Hits of requests that were not refused.'),
  byteHitRatio: share('Bytes of hits of bytes sent.'),
};

export const edges: z.ZodType<Edges> = form(
  'Edges',
  'What edges count by themselves, of all requests for media, whether players report them or not. Told each minute.',
  z.strictObject({
    range,
    stepSeconds: count('Length of a step. Seconds.'),
    total: z.strictObject(EDGE_FIGURES),
    points: z
      .array(z.strictObject({ startMs: instant('Beginning of the step.'), ...EDGE_FIGURES }))
      .describe('By step, of all edges that are asked for.'),
    edges: z
      .array(
        z.strictObject({
          edge: z.string().describe('Its `name`.'),
          pop: z.string().describe('Where it stands (`insight.pop`).'),
          ...EDGE_FIGURES,
          nowBytesPerSecond: z
            .number()
            .nullable()
            .describe(
              'Bytes a second sent in the last whole minute; null: it told nothing in the last three.',
            ),
        }),
      )
      .describe('Who sent the most bytes first.'),
    nextCursor,
  }),
);
