import { decodeFrame, encodeFrame, type PeerFrame } from '@eddy/protocol';

/** How frames become messages of a channel. A simulation may carry them as they are. */
export interface FrameCodec {
  /** @throws ProtocolError when a field is over its limit. */
  encode(frame: PeerFrame): Uint8Array<ArrayBuffer>;
  /** @throws ProtocolError on anything but one well-formed frame. */
  decode(message: Uint8Array): PeerFrame;
}

/** The wire's own. */
export const wireCodec: FrameCodec = { encode: encodeFrame, decode: decodeFrame };
