import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const BUDGET_GZIP_BYTES = 40_000;
const module = fileURLToPath(new URL('../dist/eddy.js', import.meta.url));
const script = fileURLToPath(new URL('../dist/eddy.global.js', import.meta.url));
const NAMES = ['EddyOptionsError', 'attachEddy', 'isSupported'];

/** What an integration costs beside `eddy.js`. The overlay needs nothing but a session that is given. */
const INTEGRATIONS = [
  { file: 'overlay', script: 'EddyOverlay', names: ['attachOverlay'], budgetGzipBytes: 5_000 },
  { file: 'shaka', script: 'EddyShaka', names: ['attachEddyToShaka'], budgetGzipBytes: 5_000 },
  {
    file: 'video-js',
    script: 'EddyVideoJs',
    names: ['eddyOf', 'registerEddyInVideoJs'],
    budgetGzipBytes: 2_000,
  },
];
const fileOf = (name: string): string => fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));

const built = existsSync(module) && existsSync(script);
const skipped = !built && process.env.CI !== 'true';

describe.skipIf(skipped)(skipped ? 'bundles (skipped: run `npm run build` first)' : 'bundles', () => {
  it.each([module, script])('%s keeps its budget', (file) => {
    expect(gzipSync(readFileSync(file), { level: 9 }).length).toBeLessThan(BUDGET_GZIP_BYTES);
  });

  it('the module can be imported on a server, and brings no hls.js', async () => {
    const eddy = await import(module);
    expect(Object.keys(eddy).sort()).toEqual(NAMES);
    expect(eddy.isSupported()).toBe(false);
    expect(readFileSync(module, 'utf8')).not.toMatch(/from\s*["'`]hls\.js/);
  });

  it('the module needs nothing of a browser to be imported and asked, not even what Node has of one', async () => {
    const code = `
      for (const name of ['navigator', 'crypto', 'performance', 'fetch', 'EventTarget', 'Event', 'WebSocket',
        'localStorage', 'AbortController', 'TextEncoder', 'TextDecoder', 'URL', 'setTimeout', 'process', 'Buffer'])
        delete globalThis[name];
      const eddy = await import(${JSON.stringify(pathToFileURL(module).href)});
      if (eddy.isSupported() !== false) throw new Error('it says that a server is supported');
      if (typeof eddy.attachEddy !== 'function') throw new Error('it has no attachEddy');
    `;
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  });

  it('names errors of the browser too, whose code cannot be set', () => {
    const errCode = createRequire(import.meta.url)('../bundle/err-code.cjs');
    expect(errCode(new DOMException('no', 'OperationError'), 'ERR_SIGNALING')).toMatchObject({
      message: 'no',
      code: 'ERR_SIGNALING',
    });
  });

  it('the script gives the page one name', () => {
    const page: { Eddy?: object } = {};
    // A script's `var` is a global of its page.
    runInNewContext(readFileSync(script, 'utf8'), page);
    expect(Object.keys(page)).toEqual(['Eddy']);
    expect(Object.keys(page.Eddy ?? {}).sort()).toEqual(NAMES);
  });

  it.each(INTEGRATIONS)(
    '$file keeps its budget, and takes from beside it what it needs of the SDK',
    async (integration) => {
      const { file, script: global, names, budgetGzipBytes } = integration;
      for (const bundle of [file, `eddy-${file}.global`])
        expect(gzipSync(readFileSync(fileOf(bundle)), { level: 9 }).length).toBeLessThan(budgetGzipBytes);
      const imports = [...readFileSync(fileOf(file), 'utf8').matchAll(/from\s*["'`]([^"'`]+)/g)];
      expect(imports.every(([, name]) => name === './eddy.js')).toBe(true);
      expect(imports.length).toBe(file === 'overlay' ? 0 : 1);
      // On a server too.
      expect(Object.keys(await import(fileOf(file))).sort()).toEqual(names);
      const page: Record<string, object> = {};
      for (const tag of ['eddy.global', `eddy-${file}.global`])
        runInNewContext(readFileSync(fileOf(tag), 'utf8'), page);
      expect(Object.keys(page[global] ?? {}).sort()).toEqual(names);
    },
  );
});
