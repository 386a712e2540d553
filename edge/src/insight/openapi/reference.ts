import type { OpenApi, Operation, Parameter } from './document.js';

type Json = Readonly<Record<string, unknown>>;

/** The description as text for people: `docs/query-api.md`. */
export function reference({ info, paths, components }: OpenApi): string {
  return [
    '# The query API',
    '',
    '<!-- Made from the schemas that check what is asked: after a change, `npx vitest run --project unit edge/src/insight/openapi --update`. -->',
    '',
    info.description,
    '',
    'All paths are below `/api/` on the insight listener and are answered to GET, but for one; `GET /api/openapi.json` is the same as an OpenAPI 3.1 document. Who may read is said in `edge/README.md`, "Who may read figures".',
    '',
    'Lists give `nextCursor`: ask again with it as `cursor`, and the same filters, for the next page; null is the end. All pages are about the range of the first one. What is wrong is answered with `error`, a word that stays the same, and `message`, which says what to do.',
    '',
    '## Ranges',
    '',
    'What is about a range takes these:',
    '',
    ...parameterTable(rangeOf(paths)),
    ...Object.entries(paths).flatMap(([path, { get, post }]) => [
      ...(get === undefined ? [] : pathText(`GET /api${path}`, get)),
      ...(post === undefined ? [] : pathText(`POST /api${path}`, post)),
    ]),
    '## Forms',
    '',
    ...Object.entries(components.schemas).flatMap(([id, schema]) => formText(id, schema)),
  ].join('\n');
}

const OF_A_RANGE: readonly string[] = ['range', 'from', 'to'];

function rangeOf(paths: OpenApi['paths']): Parameter[] {
  const all = Object.values(paths).flatMap(({ get }) => get?.parameters ?? []);
  return OF_A_RANGE.flatMap((wanted) => all.find(({ name }) => name === wanted) ?? []);
}

function pathText(title: string, { summary, parameters, requestBody, responses }: Operation): string[] {
  const content = objectOf((responses[200] ?? responses[201])?.content);
  const namesIn = (content: Json): string =>
    Object.entries(content)
      .map(([type, media]) => referenced(objectOf(objectOf(media).schema)) ?? `\`${type}\``)
      .join(' or ');
  const takes = requestBody === undefined ? '' : ` Takes ${namesIn(objectOf(requestBody.content))}.`;
  const own = parameters.filter(({ name }) => !OF_A_RANGE.includes(name));
  const range = own.length < parameters.length ? ' Of a range.' : '';
  return [
    `## ${title}`,
    '',
    `${summary}.${takes} Gives ${namesIn(content)}.${range}`,
    '',
    ...parameterTable(own),
  ];
}

function parameterTable(parameters: readonly Parameter[]): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(
    ({ name, schema, description }) => `| \`${name}\` | ${kindOf(schema)} | ${inCell(description)} |`,
  );
  return ['| Parameter | Kind | |', '| --- | --- | --- |', ...rows, ''];
}

function formText(id: string, schema: Json): string[] {
  const { description = '' } = schema;
  return [`### ${id}`, '', String(description), '', ...fieldTable(schema), ''];
}

function fieldTable(schema: Json): string[] {
  const rows = fieldRows(schema, '');
  return rows.length === 0 ? [] : ['| Field | Kind | |', '| --- | --- | --- |', ...rows];
}

/** Fields of what is inside too, under the name that leads there. */
function fieldRows(schema: Json, before: string): string[] {
  return Object.entries(objectOf(schema.properties)).flatMap(([name, property]) => {
    const field = objectOf(property);
    const path = `${before}${name}`;
    const items = objectOf(field.items);
    const inside = 'properties' in field ? fieldRows(field, `${path}.`) : [];
    const each = 'properties' in items ? fieldRows(items, `${path}[].`) : [];
    const { description = '' } = field;
    return [`| \`${path}\` | ${kindOf(field)} | ${inCell(String(description))} |`, ...inside, ...each];
  });
}

function kindOf(schema: Json): string {
  const name = referenced(schema);
  if (name !== undefined) return name;
  if (Array.isArray(schema.enum)) return schema.enum.map((word) => `\`${word}\``).join(', ');
  if ('const' in schema) return `\`${schema.const}\``;
  if (Array.isArray(schema.anyOf)) return schema.anyOf.map((one) => kindOf(objectOf(one))).join(' or ');
  if (schema.type === 'array') return `list of ${kindOf(objectOf(schema.items))}`;
  return Array.isArray(schema.type) ? schema.type.join(' or ') : String(schema.type ?? 'any');
}

function referenced(schema: Json): string | undefined {
  const { $ref } = schema;
  return typeof $ref === 'string' ? `[${nameOf($ref)}](#${nameOf($ref).toLowerCase()})` : undefined;
}

function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
