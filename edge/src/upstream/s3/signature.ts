import { createHash, createHmac } from 'node:crypto';

/** What a request is signed with. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface RequestToSign {
  readonly method: 'GET' | 'HEAD';
  /** With its port, unless that is the scheme's own. */
  readonly host: string;
  /** As sent: see {@link encodeKey}. */
  readonly path: string;
  /** Since the epoch. */
  readonly nowMs: number;
}

const EMPTY_SHA256 = createHash('sha256').digest('hex');

/**
 * Signs requests without body or query for S3: AWS Signature Version 4, in header fields. The key is derived once a
 * day and pair of credentials; a request costs one hash and one HMAC. Only what must be signed is: the host and
 * what begins with `x-amz-`.
 */
export class S3Signer {
  readonly #region: string;
  #derived: { readonly secret: string; readonly day: string; readonly key: Buffer } | undefined;

  constructor({ region }: { readonly region: string }) {
    this.#region = region;
  }

  /** The fields to send along, name, value, name, value. */
  sign({ method, host, path, nowMs }: RequestToSign, credentials: SigningCredentials): string[] {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const time = new Date(nowMs).toISOString().replace(/-|:|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const scope = `${day}/${this.#region}/s3/aws4_request`;
    const token = sessionToken === undefined ? '' : `x-amz-security-token:${sessionToken}\n`;
    const signed = `host;x-amz-content-sha256;x-amz-date${token === '' ? '' : ';x-amz-security-token'}`;
    const canonical =
      `${method}\n${path}\n\nhost:${host}\nx-amz-content-sha256:${EMPTY_SHA256}\nx-amz-date:${time}\n${token}\n` +
      `${signed}\n${EMPTY_SHA256}`;
    const hash = createHash('sha256').update(canonical).digest('hex');
    const signature = createHmac('sha256', this.#key(secretAccessKey, day))
      .update(`AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash}`)
      .digest('hex');
    return [
      ...['X-Amz-Content-Sha256', EMPTY_SHA256, 'X-Amz-Date', time],
      ...(sessionToken === undefined ? [] : ['X-Amz-Security-Token', sessionToken]),
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
    ];
  }

  #key(secret: string, day: string): Buffer {
    if (this.#derived?.secret === secret && this.#derived.day === day) return this.#derived.key;
    const key = [day, this.#region, 's3', 'aws4_request'].reduce(
      (by, what) => createHmac('sha256', by).update(what).digest(),
      Buffer.from(`AWS4${secret}`),
    );
    this.#derived = { secret, day, key };
    return key;
  }
}

/** A key as it stands in a path: all but RFC 3986's unreserved characters escaped, slashes kept. S3 wants no more. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/');
}
