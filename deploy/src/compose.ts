import { posix } from 'node:path';

/** Keys of a service in the Compose specification that we use or might. */
const SERVICE_KEYS = new Set(
  `annotations build cap_add cap_drop command configs container_name cpus depends_on deploy entrypoint env_file
  environment expose extra_hosts healthcheck hostname image init labels logging mem_limit networks pids_limit platform
  ports profiles pull_policy read_only restart secrets security_opt shm_size stop_grace_period stop_signal sysctls
  tmpfs ulimits user volumes working_dir`.split(/\s+/),
);
const TOP_KEYS = new Set(['name', 'services', 'volumes', 'networks', 'configs', 'secrets', 'include']);

export interface ComposeFacts {
  /** Whether the repository has this path, given relative to the folder of the compose file. */
  readonly exists: (path: string) => boolean;
  /** Commands of our image. */
  readonly commands: ReadonlySet<string>;
}

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** `${NAME:-default}` as Compose reads it where NAME is not set. */
export function withDefaults(text: string): string {
  return text.replace(/\$\{\w+(?::?-([^}]*))?\}/g, (_, fallback: string | undefined) => fallback ?? '');
}

/** What is wrong with a compose file that can be told without Docker; nothing where all is well. */
export function composeProblems(document: unknown, facts: ComposeFacts): string[] {
  const top = fields(document);
  const services = fields(top.services);
  const volumes = new Set(Object.keys(fields(top.volumes)));
  if (Object.keys(services).length === 0) return ['there are no services'];
  const used = new Set<string>();
  const problems = Object.keys(top)
    .filter((key) => !TOP_KEYS.has(key) && !key.startsWith('x-'))
    .map((key) => `${key} is not a part of a compose file`);
  for (const [name, value] of Object.entries(services)) {
    const service = fields(value);
    const found = [
      ...Object.keys(service)
        .filter((key) => !SERVICE_KEYS.has(key))
        .map((key) => `${key} is not a setting of a service`),
      ...imageProblems(service, facts),
      ...dependencyProblems(service, services),
      ...portProblems(service),
      ...texts(service.volumes).flatMap((mount) => {
        const [source = '', target = ''] = withDefaults(mount).split(':');
        if (!target.startsWith('/')) return [`the mount ${mount} has no absolute target`];
        if (/^[./]/.test(source)) return facts.exists(source) ? [] : [`${source} does not exist`];
        used.add(source);
        return volumes.has(source) ? [] : [`the volume ${source} is not declared`];
      }),
    ];
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
  const unused = [...volumes].filter((volume) => !used.has(volume));
  return [...problems, ...unused.map((volume) => `nobody uses the volume ${volume}`)];
}

function imageProblems(service: Fields, { exists, commands }: ComposeFacts): string[] {
  const image = withDefaults(String(service.image ?? ''));
  const pinned = /:v?\d+(\.\d+){2,3}(-[a-z]+)?$/.test(image);
  const problems = pinned ? [] : [`the image ${image || '(none)'} is not pinned to a version`];
  const build = fields(service.build);
  if (service.build === undefined) return problems;
  const context = String(build.context ?? '.');
  const dockerfile = posix.join(context, String(build.dockerfile ?? 'Dockerfile'));
  for (const path of [context, dockerfile]) if (!exists(path)) problems.push(`${path} does not exist`);
  const [command] = texts(service.command);
  if (command !== undefined && !commands.has(command)) problems.push(`our image has no command ${command}`);
  return problems;
}

function dependencyProblems(service: Fields, services: Fields): string[] {
  const names = Array.isArray(service.depends_on)
    ? texts(service.depends_on)
    : Object.keys(fields(service.depends_on));
  return names
    .filter((name) => !(name in services))
    .map((name) => `depends on ${name}, which is not a service`);
}

/** A demonstration belongs on this machine only: Docker's ports go around its firewall. */
function portProblems(service: Fields): string[] {
  return texts(service.ports)
    .filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(withDefaults(port)))
    .map((port) => `the port ${port} is not 127.0.0.1:HOST:CONTAINER`);
}
