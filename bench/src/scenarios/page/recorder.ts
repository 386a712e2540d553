/** What {@link record} leaves in the page. */
export interface Recording {
  readonly sourceBuffers: { readonly mime: string; readonly buffer: SourceBuffer }[];
  /** SHA-256, in hex, of everything handed to a source buffer, in order. */
  readonly appended: { readonly mime: string; readonly bytes: number; readonly sha256: Promise<string> }[];
  /** Times in ms (of the page's clock) at which the picture stopped although it should have moved. */
  readonly stalls: { readonly at: number; readonly position: number }[];
}

declare global {
  interface Window {
    recording: Recording;
  }
}

/** Runs in every page before anything else and watches, from below the player, what is played. */
export function record(): void {
  const recording: Recording = { sourceBuffers: [], appended: [], stalls: [] };
  window.recording = recording;

  const addSourceBuffer = MediaSource.prototype.addSourceBuffer;
  MediaSource.prototype.addSourceBuffer = function (this: MediaSource, mime: string): SourceBuffer {
    const buffer = addSourceBuffer.call(this, mime);
    recording.sourceBuffers.push({ mime, buffer });
    return buffer;
  };

  const appendBuffer = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function (this: SourceBuffer, data: BufferSource): void {
    const view = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    const copy = view.slice();
    const mime = recording.sourceBuffers.find(({ buffer }) => buffer === this)?.mime ?? '';
    const sha256 = crypto.subtle
      .digest('SHA-256', copy)
      .then((hash) =>
        Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join(''),
      );
    recording.appended.push({ mime, bytes: copy.byteLength, sha256 });
    appendBuffer.call(this, data);
  };

  let moved = false;
  document.addEventListener(
    'timeupdate',
    ({ target }) => {
      if (target instanceof HTMLVideoElement && target.currentTime > 0.2) moved = true;
    },
    true,
  );
  document.addEventListener(
    'waiting',
    ({ target }) => {
      if (!(target instanceof HTMLVideoElement) || !moved || target.ended || target.seeking) return;
      // At the very end Chromium says `waiting` just before `ended`.
      if (target.duration - target.currentTime < 0.3) return;
      recording.stalls.push({ at: performance.now(), position: target.currentTime });
    },
    true,
  );
}
