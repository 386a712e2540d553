import type { FrameCodec } from '@eddy/player-sdk/internal';
import { HASH_BYTES, type PeerFrame } from '@eddy/protocol';

const NO_BYTES = new ArrayBuffer(0);
/** Of a frame beside its payload, with what SCTP, DTLS, UDP and IP put around it in 1,200-byte packets. */
const HEAD_BYTES = 80;
const PACKET_OVERHEAD = 1.06;

/** A frame on its way that was never turned into bytes. */
export class FrameMessage extends Uint8Array<ArrayBuffer> {
  readonly frame: PeerFrame;

  constructor(frame: PeerFrame) {
    super(NO_BYTES);
    this.frame = frame;
  }
}

/** What the frame takes on the wire. */
export function wireBytes(frame: PeerFrame): number {
  switch (frame.type) {
    case 'chunk':
      return HEAD_BYTES + frame.payload.length * PACKET_OVERHEAD;
    case 'leaves':
      return HEAD_BYTES + frame.leaves.length * HASH_BYTES;
    default:
      return HEAD_BYTES;
  }
}

/** Carries frames as they are: a thousand viewers would spend their time copying chunks. */
export const frameCodec: FrameCodec = {
  encode: (frame) => new FrameMessage(frame),
  decode: (message) => {
    if (message instanceof FrameMessage) return message.frame;
    throw new TypeError('a message that is no frame of this simulation');
  },
};
