/** What simple-peer does with Node's buffers: it wraps what arrived. */
export const Buffer = { from: (bytes) => new Uint8Array(bytes) };
