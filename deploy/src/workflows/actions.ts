/** An action that workflows may use: the commit that a version's tag names, and what it takes. */
export interface KnownAction {
  readonly version: string;
  readonly commit: string;
  readonly inputs: readonly string[];
}

const known = (version: string, commit: string, inputs: string): KnownAction => ({
  version,
  commit,
  inputs: inputs.split(' ').filter((name) => name !== ''),
});

const SUBJECT = 'subject-path subject-digest subject-name subject-checksums push-to-registry show-summary';

/** Read from the tags and `action.yml` of their repositories on 2026-11-26; a tag can be moved, a commit cannot. */
export const ACTIONS: Readonly<Record<string, KnownAction>> = {
  'actions/checkout': known(
    'v7.0.1',
    '3d3c42e5aac5ba805825da76410c181273ba90b1',
    'repository ref token persist-credentials path clean fetch-depth fetch-tags lfs submodules',
  ),
  'actions/setup-node': known(
    'v7.0.0',
    '820762786026740c76f36085b0efc47a31fe5020',
    'node-version node-version-file architecture check-latest registry-url cache package-manager-cache',
  ),
  'actions/upload-artifact': known(
    'v7.0.0',
    'bbbca2ddaa5d8feaa63e36b76fdaad77386f024f',
    'name path if-no-files-found retention-days compression-level overwrite include-hidden-files',
  ),
  'actions/download-artifact': known(
    'v8.0.1',
    '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c',
    'name artifact-ids path pattern merge-multiple github-token repository run-id',
  ),
  'actions/attest-build-provenance': known('v4.1.0', 'a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32', SUBJECT),
  'actions/attest-sbom': known('v4.1.0', 'c604332985a26aa8cf1bdc465b92731239ec6b9e', `${SUBJECT} sbom-path`),
  'anchore/sbom-action': known(
    'v0.24.0',
    'e22c389904149dbc22b58101806040fa8d37a610',
    'path file image registry-username registry-password format artifact-name output-file upload-artifact',
  ),
  'docker/login-action': known(
    'v4.1.0',
    '4907a6ddec9925e35a0a9e82d7399ccc52663121',
    'registry username password logout',
  ),
  'docker/setup-buildx-action': known(
    'v4.3.0',
    '37fe631027851001ddb9b187196cc803df7f5f0e',
    'version driver driver-opts platforms',
  ),
  'docker/setup-qemu-action': known('v4.2.0', '96fe6ef7f33517b61c61be40b68a1882f3264fb8', 'image platforms'),
  'sigstore/cosign-installer': known(
    'v4.1.2',
    '6f9f17788090df1f26f669e9d70d6ae9567deba6',
    'cosign-release install-dir use-sudo',
  ),
};
