import type { Goal } from '../report/report.js';
import type { Phase } from './phase.js';
import type { Expected, Step } from './steps.js';

/** A live stream of 2 s segments that waits for longer than its playlist reaches back has stalled. */
const LONGEST_WAIT_SECONDS = 12;

/** Whether a step came out as it should, for hosts and for viewers. */
export function judge({ expected, loaded }: Step, phase: Phase): Goal[] {
  return [outcome(expected, phase), hosts(expected, phase), ...(loaded ? viewers(phase) : [])];
}

function outcome({ ok, says }: Expected, phase: Phase): Goal {
  const told = says === undefined || says.test(phase.said.replace(/\s+/g, ' '));
  return {
    text: ok ? 'the playbook is content' : 'the playbook stops and says why',
    measured: phase.ok ? 'content' : `stopped, ${told ? 'and said why' : 'but said something else'}`,
    met: phase.ok === ok && told,
  };
}

function hosts({ version, restarted, away = [] }: Expected, { before, after }: Phase): Goal {
  const names = Object.keys(after);
  const wrong = names.filter((name) => after[name]?.version !== version);
  const unready = names.filter((name) => after[name]?.ready !== true);
  const others = names.filter((name) => before[name] !== undefined && before[name]?.pid !== after[name]?.pid);
  const allowed = { nobody: 0, new: 0, one: 1, all: Object.keys(before).length }[restarted];
  const root = names.filter((name) => after[name]?.user === 'root');
  return {
    text: `${names.length} edges run ${version}, ${away.length === 0 ? 'all' : `all but ${away.join(', ')}`} ready, ${count(allowed)} restarted`,
    measured: [
      `${names.length - wrong.length} run ${version}`,
      `${names.length - unready.length} ready`,
      `${others.length} restarted`,
      ...(root.length > 0 ? [`${root.length} as root`] : []),
    ].join(', '),
    met:
      names.length > 0 &&
      wrong.length === 0 &&
      unready.join() === away.join() &&
      others.length === allowed &&
      root.length === 0,
  };
}

function count(edges: number): string {
  return edges === 0 ? 'none' : String(edges);
}

function viewers({ load }: Phase): Goal[] {
  const asked = load.reduce((sum, { requests }) => sum + requests.sent, 0);
  const failed = load.reduce((sum, { requests }) => sum + requests.failed, 0);
  const reasons = load.flatMap(({ requests }) => requests.firstFailure ?? []);
  const complaints = load.flatMap(({ watched }) => watched.complaints);
  const longest = Math.max(0, ...load.map(({ watched }) => watched.longestWaitSeconds));
  const played = Math.min(...load.map(({ watched }) => watched.playedSeconds));
  return [
    {
      text: 'no request fails',
      measured: `${failed} of ${asked} failed${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}`,
      met: asked > 0 && failed === 0,
    },
    {
      text: 'players of the live stream play on',
      measured: `${complaints.length} complaints, at most ${longest.toFixed(1)} s without news, ${played.toFixed(0)} s played`,
      met: complaints.length === 0 && longest <= LONGEST_WAIT_SECONDS && played > 0,
    },
  ];
}
