export interface VarnishOptions {
  readonly port: number;
  readonly originPort: number;
  /** Working folder; its log of requests is a file mapped into memory, so it belongs on tmpfs. */
  readonly folder: string;
  readonly vclFile: string;
}

/** The whole VCL: one backend, the built-in rules for the rest. */
export function varnishVcl({ originPort }: Pick<VarnishOptions, 'originPort'>): string {
  return `${[
    'vcl 4.1;',
    'backend origin {',
    '  .host = "127.0.0.1";',
    `  .port = "${originPort}";`,
    '}',
  ].join('\n')}\n`;
}

/**
 * Arguments for varnishd in the foreground: objects in malloc storage, threads ready beforehand for all
 * connections (thread pools cost a request that waits for one to be made), no jail (it needs a user of its own).
 */
export function varnishArguments({ port, folder, vclFile }: Omit<VarnishOptions, 'originPort'>): string[] {
  return [
    '-F',
    ...['-j', 'none'],
    ...['-n', folder],
    ...['-a', `127.0.0.1:${port},HTTP`],
    ...['-f', vclFile],
    ...['-s', 'malloc,512m'],
    // As long as nginx and eddy-edge keep a silent connection; its own default is 5 s.
    ...['-p', 'timeout_idle=75'],
    ...['-p', 'thread_pools=2'],
    ...['-p', 'thread_pool_min=100'],
    ...['-p', 'thread_pool_max=1000'],
  ];
}
