import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const HLS_JS = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
const DIST = new URL('../../../../player-sdk/dist/', import.meta.url);
const EDDY_JS = fileURLToPath(new URL('eddy.global.js', DIST));
const OVERLAY_JS = fileURLToPath(new URL('eddy-overlay.global.js', DIST));

/** No line of it is in the page itself: policies that are worth something refuse that. */
const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A site with a video</title>
<link rel="stylesheet" href="page.css"><link rel="icon" href="icon.svg">
<div id="frame"><video muted playsinline></video></div>
<script src="hls.js"></script><script src="eddy.js"></script><script src="overlay.js"></script>
<script src="page.js"></script></html>`;

const STYLE =
  '#frame { position: relative; width: 640px; height: 360px; } video { width: 100%; height: 100%; }';

/** Plays what the address says (`?src=`), with the options of `?eddy=`. */
const SCRIPT = `
const query = new URLSearchParams(location.search);
const video = document.querySelector('video');
window.violations = [];
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  window.violations.push(violatedDirective + ' ' + blockedURI));
window.problems = [];
const hls = new Hls();
const session = Eddy.attachEddy(hls, JSON.parse(query.get('eddy') ?? '{}'));
const overlay = EddyOverlay.attachOverlay(session, document.getElementById('frame'));
hls.on(Hls.Events.ERROR, (_, { fatal, details }) => fatal && window.problems.push(details));
hls.loadSource(query.get('src'));
hls.attachMedia(video);
video.play();
window.eddyDemo = { hls, session };
`;

export interface EmbeddingSite {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface EmbeddingSiteOptions {
  /** The header `Content-Security-Policy` of its page. Default: none. */
  readonly policy?: string;
}

/** A site of its own origin that embeds hls.js and the SDK by script tags. */
export async function startEmbeddingSite({ policy }: EmbeddingSiteOptions = {}): Promise<EmbeddingSite> {
  const files: Readonly<Record<string, readonly [type: string, body: string]>> = {
    '/': ['text/html', PAGE],
    '/page.css': ['text/css', STYLE],
    '/page.js': ['text/javascript', SCRIPT],
    '/icon.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    '/hls.js': ['text/javascript', await readFile(HLS_JS, 'utf8')],
    '/eddy.js': ['text/javascript', await readFile(EDDY_JS, 'utf8')],
    '/overlay.js': ['text/javascript', await readFile(OVERLAY_JS, 'utf8')],
  };
  const server = createServer((request, response) => {
    const file = files[new URL(request.url ?? '/', 'http://site').pathname];
    if (policy !== undefined) response.setHeader('Content-Security-Policy', policy);
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': `${file[0]}; charset=utf-8` }).end(file[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
