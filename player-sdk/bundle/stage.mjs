// node bundle/stage.mjs [--update]: writes dist/package, which is what is published. Run `npm run build` before.
// The workspace itself is private: its exports speak of sources, and of packages that are not published.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const SDK = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(SDK, 'dist', 'package');

/** Entries of the package: what is imported, and the compiled declarations it is described by. */
const ENTRIES = [
  { path: '.', name: 'eddy', declarations: 'dist/index.d.ts' },
  { path: './overlay', name: 'overlay', declarations: 'dist/overlay/index.d.ts' },
  { path: './shaka', name: 'shaka', declarations: 'dist/shaka/index.d.ts' },
  { path: './video.js', name: 'video-js', declarations: 'dist/video-js/index.d.ts' },
];
const SCRIPTS = [
  'eddy.global.js',
  ...['overlay', 'shaka', 'video-js'].map((name) => `eddy-${name}.global.js`),
];

/** One file of declarations for an entry, with those of @eddy/protocol inside; and the report of its API. */
function describe({ name, declarations }, update) {
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(SDK, 'api', `${name}.json`),
    packageJsonFullPath: join(SDK, 'package.json'),
    configObject: {
      projectFolder: SDK,
      mainEntryPointFilePath: join(SDK, declarations),
      bundledPackages: ['@eddy/protocol'],
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            ...{ target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext', strict: true },
            ...{ lib: ['ES2023', 'DOM', 'DOM.Iterable'], types: [], skipLibCheck: true },
          },
          files: [join(SDK, declarations)],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: join(SDK, 'api'),
        reportTempFolder: join(SDK, 'dist', 'api'),
        includeForgottenExports: true,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: join(OUT, `${name}.d.ts`) },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: 'none' },
        },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  });
  const trouble = [];
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      if (message.logLevel === 'error') trouble.push(message.text);
      message.handled = true;
    },
  });
  if (trouble.length > 0) throw new Error(`${name}: ${trouble.join('\n')}`);
  if (apiReportChanged && !update) {
    throw new Error(
      `The public API is not what api/${name}.api.md says. If that is meant:\n  npm run api -w player-sdk`,
    );
  }
}

async function manifest() {
  const { name, version, description, license, type, peerDependencies, peerDependenciesMeta } = JSON.parse(
    await readFile(join(SDK, 'package.json'), 'utf8'),
  );
  const entries = ENTRIES.map(({ path, name: file }) => [
    path,
    { types: `./${file}.d.ts`, default: `./${file}.js` },
  ]);
  const scripts = SCRIPTS.map((file) => [`./${file}`, `./${file}`]);
  return {
    ...{ name, version, description, license, type },
    // A script gives the page its global; the modules do nothing until they are called.
    sideEffects: SCRIPTS.map((file) => `./${file}`),
    keywords: ['hls', 'video', 'cdn', 'webrtc', 'p2p', 'hls.js', 'shaka-player', 'video.js'],
    types: './eddy.d.ts',
    exports: Object.fromEntries([...entries, ...scripts, ['./package.json', './package.json']]),
    ...{ unpkg: './eddy.global.js', jsdelivr: './eddy.global.js' },
    ...{ peerDependencies, peerDependenciesMeta },
  };
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
await mkdir(join(SDK, 'api'), { recursive: true });
for (const entry of ENTRIES) {
  describe(entry, process.argv.includes('--update'));
  await copyFile(join(SDK, 'dist', `${entry.name}.js`), join(OUT, `${entry.name}.js`));
}
for (const file of SCRIPTS) await copyFile(join(SDK, 'dist', file), join(OUT, file));
for (const file of ['README.md', 'LICENSE']) await copyFile(join(SDK, file), join(OUT, file));
await writeFile(join(OUT, 'package.json'), `${JSON.stringify(await manifest(), undefined, 2)}\n`);
