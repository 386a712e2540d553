import { describe, expect, it } from 'vitest';
import { conformanceTable, withTable } from './table.js';

describe('the table of what passed', () => {
  it('says passed, with the share where it was looked at, failed, and what was not asked', () => {
    const results = [
      { step: 'plays', failure: undefined, offload: 0.954 },
      { step: 'seeks', failure: undefined, offload: undefined },
      { step: 'live', failure: 'stood still', offload: undefined },
    ] as const;
    const lines = conformanceTable([{ title: 'A', browser: 'B', results }]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('| A | B | passed (95%) | passed | - | - | FAILED | - | - |');
  });

  it('stands where its place is marked, and nowhere else', () => {
    const readme =
      'a\n<!-- conformance: written by `npm run conformance` -->\nold\n<!-- /conformance -->\nb\n';
    const once = withTable(readme, 'new');
    expect(once).not.toContain('old');
    expect(withTable(once, 'new')).toBe(once);
    expect(once.startsWith('a\n<!--') && once.endsWith('-->\nb\n')).toBe(true);
    expect(() => withTable('a', 'new')).toThrow(/no place/);
  });
});
