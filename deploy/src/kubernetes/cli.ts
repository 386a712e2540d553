import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { parse, stringify } from 'yaml';
import { DEPLOY } from '../paths.js';
import type { Manifest } from './manifest.js';
import { readRules } from './rule-files.js';
import { settingsProblems } from './settings-check.js';
import { synthesize, toYaml, yamlOf } from './synth.js';
import { parseValues, ValuesError } from './values-schema.js';

/** The manifests of a file of values, with another image where one is given. @throws ValuesError with every problem. */
export async function manifestsOf(file: string, image?: string): Promise<Manifest[]> {
  const raw: unknown = parse(await readFile(file, 'utf8'));
  const values = parseValues(image === undefined || typeof raw !== 'object' ? raw : { ...raw, image });
  const problems = settingsProblems(values);
  if (problems.length > 0) throw new ValuesError(problems);
  return synthesize(values, await readRules(join(DEPLOY, 'prometheus', 'rules')));
}

/** A file for each object and the list of them, so that `kubectl apply -k` takes the folder and overlays may build on it. */
export function asFolder(manifests: readonly Manifest[]): Map<string, string> {
  const files = new Map<string, string>(
    manifests.map((manifest) => {
      const { name } = manifest.metadata;
      return [`${manifest.kind.toLowerCase()}-${name}.yaml`, yamlOf(manifest)];
    }),
  );
  if (files.size < manifests.length) throw new RangeError('two objects have one kind and name');
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...files.keys()],
  };
  return files.set('kustomization.yaml', stringify(kustomization));
}

/** `synth.mjs`. Returns the exit code: 1 for values that are not right. */
export async function run(args: readonly string[]): Promise<number> {
  const command = new Command('synth')
    .description('Write the manifests of a cluster of Eddy, from a file of values.')
    .requiredOption('--values <file>', 'what the cluster is to be, see deploy/kubernetes/README.md')
    .option('--image <image>', 'in place of the one in the values, such as what was just built')
    .option('--out <folder>', 'a file for each object, with a kustomization.yaml; default: all to stdout')
    .parse([...args], { from: 'user' });
  const { values, image, out } = command.opts<{ values: string; image?: string; out?: string }>();
  try {
    const manifests = await manifestsOf(values, image);
    if (out === undefined) process.stdout.write(toYaml(manifests));
    else {
      await mkdir(out, { recursive: true });
      for (const [name, text] of asFolder(manifests)) await writeFile(join(out, name), text);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof ValuesError)) throw error;
    for (const problem of error.problems) console.error(`${values}: ${problem}`);
    return 1;
  }
}
