// The little that tests here need of Node. Its own types would let the protocol itself reach for files and sockets.
declare module 'node:crypto' {
  interface Hash {
    update(bytes: Uint8Array): Hash;
    digest(): Uint8Array;
  }
  export function createHash(algorithm: 'sha256'): Hash;
  export const webcrypto: {
    readonly subtle: { digest(algorithm: 'SHA-256', bytes: Uint8Array): Promise<ArrayBuffer> };
  };
}
