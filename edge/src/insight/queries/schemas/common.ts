import { ARMS, type Arm } from '@eddy/protocol';
import { z } from 'zod';
import { type Figures, RANGE_NAMES, type RangeFigures } from '../figures.js';

/** Forms of answers, with their units. They describe; what is sent is not checked against them but in tests. */

/** Named forms: each is described once. */
export const FORMS: z.core.$ZodRegistry<{ readonly id: string; readonly description?: string }> =
  z.registry();

export function form<Value>(id: string, description: string, schema: z.ZodType<Value>): z.ZodType<Value> {
  FORMS.add(schema, { id, description });
  return schema;
}

export const bytes = (of: string): z.ZodNumber => z.number().nonnegative().describe(`${of} Bytes.`);
export const milliseconds = (of: string): z.ZodNumber =>
  z.number().nonnegative().describe(`${of} Milliseconds.`);
export const instant = (of: string): z.ZodNumber =>
  z.number().describe(`${of} Milliseconds since the epoch.`);
export const count = (of: string): z.ZodNumber => z.number().nonnegative().describe(of);
export const share = (of: string): z.ZodNullable<z.ZodNumber> =>
  z.number().min(0).max(1).nullable().describe(`${of} 0 to 1; null: there was nothing to share.`);

export const arm: z.ZodType<Arm> = z
  .enum(ARMS)
  .describe('`treated`: may have peers. `holdout`: may not, so that savings can be measured.');

export const range: z.ZodType<RangeFigures> = form(
  'Range',
  'What was summed up: what was asked for, widened to whole steps.',
  z.strictObject({
    name: z.enum(RANGE_NAMES).nullable().describe('Null: it was given by its ends.'),
    fromMs: instant('Beginning.'),
    toMs: instant('End; the step under way is in it.'),
  }),
);

export const FIGURES: { readonly [Key in keyof Figures]: z.ZodType<Figures[Key]> } = {
  edgeBytes: bytes('Media from edges, by their own count where they can tell the session.'),
  peerBytes: bytes('Media from other viewers, as those say who got it.'),
  uploadedBytes: bytes('Media given to other viewers, as those say who gave it.'),
  wastedBytes: bytes('Media fetched and not used.'),
  watchedMs: milliseconds('Time watched, of all viewers together.'),
  rebufferMs: milliseconds('Time stalled, of all viewers together.'),
  rebuffers: count('Stalls.'),
  sessions: count('Sessions that began.'),
  offload: share('Peer bytes of peer and edge bytes.'),
  rebufferShare: share('Time stalled of time watched and stalled.'),
};
