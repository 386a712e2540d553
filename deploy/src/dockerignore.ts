/** Whether the builder gets to see a path (relative to the context, `/` between folders). */
export type ContextFilter = (path: string) => boolean;

/** `*` and `?` stay within a folder, `**` crosses folders. */
function patternToRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|[*?]|[.+^${}()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}

/** Reads a .dockerignore: the last line that matches the path or a folder above it decides; `!` lets it in again. */
export function contextFilter(dockerignore: string): ContextFilter {
  const rules = dockerignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const lets = line.startsWith('!');
      const pattern = line.slice(lets ? 1 : 0).replace(/^\/+|\/+$/g, '');
      return { lets, pattern: patternToRegExp(pattern) };
    });
  return (path) => {
    const parts = path.split('/');
    const withParents = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    const last = rules.findLast(({ pattern }) => withParents.some((candidate) => pattern.test(candidate)));
    return last === undefined || last.lets;
  };
}
