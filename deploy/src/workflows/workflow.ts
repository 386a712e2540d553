import { parse } from 'yaml';
import { ACTIONS } from './actions.js';

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fields) : [];
}

/** Scripts of a workflow that bash runs, with where they stand. */
export function scripts(text: string): { readonly where: string; readonly script: string }[] {
  return Object.entries(fields(fields(parse(text)).jobs)).flatMap(([name, job]) =>
    list(fields(job).steps).flatMap((step, index) =>
      typeof step.run === 'string' ? [{ where: `${name}, step ${index + 1}`, script: step.run }] : [],
    ),
  );
}

/**
 * What our workflows keep to beyond what a linter knows: actions by commit, no more rights than are used, no words of
 * others in scripts, an end to everything. `exists` says whether the repository has a path.
 */
export function workflowProblems(text: string, exists: (path: string) => boolean): string[] {
  const workflow = fields(parse(text));
  const jobs = Object.entries(fields(workflow.jobs)).map(([name, job]): [string, Fields] => [
    name,
    fields(job),
  ]);
  if (jobs.length === 0) return ['there are no jobs'];
  return [
    ...(workflow.permissions === undefined ? ['says not what it may do (permissions)'] : []),
    ...Object.entries(fields(workflow.permissions)).flatMap(([scope, right]) =>
      right === 'write' ? [`every job may write ${scope}`] : [],
    ),
    ...('pull_request_target' in fields(workflow.on) ? ['runs code of strangers with our rights'] : []),
    ...jobs.flatMap(([name, job]) => jobProblems(job, exists).map((problem) => `${name}: ${problem}`)),
    ...commentProblems(text),
  ];
}

function jobProblems(job: Fields, exists: (path: string) => boolean): string[] {
  if (typeof job.uses === 'string') {
    return exists(job.uses.replace(/^\.\//, '')) ? [] : [`uses ${job.uses}, which does not exist`];
  }
  return [
    ...(job['timeout-minutes'] === undefined ? ['has no end (timeout-minutes)'] : []),
    ...(job.permissions === 'write-all' ? ['may do everything'] : []),
    ...rightProblems(job),
    ...list(job.steps).flatMap((step, index) =>
      [...usesProblems(step), ...scriptProblems(step)].map((problem) => `step ${index + 1}: ${problem}`),
    ),
  ];
}

/** Rights that a job has and nothing in it needs, and rights that something needs and it has not. */
function rightProblems(job: Fields): string[] {
  if (job.permissions === undefined) return [];
  const rights = fields(job.permissions);
  const everything = JSON.stringify(job.steps ?? []);
  const signs = /cosign sign|attest-/.test(everything);
  const needs: readonly [string, boolean][] = [
    ['id-token', signs],
    ['attestations', /actions\/attest-/.test(everything)],
    ['packages', /docker\/login-action/.test(everything)],
    ['deployments', /\/deployments/.test(everything)],
    ['contents', /gh release create/.test(everything)],
  ];
  return needs.flatMap(([scope, needed]) => {
    const right = rights[scope];
    if (right === 'write' && !needed) return [`may write ${scope}, and does not`];
    return needed && right === undefined ? [`needs ${scope}, and may not`] : [];
  });
}

function usesProblems({ uses, with: given }: Fields): string[] {
  if (typeof uses !== 'string') return [];
  const [name = '', commit = ''] = uses.split('@');
  const action = ACTIONS[name];
  if (action === undefined) return [`${name} is not an action that we know (actions.ts)`];
  return [
    ...(commit === action.commit ? [] : [`${name} is not at the commit of ${action.version}`]),
    ...Object.keys(fields(given))
      .filter((input) => !action.inputs.includes(input))
      .map((input) => `${name} takes no ${input}`),
    ...(name === 'actions/checkout' && fields(given)['persist-credentials'] !== false
      ? ['leaves its token in the folder (persist-credentials)']
      : []),
  ];
}

/** What is put into a script as text may end a quote and begin a command: it comes by `env`. */
function scriptProblems({ run }: Fields): string[] {
  if (typeof run !== 'string') return [];
  return [...run.matchAll(/\$\{\{[^}]*\}\}/g)].map(([expression]) => `${expression} stands in a script`);
}

/** Who reads a commit's number wants the version's. */
function commentProblems(text: string): string[] {
  return [...text.matchAll(/uses: ([\w-]+\/[\w-]+)@\w+(?: # (\S+))?$/gm)].flatMap(([, name = '', said]) => {
    const version = ACTIONS[name]?.version;
    return said === version ? [] : [`${name} is said to be ${said ?? 'nothing'}, not ${version}`];
  });
}
