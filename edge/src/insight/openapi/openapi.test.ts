import { validate } from '@readme/openapi-parser';
import { describe, expect, it } from 'vitest';
import { QUESTIONS } from '../queries/questions.js';
import { openApi } from './document.js';
import { reference } from './reference.js';

describe('the description of the query API', () => {
  const document = openApi(QUESTIONS);

  it('is a valid OpenAPI document', async () => {
    // It is changed while it is checked.
    const result = await validate(JSON.parse(JSON.stringify(document)));
    expect(result).toMatchObject({ valid: true, warnings: [] });
  });

  it('describes all parameters and fields', () => {
    const undescribed = Object.values(document.paths).flatMap(({ get }) =>
      (get?.parameters ?? [])
        .filter(({ description }) => description === '')
        .map(({ name }) => `${get?.operationId} ${name}`),
    );
    expect(undescribed).toEqual([]);
    expect(Object.keys(document.paths)).toContain('/edges');
  });

  it('is what docs/query-api.md says', async () => {
    const file = new URL('../../../../docs/query-api.md', import.meta.url).pathname;
    await expect(reference(document)).toMatchFileSnapshot(file);
  });
});
