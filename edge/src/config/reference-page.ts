import { type ReferenceEntry, settingsReference } from './reference.js';

const HEAD = `# Configuration of an edge

Every setting of \`eddy-edge\`: file (\`--config FILE\`, YAML or JSON), then environment, then flags; the later wins, setting by setting. Unknown settings and unknown \`EDDY_\` variables are refused by name, and \`eddy-edge check-config FILE\` says all that is wrong with a file. What belongs together, with examples: [edge/README.md](../../edge/README.md).

Sizes (\`…Bytes\`) are \`256MiB\`, \`1g\` or a number of bytes, times (\`…Ms\`) \`500ms\`, \`30s\`, \`5m\` or a number of milliseconds, \`…Percent\` 0 to 100. Lists have commas between their items in environment variables. \`[]\` in a name is each item of a list. "Required" means: where this part of the file is there at all.

This page is made from the schema (\`edge/src/config\`) by \`npm run docs\`; a test fails where it is stale or a setting has no description.
`;

/** `docs/operators/configuration.md`: every setting, a table for each part of the file. */
export function referencePage(): string {
  const entries = settingsReference();
  const rooms = new Map<string, ReferenceEntry[]>();
  for (const entry of entries) {
    const room = /^(\w+)[.[]/.exec(entry.path)?.[1] ?? '';
    rooms.set(room, [...(rooms.get(room) ?? []), entry]);
  }
  return `${HEAD}\n${[...rooms].map(([room, settings]) => section(room, settings)).join('\n')}`;
}

function section(room: string, settings: readonly ReferenceEntry[]): string {
  const rows = settings.map(({ path, type, default: usual, description, env, flag }) => {
    const elsewhere = [env, flag === undefined ? undefined : `--${flag}`].filter(
      (name) => name !== undefined,
    );
    const cells = [
      `\`${path}\``,
      `${description ?? ''}.`,
      type.replaceAll('|', '\\|'),
      usual ?? 'none',
      elsewhere.map((name) => `\`${name}\``).join('<br>'),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `## ${room === '' ? 'Top level' : `\`${room}\``}

| Setting | What it does | Value | Default | Environment, flag |
|---|---|---|---|---|
${rows.join('\n')}
`;
}
