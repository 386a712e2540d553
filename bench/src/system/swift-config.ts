/** The four processes of an object store of one disk. */
export const SWIFT_SERVICES = ['account', 'container', 'object', 'proxy'] as const;
export type SwiftService = (typeof SWIFT_SERVICES)[number];

export interface SwiftLayout {
  /** Everything it writes is below this folder: `etc/`, `disks/`, `cache/`. */
  readonly folder: string;
  readonly ports: Readonly<Record<SwiftService, number>>;
  /** Whom the processes run as: Swift changes to the user `swift` unless told. */
  readonly user: string;
  readonly region: string;
  /** S3 access keys look like `account:user`. */
  readonly account: string;
  readonly accountUser: string;
  readonly secret: string;
}

function section(name: string, values: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
  return `[${name}]\n${lines.join('\n')}\n`;
}

function common({ folder, ports, user }: SwiftLayout, service: SwiftService): string {
  return section('DEFAULT', {
    swift_dir: `${folder}/etc`,
    bind_ip: '127.0.0.1',
    bind_port: ports[service],
    // No forks: one process, one id to stop.
    workers: 0,
    user,
    log_level: 'WARNING',
    ...(service === 'proxy'
      ? {}
      : {
          devices: `${folder}/disks`,
          mount_check: 'false',
          // A nearly full disk of a test machine is no reason to answer 507.
          fallocate_reserve: 0,
        }),
  });
}

function storageServer(layout: SwiftLayout, service: Exclude<SwiftService, 'proxy'>): string {
  return [
    common(layout, service),
    section('pipeline:main', { pipeline: `healthcheck ${service}-server` }),
    section('filter:healthcheck', { use: 'egg:swift#healthcheck' }),
    section(`app:${service}-server`, {
      use: `egg:swift#${service}`,
      // No updater runs that would bring late listings up to date, so a listing is never late.
      ...(service === 'object' ? { container_update_timeout: 30 } : {}),
    }),
  ].join('\n');
}

function proxyServer(layout: SwiftLayout): string {
  return [
    common(layout, 'proxy'),
    section('pipeline:main', {
      pipeline: 'catch_errors gatekeeper healthcheck cache s3api tempauth copy slo dlo proxy-server',
    }),
    section('filter:catch_errors', { use: 'egg:swift#catch_errors' }),
    section('filter:gatekeeper', { use: 'egg:swift#gatekeeper' }),
    section('filter:healthcheck', { use: 'egg:swift#healthcheck' }),
    // tempauth insists on a cache, and does without one that does not answer: nothing listens on port 1.
    section('filter:cache', { use: 'egg:swift#memcache', memcache_servers: '127.0.0.1:1' }),
    section('filter:s3api', { use: 'egg:swift#s3api', location: layout.region }),
    section('filter:tempauth', {
      use: 'egg:swift#tempauth',
      [`user_${layout.account}_${layout.accountUser}`]: `${layout.secret} .admin`,
    }),
    section('filter:copy', { use: 'egg:swift#copy' }),
    section('filter:slo', { use: 'egg:swift#slo' }),
    section('filter:dlo', { use: 'egg:swift#dlo' }),
    section('app:proxy-server', { use: 'egg:swift#proxy', account_autocreate: 'true' }),
  ].join('\n');
}

/** The configuration file of one of the processes. */
export function swiftConfig(layout: SwiftLayout, service: SwiftService): string {
  return service === 'proxy' ? proxyServer(layout) : storageServer(layout, service);
}
