import { hash } from 'node:crypto';
import type { Context } from 'hono';

type Status = 400 | 401 | 403 | 410 | 503;

const STYLE = `:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--line:#e1e5ea;--text:#17202b;--mark:#0f9d83}
@media (prefers-color-scheme:dark){:root{--page:#0d1218;--card:#151c25;--line:#27313d;--text:#e8edf3;--mark:#2fc4a6}}
body{display:grid;min-height:100vh;margin:0;padding:16px;box-sizing:border-box;place-items:center;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}
main{max-width:440px;padding:28px;border:1px solid var(--line);border-radius:12px;background:var(--card);overflow-wrap:anywhere}
h1{margin:0 0 12px;padding-left:12px;border-left:4px solid var(--mark);font-size:20px;line-height:1.2}
p{margin:0}
a{display:inline-block;margin-top:20px;padding:9px 18px;border-radius:8px;background:var(--text);color:var(--card);font-weight:550;text-decoration:none}`;

/** What the content security policy must let pass: the page has its style in itself, since no other file is for those who are not logged in. */
export const MESSAGE_STYLE: string = `'sha256-${hash('sha256', STYLE, 'base64')}'`;

/** A sentence for people: as a page in a browser, as text to programs. `login`: they may log in here. */
export function messagePage(
  context: Context,
  message: string,
  status: Status,
  { login = false }: { readonly login?: boolean } = {},
): Response {
  const isBrowser = context.req.header('Accept')?.includes('text/html') === true;
  if (!isBrowser) return context.text(`${message}\n`, status);
  const link = login ? '<a href="/auth/login">Log in</a>' : '';
  return context.html(
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Eddy insight</title>
<style>${STYLE}</style>
<main><h1>Eddy insight</h1><p>${escaped(message)}</p>${link}</main>
</html>
`,
    status,
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
