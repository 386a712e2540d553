import { describe, expect, it } from 'vitest';
import { MemoryAdmission } from './memory-admission.js';

const MIB = 1024 * 1024;

describe('a place in memory', () => {
  it('is earned by the third read', () => {
    const admission = new MemoryAdmission({ memoryBytes: 64 * MIB });
    expect([1, 2, 3, 4].map(() => admission.read('/1', MIB))).toEqual([false, false, true, false]);
  });

  it('is not earned by reads far apart, however often', () => {
    const admission = new MemoryAdmission({ memoryBytes: 4 * MIB });
    for (let pass = 0; pass < 10; pass++) {
      for (let index = 0; index < 9; index++) expect(admission.read(`/${index}`, MIB)).toBe(false);
    }
  });

  it('is found by what is hot amid a library that is read evenly', () => {
    const admission = new MemoryAdmission({ memoryBytes: 8 * MIB });
    const admitted: string[] = [];
    const read = (key: string) => void (admission.read(key, MIB) && admitted.push(key));
    for (let index = 0; index < 60; index++) {
      if (index % 4 === 0) read('/hot');
      read(`/cold/${index % 40}`);
    }
    expect(new Set(admitted)).toEqual(new Set(['/hot']));
  });
});
