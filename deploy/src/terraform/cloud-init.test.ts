import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfigFile } from '@eddy/edge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEPLOY } from '../paths.js';
import { parseUnit } from '../unit-file.js';
import { parseModule, readFolder, texts } from './module.js';

const FOLDER = join(DEPLOY, 'terraform', 'modules', 'edges');
const template = await readFile(join(FOLDER, 'cloud-init.yaml.tftpl'), 'utf8');
const GIVEN: Readonly<Record<string, string>> = {
  name: 'eddy-nyc-1',
  pop: 'nyc',
  image: 'ghcr.io/example/eddy:0.1.0',
  cache_memory: '8GiB',
  cache_disk: '80GiB',
  origin_url: 's3://videos/published',
  s3_endpoint: 'https://fra1.digitaloceanspaces.com',
  s3_region: 'fra1',
  access_key: 'key',
  secret_key: 'secret',
  trusted: '10.21.0.0/20',
  proxied: 'accept',
};

interface WrittenFile {
  readonly path: string;
  readonly permissions: string;
  readonly content: string;
}

/** As `templatefile` fills it in: the template uses names only, no conditions. */
const text = template.replace(/\$\{(\w+)\}/g, (_, name: string) => GIVEN[name] ?? `(no ${name})`);
const document: { write_files: WrittenFile[]; runcmd: string[][] } = parse(text);
const file = (path: string): WrittenFile | undefined => document.write_files.find((one) => one.path === path);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-cloud-init-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the first start of a Droplet', () => {
  it('is given every name that it uses, and uses every name that it is given', async () => {
    const { resources } = await parseModule(FOLDER, await readFolder(FOLDER));
    const call = texts(resources.get('digitalocean_droplet.edge')?.user_data).join();
    const passed = [...call.matchAll(/^\s+(\w+)\s+=/gm)].map(([, name]) => name).sort();
    const used = [...new Set([...template.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name))].sort();
    expect(passed).toEqual(used);
    expect(Object.keys(GIVEN).sort()).toEqual(used);
  });

  it('writes a configuration that eddy-edge takes', async () => {
    const config = join(folder, 'edge.yaml');
    await writeFile(config, file('/etc/eddy/edge.yaml')?.content ?? '');
    expect(() => checkConfigFile(config)).not.toThrow();
    await writeFile(config, (file('/etc/eddy/edge.yaml')?.content ?? '').replace('dataDir', 'datadir'));
    expect(() => checkConfigFile(config)).toThrowError(/datadir is not a setting/);
  });

  it('writes a unit that runs the image with that configuration, and keeps credentials to root', () => {
    const unit = parseUnit(file('/etc/systemd/system/eddy-edge.service')?.content ?? '');
    const start = unit.find(({ key }) => key === 'ExecStart')?.value;
    expect(start).toMatch(
      / --read-only --cap-drop ALL .* --volume \/etc\/eddy\/edge\.yaml:\/etc\/eddy\/edge\.yaml:ro /,
    );
    expect(start).toMatch(/\$EDDY_IMAGE eddy-edge --config \/etc\/eddy\/edge\.yaml$/);
    expect(file('/etc/eddy/edge.env')).toMatchObject({ permissions: '0600' });
    expect(document.runcmd.at(-1)).toContain('eddy-edge.service');
  });
});
