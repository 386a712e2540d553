import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cleanup } from '../process/cleanup.js';
import { launchChromium } from '../system/chromium.js';
import { mustRun } from '../system/command-line.js';
import { type EdgeProcess, startEdgeProcess } from '../system/edge-process.js';
import { makeSite, type Site } from './site.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SDK = join(ROOT, 'player-sdk');
const SAMPLE = join(ROOT, 'origin', 'sample', 'eddy-360p.mp4');
const PACKAGES = ['hls.js', 'shaka-player', 'video.js'];
const { resolve } = createRequire(import.meta.url);

/** The URL in the README, which is the page's to choose. */
const README_SOURCE = 'https://video.example.com/film/master.m3u8';

const cleanup = new Cleanup();
let site: Site;
let edge: EdgeProcess;
let browser: Browser;
let tarball: string;
let readme: string;

/** The fenced blocks of a language in the README, as they stand there. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code = '']) => code,
  );
}

function blockNaming(language: string, word: string): string {
  const found = blocks(language).find((block) => block.includes(word));
  if (found === undefined) throw new Error(`the README has no ${language} block with ${word}`);
  return found.replaceAll(README_SOURCE, '/film/master.m3u8');
}

/** The picture moves, and the edge sees the viewer in its room. */
async function plays(url: string): Promise<void> {
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'warning' && message.text().includes('Eddy')) errors.push(message.text());
  });
  await page.goto(url);
  await page.evaluate(() => {
    const video = document.querySelector('video');
    if (video === null) throw new Error('no video');
    video.muted = true;
    return video.play();
  });
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 1);
  await expect.poll(() => edge.metric('eddy_swarm_rooms'), { timeout: 20_000 }).toBe(1);
  expect(errors).toEqual([]);
  await page.close();
  await expect.poll(() => edge.metric('eddy_swarm_rooms'), { timeout: 20_000 }).toBe(0);
}

describe('the package that is published', () => {
  beforeAll(async () => {
    site = await makeSite();
    cleanup.add(site.remove);
    await site.publish('film', SAMPLE);
    const folder = await mkdtemp(join(tmpdir(), 'eddy-package-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true }));
    // Also compares the public API with the reports in player-sdk/api.
    await mustRun(process.execPath, [join(SDK, 'bundle', 'stage.mjs')]);
    const packed = await mustRun('npm', ['pack', join(SDK, 'dist', 'package'), '--silent'], { cwd: folder });
    tarball = join(folder, packed.trim());
    readme = await readFile(join(SDK, 'README.md'), 'utf8');
    edge = await startEdgeProcess({ origin: site.url });
    cleanup.add(edge.stop);
    browser = await launchChromium();
    cleanup.add(() => browser.close());
  });
  afterAll(() => cleanup.run());

  it('is found clean by publint and by "are the types wrong"', async () => {
    const commands = join(ROOT, 'node_modules', '.bin');
    const said = await mustRun(process.execPath, [join(commands, 'publint'), 'run', tarball, '--strict']);
    expect(said).toMatch(/All good/);
    await mustRun(process.execPath, [
      join(commands, 'attw'),
      tarball,
      '--profile',
      'esm-only',
      '--exclude-entrypoints',
      'eddy.global.js',
      'eddy-overlay.global.js',
      'eddy-shaka.global.js',
      'eddy-video-js.global.js',
    ]);
  });

  it('is installed into a new Vite project, where the lines of the README work as they stand', async () => {
    const project = await mkdtemp(join(tmpdir(), 'eddy-vite-'));
    cleanup.add(() => rm(project, { recursive: true, force: true }));
    const players = PACKAGES.map((name) => [name, `file:${dirname(resolve(`${name}/package.json`))}`]);
    const dependencies = { ...Object.fromEntries(players), '@eddy/player-sdk': `file:${tarball}` };
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'site', private: true, type: 'module', dependencies }),
    );
    await mustRun('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: project,
    });
    const sources = {
      'hls.ts': 'attachEddy(',
      'shaka.ts': 'attachEddyToShaka(',
      'video-js.ts': 'registerEddyInVideoJs(',
    };
    const input: string[] = [];
    for (const [file, word] of Object.entries(sources)) {
      await writeFile(join(project, file), blockNaming('ts', word));
      const page = file.replace('.ts', '.html');
      const tags = `<div><video muted playsinline></video></div><script type="module" src="/${file}"></script>`;
      await writeFile(join(project, page), `<!doctype html>${tags}`);
      input.push(page);
    }
    await writeFile(
      join(project, 'vite.config.js'),
      `export default { base: './', build: { rollupOptions: { input: ${JSON.stringify(input)} } } };`,
    );
    const compilerOptions = {
      ...{ strict: true, noEmit: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler' },
      ...{ lib: ['es2023', 'dom'], types: [], skipLibCheck: true },
    };
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: Object.keys(sources) }),
    );
    await mustRun(process.execPath, [join(ROOT, 'node_modules', '.bin', 'tsc')], { cwd: project });
    const vite = join(ROOT, 'node_modules', '.bin', 'vite');
    await mustRun(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: project });
    await cp(join(project, 'dist'), join(site.folder, 'vite'), { recursive: true });
    for (const page of input) await plays(`${edge.url}/vite/${page}`);
  });

  it('works from script tags, with the lines of the README as they stand', async () => {
    const folder = join(site.folder, 'tags');
    await mkdir(folder);
    await mustRun('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
    await cp(resolve('hls.js/dist/hls.min.js'), join(folder, 'hls.min.js'));
    await writeFile(
      join(folder, 'page.html'),
      `<!doctype html><video muted></video>${blockNaming('html', 'eddy.global.js')}`,
    );
    await plays(`${edge.url}/tags/page.html`);
  });
});
