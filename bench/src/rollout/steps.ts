import { MORE_HOSTS } from './hosts.js';

/** What an operator does, and what should come of it. */
export interface Step {
  readonly name: string;
  readonly playbook: string;
  readonly args: readonly string[];
  /** Whether viewers watch meanwhile; there are none before the first install. */
  readonly loaded: boolean;
  /** Hosts that join the list before it. */
  readonly joins?: 'more';
  readonly expected: Expected;
}

export interface Expected {
  /** Whether the playbook should be content. */
  readonly ok: boolean;
  /** Of every edge afterwards. */
  readonly version: string;
  /** Whose process should be another one afterwards; `new`: there was none before. */
  readonly restarted: 'nobody' | 'one' | 'all' | 'new';
  /** Who should say that it is not ready. */
  readonly away?: readonly string[];
  /** What a playbook that is not content should say. */
  readonly says?: RegExp;
}

const deploy = (version: string, ...more: string[]): Pick<Step, 'playbook' | 'args' | 'loaded'> => ({
  playbook: 'deploy.yaml',
  args: ['-e', `eddy_version=${version}`, '-e', '{"eddy_waves": [1, "50%"]}', ...more],
  loaded: true,
});
const maintain = (what: string): Pick<Step, 'playbook' | 'args' | 'loaded'> => ({
  playbook: 'maintenance.yaml',
  args: ['--limit', 'us-1', '-e', `eddy_maintenance=${what}`],
  loaded: true,
});
const untouched = { version: 'one', restarted: 'nobody' } as const;

/** In this order; each begins with what the one before has left. */
export const STEPS: readonly Step[] = [
  {
    name: 'install',
    ...{ ...deploy('one'), loaded: false },
    expected: { ok: true, version: 'one', restarted: 'new' },
  },
  { name: 'the same again', ...deploy('one'), expected: { ok: true, ...untouched } },
  { name: 'upgrade', ...deploy('two'), expected: { ok: true, version: 'two', restarted: 'all' } },
  { name: 'roll back', ...deploy('one'), expected: { ok: true, version: 'one', restarted: 'all' } },
  {
    name: 'wrong settings',
    ...deploy('two', '-e', '{"eddy_host_config": {"cache": {"memryBytes": 1}}}'),
    expected: { ok: false, ...untouched, says: /cache\.memryBytes is not a setting/ },
  },
  {
    name: 'a version that dies',
    ...deploy('dies'),
    expected: {
      ok: false,
      version: 'one',
      restarted: 'one',
      says: /did not take dies[\s\S]*it runs one again/,
    },
  },
  {
    name: 'a version without media',
    ...deploy('empty'),
    expected: {
      ok: false,
      version: 'one',
      restarted: 'one',
      says: /did not take empty[\s\S]*it runs one again/,
    },
  },
  { name: 'maintenance', ...maintain('begin'), expected: { ok: true, ...untouched, away: ['us-1'] } },
  { name: 'maintenance ends', ...maintain('end'), expected: { ok: true, ...untouched } },
  {
    name: 'a host and a territory more',
    ...deploy('one', '--limit', MORE_HOSTS.map(({ name }) => name).join(',')),
    joins: 'more',
    expected: { ok: true, ...untouched },
  },
  {
    name: 'balancers learn of them',
    playbook: 'balancers.yaml',
    args: [],
    loaded: true,
    expected: { ok: true, ...untouched },
  },
  { name: 'upgrade of all', ...deploy('two'), expected: { ok: true, version: 'two', restarted: 'all' } },
];
