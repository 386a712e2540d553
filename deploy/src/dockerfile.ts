import { posix } from 'node:path';
import { validate } from 'dockerfile-utils';
import type { ContextFilter } from './dockerignore.js';

/** What a Dockerfile is held against. */
export interface RepositoryFacts {
  /** Whether the repository has this path (relative to its root). */
  readonly exists: (path: string) => boolean;
  readonly inContext: ContextFilter;
  /** Folders of the npm workspaces. */
  readonly workspaces: readonly string[];
}

export interface Instruction {
  readonly keyword: string;
  readonly line: number;
  readonly flags: ReadonlyMap<string, string>;
  readonly words: readonly string[];
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** A line that ends in a backslash goes on; comments between such lines are skipped. */
function logicalLines(text: string): { line: number; text: string }[] {
  const lines: { line: number; text: string }[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const part = raw.trim();
    if (part === '' || part.startsWith('#')) continue;
    open ??= { line: index + 1, text: '' };
    const goesOn = part.endsWith('\\');
    open.text += goesOn ? `${part.slice(0, -1)} ` : part;
    if (goesOn) continue;
    lines.push(open);
    open = undefined;
  }
  return lines;
}

function instructionOf({ line, text }: { line: number; text: string }): Instruction {
  const [keyword = '', ...rest] = text.split(/\s+/);
  const flags = new Map<string, string>();
  while (rest[0]?.startsWith('--')) {
    const [flag = '', value = ''] = (rest.shift() ?? '').slice(2).split('=');
    flags.set(flag, value);
  }
  return { keyword: keyword.toUpperCase(), line, flags, words: rest, text };
}

/** The stages of a Dockerfile with the values of its global arguments put in. */
export function parseStages(text: string): Stage[] {
  const args = new Map<string, string>();
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of logicalLines(text).map(instructionOf)) {
    const { keyword, words } = instruction;
    const stage = stages.at(-1);
    if (keyword === 'FROM') {
      const base = (words[0] ?? '').replace(/\$\{?(\w+)\}?/g, (_, name: string) => args.get(name) ?? '');
      stages.push({ name: words[2] ?? String(stages.length), base, instructions: [] });
    } else if (stage !== undefined) stage.instructions.push(instruction);
    else if (keyword === 'ARG') {
      const [name = '', value = ''] = (words[0] ?? '').split('=');
      args.set(name, value);
    }
  }
  return stages;
}

/** Commands that the last stage links into the PATH, with the files they lead to. */
export function linkedCommands(stages: readonly Stage[]): Map<string, string> {
  const text = (stages.at(-1)?.instructions ?? []).map((instruction) => instruction.text).join('\n');
  return new Map(
    [...text.matchAll(/ln -s (\S+) \/usr\/local\/bin\/(\S+)/g)].map(([, target = '', name = '']) => [
      name,
      target,
    ]),
  );
}

/** Everything wrong with a Dockerfile that can be told without building it; nothing where all is well. */
export function dockerfileProblems(text: string, facts: RepositoryFacts): string[] {
  const stages = parseStages(text);
  const last = stages.at(-1);
  if (last === undefined) return ['no FROM'];
  return [
    ...validate(text).map(({ range, message }) => `line ${range.start.line + 1}: ${message}`),
    ...baseProblems(stages),
    ...stages.flatMap((stage) => copyProblems(stage, stages, facts)),
    ...workspaceProblems(stages, facts),
    ...lastStageProblems(last),
    ...[...linkedCommands(stages)].flatMap(([name, target]) => {
      const path = posix.relative('/app', target);
      return facts.exists(path) ? [] : [`the command ${name} leads to ${path}, which does not exist`];
    }),
  ];
}

function baseProblems(stages: readonly Stage[]): string[] {
  const names = new Set(stages.map(({ name }) => name));
  return stages
    .map(({ base }) => base)
    .filter((base) => !names.has(base) && !/^node:20\.\d+\.\d+-\w+-slim$/.test(base))
    .map((base) => `the base image ${base || '(none)'} is not a slim Node 20 pinned to its version`);
}

/** What a stage copies from another is what the repository has, what tsc and bundlers make of it, or everything. */
function copyProblems(stage: Stage, stages: readonly Stage[], facts: RepositoryFacts): string[] {
  return stage.instructions
    .filter(({ keyword }) => keyword === 'COPY')
    .flatMap(({ line, flags, words }) => {
      const from = flags.get('from');
      const sources = words.slice(0, -1);
      if (from === undefined) {
        return sources
          .filter((source) => !facts.exists(source) || !facts.inContext(source))
          .map(
            (source) =>
              `line ${line}: ${source} ${facts.exists(source) ? 'is kept out by .dockerignore' : 'does not exist'}`,
          );
      }
      if (!stages.some(({ name }) => name === from)) return [`line ${line}: there is no stage ${from}`];
      return sources
        .map((source) => posix.relative('/app', source).replace(/\/dist$/, ''))
        .filter((path) => path !== '' && !facts.exists(path))
        .map((path) => `line ${line}: ${path} does not exist`);
    });
}

/** npm wants the manifest of every workspace that the lock file names. */
function workspaceProblems(stages: readonly Stage[], { workspaces }: RepositoryFacts): string[] {
  const copied = new Set(
    stages.flatMap(({ instructions }) =>
      instructions.filter(({ keyword }) => keyword === 'COPY').flatMap(({ words }) => words.slice(0, -1)),
    ),
  );
  return workspaces
    .filter((workspace) => !copied.has(`${workspace}/package.json`))
    .map((workspace) => `${workspace}/package.json is not copied, so npm cannot install`);
}

function lastStageProblems({ instructions }: Stage): string[] {
  const of = (keyword: string): Instruction | undefined =>
    instructions.findLast((instruction) => instruction.keyword === keyword);
  const user = of('USER')?.words[0] ?? 'root';
  const health = of('HEALTHCHECK')?.text ?? '';
  return [
    ...(/^[1-9]\d*(:[1-9]\d*)?$/.test(user) ? [] : [`runs as ${user}: give a user by number, not root`]),
    ...(health === '' ? ['has no HEALTHCHECK'] : []),
    ...(/\b(curl|wget)\b/.test(health)
      ? ['the health check needs a program that slim images do not have']
      : []),
    ...(of('CMD')?.text.includes('[') === true
      ? []
      : ['CMD is not a JSON list, so signals would end at a shell']),
  ];
}
