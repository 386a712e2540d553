import { z } from 'zod';
import type { Question } from '../queries/question.js';
import { FORMS, problem } from '../queries/schemas/forms.js';
import { sessionSchema, shareAskedSchema, shareSchema } from '../readers/sharing.js';

type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document, as far as it is used here. */
export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, { readonly get?: Operation; readonly post?: Operation }>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly securitySchemes: Readonly<Record<string, Json>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query';
  readonly required: boolean;
  readonly description: string;
  readonly schema: Json;
}

function reference(id: string): string {
  return `#/components/schemas/${id}`;
}

/** What the API takes and gives, from the same schemas that check what is asked. */
export function openApi(questions: readonly Question[]): OpenApi {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Eddy insight',
      version: '1',
      description:
        'Figures of a video CDN whose viewers share segments. Reading only: nothing here changes a cache. Times are milliseconds since the epoch, bytes are of media unless said otherwise, shares are 0 to 1.',
    },
    servers: [{ url: '/api' }],
    paths: {
      ...Object.fromEntries(questions.map((question) => [`/${question.path}`, { get: operation(question) }])),
      '/session': { get: SESSION },
      '/shares': { post: SHARES },
    },
    // Where nobody is asked who he is, none of them is needed.
    security: [{}, { session: [] }, { share: [] }],
    components: {
      schemas: schemas(),
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'eddy_session',
          description: 'A login at /auth/login.',
        },
        share: { type: 'http', scheme: 'bearer', description: 'The token of a shared link.' },
      },
    },
  };
}

const REFUSED = {
  400: failed('What is asked cannot be answered; `message` says why.'),
  401: failed('Nobody is logged in; `message` says how.'),
  403: failed('This is not shared with you, or you may not do it.'),
};

const SESSION: Operation = {
  operationId: 'session',
  summary: 'Who asks, and what he may do',
  parameters: [],
  responses: { 200: found(sessionSchema), 401: REFUSED[401] },
};

const SHARES: Operation = {
  operationId: 'shares',
  summary: 'Makes a link for people who do not log in',
  parameters: [],
  requestBody: { required: true, content: jsonOf(shareAskedSchema) },
  responses: { 201: found(shareSchema), ...REFUSED },
};

function operation({ path, summary, params, gives }: Question): Operation {
  return {
    ...{ operationId: path, summary, parameters: parametersOf(params) },
    responses: {
      200: { description: 'The answer.', content: contentOf(gives) },
      ...REFUSED,
      503: failed('The store cannot be read now.'),
    },
  };
}

function failed(description: string): Json {
  return { description, content: jsonOf(problem) };
}

function found(schema: z.ZodType): Json {
  return { description: 'The answer.', content: jsonOf(schema) };
}

function jsonOf(schema: z.ZodType): Json {
  return { 'application/json': { schema: { $ref: reference(idOf(schema)) } } };
}

function contentOf(gives: Question['gives']): Json {
  if (gives instanceof z.ZodType) return jsonOf(gives);
  return Object.fromEntries(gives.map((type) => [type, { schema: { type: 'string' } }]));
}

function parametersOf(params: z.ZodType): Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(params, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', ...schema } = typeof property === 'object' ? property : {};
    return { name, in: 'query', required: required.includes(name), description, schema };
  });
}

function schemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(FORMS, { uri: reference, io: 'output' });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema as Json]),
  );
}

function idOf(schema: z.ZodType): string {
  const id = FORMS.get(schema)?.id;
  if (id === undefined) throw new TypeError('an answer has a form without a name');
  return id;
}
