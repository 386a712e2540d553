import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';

/** The same seen from `src/insight/page` and from `dist/insight/page`. */
const BUNDLED = fileURLToPath(new URL('../../../dist/dashboard', import.meta.url));

/** All that the page is made of; nothing else of the folder is served. */
const ASSETS = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/assets/dashboard.js', file: 'dashboard.js', type: 'text/javascript; charset=utf-8' },
  { path: '/assets/theme.js', file: 'theme.js', type: 'text/javascript; charset=utf-8' },
  { path: '/assets/dashboard.css', file: 'dashboard.css', type: 'text/css; charset=utf-8' },
] as const;

const NOT_BUNDLED = 'The dashboard is not built: run "npm run build", then start the edge again.\n';

/** Serves the dashboard from memory. Where it was not built, the page says so and the API works on. */
export async function pageRoutes(folder: string = BUNDLED): Promise<Hono> {
  const routes = new Hono();
  for (const { path, file, type } of ASSETS) {
    const body = await readFile(`${folder}/${file}`).catch(() => undefined);
    const etag = body && `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    routes.get(path, (context) => {
      if (body === undefined || etag === undefined) return context.text(NOT_BUNDLED, 503);
      context.header('ETag', etag);
      context.header('Cache-Control', 'no-cache');
      if (context.req.header('If-None-Match') === etag) return context.body(null, 304);
      context.header('Content-Type', type);
      return context.body(new Uint8Array(body));
    });
  }
  return routes;
}
