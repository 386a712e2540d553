import { fileURLToPath } from 'node:url';
import type { Timers } from '../components.js';
import { ConfigError } from '../config/config-error.js';
import type { OriginConfig } from '../config/edge-config.js';
import { withDeadlines } from './deadlines.js';
import { createFileUpstream, isFolder } from './file-upstream.js';
import { createHttpUpstream } from './http-upstream.js';
import type { Upstream } from './upstream.js';

/** The upstream that `origin.url` names, with its deadlines. @throws ConfigError where it cannot work. */
export async function openUpstream(
  { timers }: { readonly timers: Timers },
  origin: OriginConfig,
): Promise<Upstream> {
  return withDeadlines({ upstream: await open(origin), timers }, origin);
}

async function open({ url: text, connections, connectMs, s3 }: OriginConfig): Promise<Upstream> {
  const url = new URL(text);
  if (url.protocol === 'file:') {
    const root = fileURLToPath(url);
    if (await isFolder(root)) return createFileUpstream({ root });
    throw new ConfigError([
      `origin.url: ${root} is not a folder that can be read; create it, or name another`,
    ]);
  }
  if (url.protocol === 's3:') {
    // The SDK takes 300 ms to load: only those who use it wait.
    const { createSdkS3Upstream } = await import('./s3/sdk-s3-upstream.js');
    const prefix = decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, '');
    return createSdkS3Upstream({ bucket: url.hostname, prefix, connections, connectMs, s3 });
  }
  return createHttpUpstream({ url, connections, connectMs });
}
