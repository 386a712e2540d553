import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig, type UserConfig } from 'tsdown';

const uplotCss: string = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');

/** The dashboard: one script, one style sheet, one page, served by the insight listener. */
const config: UserConfig = defineConfig({
  entry: { dashboard: 'dashboard/src/main.ts' },
  outDir: 'dist/dashboard',
  tsconfig: 'dashboard/tsconfig.json',
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  dts: false,
  deps: { alwaysBundle: ['uplot'], onlyBundle: ['uplot'] },
  outExtensions: () => ({ js: '.js' }),
  copy: ['dashboard/index.html'],
  async onSuccess() {
    const [charts, page] = await Promise.all([
      readFile(uplotCss, 'utf8'),
      readFile('dashboard/dashboard.css', 'utf8'),
    ]);
    await writeFile('dist/dashboard/dashboard.css', `${charts}\n${page}`);
  },
});

export default config;
