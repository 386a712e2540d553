import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { SealKind } from './seal.js';

/** Not readable by scripts, and not sent along by other sites but when they link here. */
const COMMON = { httpOnly: true, sameSite: 'Lax', path: '/' } as const;

const nameOf = (kind: SealKind): string => `eddy_${kind}`;

export function readCookie(context: Context, kind: SealKind): string | undefined {
  return getCookie(context, nameOf(kind));
}

export function writeCookie(
  context: Context,
  kind: SealKind,
  value: string,
  options: { readonly secure: boolean; readonly lifetimeMs: number },
): void {
  const maxAge = Math.max(0, Math.floor(options.lifetimeMs / 1000));
  setCookie(context, nameOf(kind), value, { ...COMMON, secure: options.secure, maxAge });
}

export function dropCookie(context: Context, kind: SealKind): void {
  deleteCookie(context, nameOf(kind), COMMON);
}
