import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { defineConfig, type UserConfig } from 'tsdown';

const gzipped = promisify(gzip);
const shim = (name: string): string => fileURLToPath(new URL(`bundle/${name}`, import.meta.url));

/** What simple-peer can do with sound and picture: here it carries messages alone. And nobody asks it for addresses. */
const UNUSED_METHODS =
  'addTransceiver|addStream|addTrack|replaceTrack|removeTrack|removeStream|_onTrack|address';

/**
 * Takes these methods out of simple-peer, the reading of both sides' addresses, other people's servers (those of the site
 * are always given), and what it would say of every step to a `debug` that is not there.
 */
const messagesOnly: NonNullable<UserConfig['plugins']> = {
  name: 'eddy-messages-only',
  transform: (code: string, id: string) =>
    /simple-peer.index\.js$/.test(id)
      ? code
          .replaceAll(new RegExp(`^  (${UNUSED_METHODS}) \\([^{]*\\) \\{$.*?^  \\}$`, 'gms'), '  $1 () {}')
          .replaceAll(/'stun:[^']+',?/g, '')
          .replace(/(foundSelectedCandidatePair = true\n).*?^ {8}\}$/ms, '$1}')
          .replaceAll(/\b(?:this|self)\._debug\((?:[^()]|\([^()]*\))*\)/g, 'void 0')
      : undefined,
};

/**
 * simple-peer was written for Node's streams and buffers. It is used here by `send` and 'data' alone, for which the
 * small ones in `bundle/` do: 32 KB gzip in all instead of 51.
 */
const browser: UserConfig = {
  outDir: 'dist',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  dts: false,
  clean: false,
  report: false,
  plugins: [messagesOnly],
  define: { global: 'globalThis' },
  alias: {
    buffer: shim('buffer.js'),
    debug: shim('debug.cjs'),
    'err-code': shim('err-code.cjs'),
    'queue-microtask': shim('queue-microtask.cjs'),
    randombytes: shim('random-bytes.cjs'),
    'readable-stream': shim('stream.js'),
  },
  outExtensions: () => ({ js: '.js' }),
};

/**
 * The integrations take the SDK from `eddy.js` beside them (as a script: from `Eddy`), so that a page has it once and
 * who uses hls.js alone pays for no other player.
 */
const beside: NonNullable<UserConfig['plugins']> = {
  name: 'eddy-beside',
  resolveId: (id: string, importer: string | undefined) =>
    id === '../index.js' && importer !== undefined ? { id: './eddy.js', external: true } : undefined,
};

/** `name` is the bundle's, `globalName` what a script tag gives the page. */
function integration(name: string, entry: string, globalName: string): UserConfig[] {
  const common: UserConfig = {
    ...browser,
    plugins: [beside],
    deps: { alwaysBundle: [/@eddy/], neverBundle: ['hls.js', './eddy.js'], onlyBundle: false },
  };
  return [
    {
      ...common,
      entry: { [name]: entry },
      format: 'esm',
      onSuccess: () => reportSize(`dist/${name}.js`),
    },
    {
      ...common,
      entry: { [`eddy-${name}.global`]: entry },
      format: 'iife',
      globalName,
      outputOptions: { entryFileNames: '[name].js', globals: { './eddy.js': 'Eddy' } },
      onSuccess: () => reportSize(`dist/eddy-${name}.global.js`),
    },
  ];
}

async function reportSize(file: string): Promise<void> {
  const { length } = await gzipped(await readFile(file), { level: 9 });
  console.log(`${file}: ${(length / 1000).toFixed(1)} KB gzip`);
}

const configs: UserConfig[] = defineConfig([
  {
    ...browser,
    entry: { eddy: 'src/index.ts' },
    format: 'esm',
    deps: { alwaysBundle: [/.*/], neverBundle: ['hls.js'], onlyBundle: false },
    onSuccess: () => reportSize('dist/eddy.js'),
  },
  {
    ...browser,
    entry: { 'eddy.global': 'src/index.ts' },
    format: 'iife',
    globalName: 'Eddy',
    outputOptions: { entryFileNames: '[name].js' },
    deps: { alwaysBundle: [/.*/], neverBundle: ['hls.js'], onlyBundle: false },
    onSuccess: () => reportSize('dist/eddy.global.js'),
  },
  ...integration('overlay', 'src/overlay/index.ts', 'EddyOverlay'),
  ...integration('shaka', 'src/shaka/index.ts', 'EddyShaka'),
  ...integration('video-js', 'src/video-js/index.ts', 'EddyVideoJs'),
  {
    ...browser,
    entry: { demo: 'demo/src/main.ts', 'side-by-side': 'demo/src/side-by-side/main.ts' },
    outDir: 'dist/demo',
    tsconfig: 'demo/tsconfig.json',
    format: 'esm',
    deps: { alwaysBundle: [/.*/], onlyBundle: false },
    inputOptions: {
      resolve: { conditionNames: ['eddy-source', 'browser', 'import', 'default'] },
    },
    copy: ['index.html', 'side-by-side.html', 'demo.css', 'side-by-side.css', 'icon.svg'].map(
      (file) => `demo/${file}`,
    ),
  },
]);

export default configs;
