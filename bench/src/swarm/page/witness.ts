/** What can be held against a viewer's player. */
export interface Witnessed {
  /** SHA-256, in hex, of the frames in everything that was handed to source buffers: of each `mdat` box's content. */
  readonly media: readonly string[];
  /** What the media element said when it could not go on. Times in ms since the page began. */
  readonly mediaErrors: readonly { readonly at: number; readonly what: string }[];
  /** No picture has moved for the last seconds, and the end has not been reached. */
  readonly stands: boolean;
}

interface WitnessWindow {
  witnessed: () => Promise<Witnessed>;
}

declare global {
  /** The window of `viewer.html`. */
  var witness: WitnessWindow;
}

/** Runs in every page before anything else. Self-contained, since it is sent there as text. */
export function testify(): void {
  const STANDS_MS = 5_000;
  const HEAD_BYTES = 8;
  const hashes: Promise<string>[] = [];
  const mediaErrors: { at: number; what: string }[] = [];

  const boxesOf = (bytes: Uint8Array): Uint8Array[] => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const size = at + HEAD_BYTES <= bytes.length ? view.getUint32(at) : 0;
      // Nothing that the packager makes; as a whole it is unlike anything of the origin.
      if (size < HEAD_BYTES || at + size > bytes.length) return [bytes];
      const type = String.fromCharCode(...bytes.subarray(at + 4, at + HEAD_BYTES));
      if (type === 'mdat') found.push(bytes.subarray(at + HEAD_BYTES, at + size));
      at += size;
    }
    return found;
  };
  const hexOf = (hash: ArrayBuffer): string =>
    Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');

  const { appendBuffer } = SourceBuffer.prototype;
  SourceBuffer.prototype.appendBuffer = function (this: SourceBuffer, data: BufferSource): void {
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    // A copy is taken before the call returns: the buffer is the player's own.
    for (const box of boxesOf(bytes)) hashes.push(crypto.subtle.digest('SHA-256', box.slice()).then(hexOf));
    appendBuffer.call(this, data);
  };

  let movedAt = performance.now();
  let position = 0;
  const look = (): void => {
    const video = document.querySelector('video');
    if (video === null) return;
    if (video.currentTime !== position || video.ended) movedAt = performance.now();
    position = video.currentTime;
  };
  setInterval(look, 250);
  const onError = (event: Event): void => {
    const { target } = event;
    if (!(target instanceof HTMLMediaElement) || target.error === null) return;
    const { code, message } = target.error;
    mediaErrors.push({ at: Math.round(performance.now()), what: `${code}: ${message}` });
  };
  document.addEventListener('error', onError, true);

  globalThis.witness = {
    witnessed: async () => ({
      media: await Promise.all(hashes),
      mediaErrors,
      stands: performance.now() - movedAt > STANDS_MS,
    }),
  };
}
