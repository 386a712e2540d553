import { z } from 'zod';
import { form, instant } from '../queries/schemas/common.js';
import type { Reader } from './reader.js';

interface ToldScope {
  readonly stream: string | null;
  readonly pop: string | null;
}

/** GET /api/session */
export interface Session {
  readonly role: Reader['role'];
  readonly login: Reader['login'];
  readonly user: string | null;
  readonly expiresMs: number | null;
  readonly scope: ToldScope;
  readonly canShare: boolean;
  readonly maxShareSeconds: number | null;
}

/** What POST /api/shares takes. */
export interface ShareAsked {
  readonly expiresInSeconds: number;
  readonly stream?: string | undefined;
  readonly pop?: string | undefined;
  readonly to?: string | undefined;
}

/** What it gives. */
export interface Share {
  readonly path: string;
  readonly token: string;
  readonly expiresMs: number;
  readonly scope: ToldScope;
}

const name = z.string().min(1).max(1024);
const scope: z.ZodType<ToldScope> = z
  .strictObject({
    stream: z.string().nullable().describe('Only of this stream; null: of all.'),
    pop: z.string().nullable().describe('Only of edges at this PoP; null: at all.'),
  })
  .describe('What guests may see.');

export const sessionSchema: z.ZodType<Session> = form(
  'Session',
  'Who asks, and what he may do.',
  z.strictObject({
    role: z.enum(['reader', 'guest']).describe('`reader`: all figures. `guest`: what was shared.'),
    login: z
      .enum(['open', 'proxy', 'oidc', 'share'])
      .describe('How he came: nobody is asked, by a proxy that logs in, by a login here, by a shared link.'),
    user: z.string().nullable().describe('As the login calls him; of a guest, who shared. Null: not known.'),
    expiresMs: instant('When login or link end.').nullable(),
    scope,
    canShare: z.boolean(),
    maxShareSeconds: z
      .number()
      .nullable()
      .describe('Longest that a link may last. Seconds. Null: he cannot share.'),
  }),
);

export const shareAskedSchema: z.ZodType<ShareAsked> = form(
  'ShareAsked',
  'A link that is wanted.',
  z.strictObject({
    expiresInSeconds: z
      .int()
      .min(60)
      .max(366 * 86_400)
      .describe('How long it lasts. Seconds.'),
    stream: name.optional().describe('Shows figures of this stream only.'),
    pop: name.optional().describe('Shows figures of edges at this PoP only.'),
    to: z.string().max(4096).optional().describe('Page that it leads to: path and query. Default `/`.'),
  }),
);

export const shareSchema: z.ZodType<Share> = form(
  'Share',
  'A link for people who do not log in. It ends by itself, or when the keys in `keysFile` are replaced.',
  z.strictObject({
    path: z.string().describe('The link, on this listener.'),
    token: z.string().describe('The same for programs: `Authorization: Bearer`.'),
    expiresMs: instant('When it ends.'),
    scope,
  }),
);
