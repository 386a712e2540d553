import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PutBucketCorsCommand, PutBucketLifecycleConfigurationCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watch } from './kubernetes/unread.js';
import { DEPLOY } from './paths.js';
import { parseModule, readFolder, trees } from './terraform/module.js';

let server: Server;
let client: S3Client;
let sent: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      sent.push(`${request.method} ${request.url} ${body}`);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterAll(() => {
  client.destroy();
  server.close();
});

/** What Amazon's client makes of a rule file, and which of its fields it does not know. */
async function put(what: 'lifecycle' | 'cors', rules: unknown): Promise<{ xml: string; unknown: string[] }> {
  sent = [];
  const { value, unread } = watch(rules);
  if (what === 'cors')
    await client.send(new PutBucketCorsCommand({ Bucket: 'videos', CORSConfiguration: value as never }));
  else
    await client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: 'videos',
        LifecycleConfiguration: value as never,
      }),
    );
  return { xml: sent.join('\n'), unknown: unread() };
}

const read = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(DEPLOY, 's3', name), 'utf8'));

describe('rules of a bucket', () => {
  it('of lifecycle are those that the client of S3 sends', async () => {
    const { xml, unknown } = await put('lifecycle', await read('lifecycle.json'));
    expect(unknown).toEqual([]);
    expect(xml).toMatch(/^PUT \/videos\/?\?lifecycle/);
    expect(xml).toContain('<DaysAfterInitiation>1</DaysAfterInitiation>');
    expect(xml).toMatch(/<Days>3<\/Days>.*<Prefix>published\/live\/<\/Prefix>/);
  });

  it('of CORS are those that the client of S3 sends', async () => {
    const { xml, unknown } = await put('cors', await read('cors.json'));
    expect(unknown).toEqual([]);
    expect(xml).toContain('<AllowedOrigin>https://player.example</AllowedOrigin>');
    expect(xml).toContain('<MaxAgeSeconds>86400</MaxAgeSeconds>');
  });

  it('would be caught with a misspelt field', async () => {
    const text = JSON.stringify(await read('lifecycle.json')).replace('"Days"', '"Day"');
    expect((await put('lifecycle', JSON.parse(text))).unknown).toEqual(['/Rules/1/Expiration/Day']);
  });

  it('are the same in Terraform', async () => {
    const folder = join(DEPLOY, 'terraform', 'modules', 'bucket');
    const { resources } = await parseModule(folder, await readFolder(folder));
    const days = trees(resources.get('digitalocean_spaces_bucket.videos')?.lifecycle_rule).map((rule) => [
      rule.id,
      rule.prefix ?? '',
      rule.abort_incomplete_multipart_upload_days,
      trees(rule.expiration)[0]?.days,
      trees(rule.noncurrent_version_expiration)[0]?.days,
    ]);
    const { Rules } = await read('lifecycle.json');
    expect(days).toEqual(
      (Rules as Record<string, Record<string, unknown>>[]).map((rule) => [
        rule.ID,
        rule.Filter?.Prefix,
        rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
        rule.Expiration?.Days,
        rule.NoncurrentVersionExpiration?.NoncurrentDays,
      ]),
    );
  });
});
