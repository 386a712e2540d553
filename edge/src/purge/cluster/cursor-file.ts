import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

/** How far an edge has carried out a log of purges. */
export interface Cursor {
  /** Of the log. */
  readonly epoch: string;
  readonly sequence: number;
}

/** Where the cursor outlasts a restart. */
export interface CursorStore {
  /** Undefined: there is none, or none that can be read. */
  load(): Promise<Cursor | undefined>;
  save(cursor: Cursor): Promise<void>;
}

const cursorSchema = z.object({ epoch: z.string().min(1), sequence: z.number().int().nonnegative() });

/** A file that is replaced as a whole, and there after a power cut as it was before or after. */
export function cursorFile(file: string): CursorStore {
  return {
    async load() {
      try {
        const parsed = cursorSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
        return parsed.success ? parsed.data : undefined;
      } catch {
        return undefined;
      }
    },
    async save(cursor) {
      await mkdir(dirname(file), { recursive: true });
      const fresh = `${file}.new`;
      const handle = await open(fresh, 'w');
      try {
        await handle.writeFile(`${JSON.stringify(cursor)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(fresh, file);
    },
  };
}
