import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defineConfig, type UserConfig } from 'tsdown';

const uplotCss: string = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');

/** The dashboard: a script, one that runs before anything is painted, a style sheet and a page. */
const config: UserConfig = defineConfig({
  entry: { dashboard: 'dashboard/src/main.tsx', theme: 'dashboard/src/theme.ts' },
  outDir: 'dist/dashboard',
  tsconfig: 'dashboard/tsconfig.json',
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  dts: false,
  deps: { alwaysBundle: ['uplot', /^preact/], onlyBundle: ['uplot', 'preact'] },
  outExtensions: () => ({ js: '.js' }),
  copy: ['dashboard/index.html'],
  async onSuccess() {
    const folder = 'dashboard/styles';
    const files = (await readdir(folder)).filter((file) => file.endsWith('.css')).sort();
    const sheets = [uplotCss, ...files.map((file) => `${folder}/${file}`)];
    const texts = await Promise.all(sheets.map((file) => readFile(file, 'utf8')));
    await writeFile('dist/dashboard/dashboard.css', texts.join('\n'));
  },
});

export default config;
