import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { MESSAGE_STYLE, messagePage } from './message-page.js';

it('tells people on a page and programs in a line, and lets nothing of the message into the page as markup', async () => {
  const app = new Hono().get('/', (context) => messagePage(context, 'Not <b>you</b>.', 401, { login: true }));
  const line = await app.request('/');
  expect([line.status, await line.text()]).toEqual([401, 'Not <b>you</b>.\n']);
  const page = await app.request('/', { headers: { Accept: 'text/html,*/*' } });
  expect(page.status).toBe(401);
  expect(page.headers.get('Content-Type')).toContain('text/html');
  const text = await page.text();
  expect(text).toContain('<p>Not &#60;b&#62;you&#60;/b&#62;.</p><a href="/auth/login">Log in</a>');
  expect(MESSAGE_STYLE).toMatch(/^'sha256-[A-Za-z0-9+/]{43}='$/);
});
