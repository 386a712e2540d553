import { Ajv2020 } from 'ajv/dist/2020.js';
import { QUESTIONS } from '../queries/questions.js';
import { openApi } from './document.js';

/** For tests: asks everything that gives JSON, in several ways, and says which answers are not as `openapi.json` has them. */
export async function checkAnswers(
  ask: (path: string) => Promise<unknown>,
  queries: readonly string[],
): Promise<{ readonly checked: number; readonly problems: readonly string[] }> {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(JSON.parse(JSON.stringify(openApi(QUESTIONS))), 'api');
  const { paths } = openApi(QUESTIONS);
  const problems: string[] = [];
  let checked = 0;
  for (const [path, { get }] of Object.entries(paths)) {
    const form = referenceIn(get?.responses[200]);
    if (get === undefined || form === undefined) continue;
    const check = ajv.compile({ $ref: `api${form}` });
    const taken = new Set(get.parameters.map(({ name }) => name));
    for (const query of queries.filter((one) => one === '' || taken.has(one.split('=')[0] ?? ''))) {
      checked++;
      if (!check(await ask(`${path}?${query}`))) {
        problems.push(`${path}?${query}: ${ajv.errorsText(check.errors)}`);
      }
    }
  }
  return { checked, problems };
}

/** Of the JSON that a response has, if it has any. */
function referenceIn(response: unknown): string | undefined {
  return /"application\/json":\{"schema":\{"\$ref":"([^"]+)"/.exec(JSON.stringify(response))?.[1];
}
