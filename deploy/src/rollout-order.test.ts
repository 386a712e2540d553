import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ANSIBLE, missing } from './ansible-fixture.js';

const exec = promisify(execFile);

/** Runs the filters as Ansible does, on many fleets in one go. */
const ASK = `
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location('rollout', sys.argv[1])
rollout = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rollout)
def answer(question):
    hosts = [host for host, _ in question['fleet']]
    regions = dict(question['fleet'])
    order = rollout.rollout_order(hosts, regions)
    sizes, waves = [1], []
    rest = order
    while rest:
        size = sizes.pop(0) if sizes else max(1, int(len(order) * question['share']))
        waves.append(rest[:size])
        rest = rest[size:]
    return {'order': order, 'waves': waves, 'emptied': [rollout.emptied_regions(wave, regions) for wave in waves]}
print(json.dumps([answer(question) for question in json.loads(sys.argv[2])]))
`;

interface Answer {
  readonly order: string[];
  readonly waves: string[][];
  readonly emptied: string[][];
}

type Fleet = readonly (readonly [string, string])[];

async function ask(fleets: readonly Fleet[], share = 0.25): Promise<Answer[]> {
  const questions = JSON.stringify(fleets.map((fleet) => ({ fleet, share })));
  const file = join(ANSIBLE, 'filter_plugins/rollout.py');
  const { stdout } = await exec('python3', ['-c', ASK, file, questions], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

function fleetOf(sizes: readonly number[]): Fleet {
  return sizes.flatMap((size, region) =>
    Array.from({ length: size }, (_, index) => [`r${region}-${index}`, `r${region}`] as const),
  );
}

/** All ways to have up to four regions of one to seven edges. */
function manyFleets(): Fleet[] {
  const sizes = [1, 2, 3, 4, 5, 6, 7];
  const [two, three] = [
    sizes.flatMap((a) => sizes.map((b) => [a, b])),
    sizes.flatMap((a) => sizes.flatMap((b) => sizes.map((c) => [a, b, c]))),
  ];
  return [...sizes.map((a) => [a]), ...two, ...three, [2, 2, 2, 2, 2], [10, 10, 5], [21, 2, 1, 1]].map(
    fleetOf,
  );
}

describe.skipIf(await missing('python3'))('the order of a rollout (skipped without python3)', () => {
  it('takes every host once, and never a whole region of several at a time', async () => {
    const fleets = manyFleets();
    for (const [index, { order, emptied }] of (await ask(fleets)).entries()) {
      const fleet = fleets[index] ?? [];
      expect(order.toSorted()).toEqual(fleet.map(([host]) => host).toSorted());
      expect(emptied.flat(), JSON.stringify(fleet)).toEqual([]);
    }
  });

  it('begins where one edge is missed least', async () => {
    const [answer] = await ask([fleetOf([2, 20, 3])]);
    expect(answer?.waves[0]).toEqual(['r1-0']);
  });

  it('says which regions a wave would empty', async () => {
    const [answer] = await ask([fleetOf([2, 2, 1])], 1);
    expect(answer?.emptied.at(-1)).toEqual(['r1']);
  });
});
