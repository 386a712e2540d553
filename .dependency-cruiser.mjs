// Arrows point one way: bench, deploy -> edge, origin, player-sdk -> protocol. Run by deploy/dev/layers.mjs,
// which also fails when it saw no files.
const PROTOCOL = '^player-sdk/protocol/';
const SDK = '^player-sdk/(?!protocol/)';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    forbid('no-cycles', 'A cycle has no first room to read.', {}, { circular: true }),
    forbid('resolvable', 'An import that is not found is not checked either.', {}, { couldNotResolve: true }),
    forbid(
      'protocol-imports-nothing',
      'The words all parts speak depend on nobody.',
      { path: PROTOCOL, pathNot: '\\.test\\.ts$' },
      { pathNot: PROTOCOL },
    ),
    forbid(
      'edge-alone',
      'edge, origin and player-sdk meet only in the protocol.',
      { path: '^edge/' },
      { path: [SDK, '^origin/', '^bench/', '^deploy/'] },
    ),
    forbid(
      'origin-alone',
      'edge, origin and player-sdk meet only in the protocol.',
      { path: '^origin/' },
      { path: [SDK, '^edge/', '^bench/', '^deploy/'] },
    ),
    forbid(
      'player-sdk-alone',
      'edge, origin and player-sdk meet only in the protocol.',
      { path: SDK },
      { path: ['^edge/', '^origin/', '^bench/', '^deploy/'] },
    ),
    forbid(
      'bench-and-deploy-apart',
      'bench and deploy stand side by side on top.',
      { path: '^(bench|deploy)/' },
      { path: '^(bench|deploy)/', pathNot: '^$1/' },
    ),
    forbid(
      'mp4box-in-the-segmenter',
      'One place knows the quirks of mp4box.',
      { path: '^origin/', pathNot: '^origin/src/package/(segmenter|parse-[^/]+)\\.ts$' },
      { path: 'node_modules/mp4box/' },
    ),
    forbid(
      'mp4box-in-the-origin',
      'One place knows the quirks of mp4box.',
      { pathNot: '^origin/' },
      { path: 'node_modules/mp4box/' },
    ),
    forbid(
      'simple-peer-in-its-transport',
      'Everything else speaks to the transport interface.',
      { pathNot: '/simple-peer-transport[^/]*\\.ts$' },
      { path: 'node_modules/(@types/)?simple-peer/' },
    ),
    forbid(
      'no-tests-in-code',
      'What ships does not depend on what tests it.',
      { pathNot: '(\\.test\\.ts$|\\.scenario\\.ts$|/testing/|-contract\\.ts$|/test-[^/]+\\.ts$|/fixtures/)' },
      { path: '(\\.test\\.ts$|\\.scenario\\.ts$|node_modules/(vitest|fast-check)/)' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // Workspaces are seen through the sources that their packages name.
      conditionNames: ['eddy-source', 'types', 'node', 'import', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
