export interface NginxConfigOptions {
  readonly port: number;
  readonly originPort: number;
  /** Holds the cache, the pid file and the logs. */
  readonly folder: string;
  readonly workers: number;
  /** `sendfile`: from the page cache by sendfile(2). `buffers`: read into two buffers of 512 KiB, then write. */
  readonly output: 'sendfile' | 'buffers';
  /** Speak TLS 1.3 on the port. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Below this path of the origin; default: all of it. */
  readonly originPath?: string;
  /** Of one worker. Default: 1024. */
  readonly connections?: number;
  /** In nginx's notation. Default: 1g. */
  readonly cacheSize?: string;
  /** Whether nginx runs as root; its workers then keep that user, so that they may enter our folder. */
  readonly asRoot: boolean;
}

/** A whole nginx.conf: `proxy_cache` as for a busy edge (no access log, connections kept, open files cached). */
export function nginxConfig(options: NginxConfigOptions): string {
  const {
    port,
    originPort,
    folder,
    workers,
    output,
    asRoot,
    tls,
    connections = 1024,
    cacheSize = '1g',
    originPath,
  } = options;
  const outputLines =
    output === 'sendfile' ? ['sendfile on;', 'tcp_nopush on;'] : ['sendfile off;', 'output_buffers 2 512k;'];
  return `${[
    'daemon off;',
    `worker_processes ${workers};`,
    ...(asRoot ? ['user root;'] : []),
    `pid ${folder}/nginx.pid;`,
    'error_log stderr warn;',
    ...(connections > 1024 ? [`worker_rlimit_nofile ${2 * connections};`] : []),
    'events {',
    `  worker_connections ${connections};`,
    '}',
    'http {',
    '  access_log off;',
    ...outputLines.map((line) => `  ${line}`),
    '  tcp_nodelay on;',
    '  keepalive_timeout 75s;',
    '  keepalive_requests 1000000000;',
    '  open_file_cache max=20000 inactive=1h;',
    `  client_body_temp_path ${folder}/body;`,
    `  proxy_temp_path ${folder}/proxy;`,
    `  fastcgi_temp_path ${folder}/fastcgi;`,
    `  uwsgi_temp_path ${folder}/uwsgi;`,
    `  scgi_temp_path ${folder}/scgi;`,
    `  proxy_cache_path ${folder}/cache levels=1:2 keys_zone=bench:10m max_size=${cacheSize} inactive=1h use_temp_path=off;`,
    '  upstream origin {',
    `    server 127.0.0.1:${originPort};`,
    '    keepalive 16;',
    '  }',
    '  server {',
    `    listen 127.0.0.1:${port}${tls === undefined ? '' : ' ssl'} backlog=${Math.max(1024, connections)};`,
    ...(tls === undefined
      ? []
      : [
          `    ssl_certificate ${tls.certFile};`,
          `    ssl_certificate_key ${tls.keyFile};`,
          '    ssl_protocols TLSv1.3;',
          // By the kernel where it can, which lets sendfile send; without effect elsewhere.
          '    ssl_conf_command Options KTLS;',
        ]),
    '    location / {',
    `      proxy_pass http://origin${originPath === undefined ? '' : `${originPath}/`};`,
    '      proxy_http_version 1.1;',
    '      proxy_set_header Connection "";',
    '      proxy_cache bench;',
    '      proxy_cache_lock on;',
    // One request renews what has expired, the others get the old one meanwhile, as with Varnish's grace.
    '      proxy_cache_use_stale updating error timeout;',
    '      proxy_cache_background_update on;',
    '      proxy_cache_revalidate on;',
    '      add_header X-Cache $upstream_cache_status;',
    '    }',
    '  }',
    '}',
  ].join('\n')}\n`;
}
