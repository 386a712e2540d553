import { describe, expect, it } from 'vitest';
import { UploadPool } from './upload-pool.js';

/** An upload that ends when told to. */
function barrier(): {
  upload: () => Promise<void>;
  begun: () => boolean;
  end: () => void;
  fail: (error: Error) => void;
} {
  let begun = false;
  let end: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const upload = (): Promise<void> => {
    begun = true;
    return done;
  };
  return { upload, begun: () => begun, end: () => end(), fail: (error) => fail(error) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('UploadPool', () => {
  it('holds back the next one at the limit of uploads', async () => {
    const pool = new UploadPool({ uploads: 2, bytes: 1000 });
    const [a, b, c] = [barrier(), barrier(), barrier()];
    await pool.add(1, a.upload);
    await pool.add(1, b.upload);
    const third = pool.add(1, c.upload);
    await settle();
    expect(c.begun()).toBe(false);
    a.end();
    await third;
    expect(c.begun()).toBe(true);
    b.end();
    c.end();
    await pool.finish();
  });

  it('holds back the next one at the limit of bytes, and lets a larger one go alone', async () => {
    const pool = new UploadPool({ uploads: 9, bytes: 10 });
    const [a, b] = [barrier(), barrier()];
    await pool.add(6, a.upload);
    const second = pool.add(50, b.upload);
    await settle();
    expect(b.begun()).toBe(false);
    a.end();
    await second;
    expect(b.begun()).toBe(true);
    b.end();
    await pool.finish();
  });

  it('gives the first failure to whoever adds or finishes next', async () => {
    const pool = new UploadPool({ uploads: 1, bytes: 10 });
    const a = barrier();
    await pool.add(1, a.upload);
    a.fail(new Error('full'));
    await pool.settle();
    await expect(pool.add(1, () => Promise.resolve())).rejects.toThrow('full');
    await expect(pool.finish()).rejects.toThrow('full');
  });
});
