import type { IceServer } from '@eddy/protocol';

/**
 * How bytes get to another viewer. Implementations: `memory-transport` (tests, simulator) and
 * `simple-peer-transport` (WebRTC). Both pass `transport-contract`.
 */
export interface PeerTransport {
  /** Whether this device can open channels at all. */
  readonly supported: boolean;
  /** Messages' bytes that went through a TURN relay, both ways. Absent: never any. */
  readonly relayedBytes?: number;
  connect(options: ConnectOptions, events: ConnectionEvents): PeerConnection;
}

export interface ConnectOptions {
  /** The side that offers speaks first; the other waits for its signal. */
  readonly offer: boolean;
  readonly iceServers: readonly IceServer[];
}

/** None of them is called before `connect` has returned. */
export interface ConnectionEvents {
  /** Something to carry to the other side's `signal`. JSON, at most `MAX_SIGNAL_PAYLOAD_BYTES`. */
  onSignal(payload: string): void;
  onOpen(): void;
  /** One whole message. The bytes are the receiver's to keep. */
  onMessage(message: Uint8Array): void;
  /** After `send` said false: there is room again. */
  onDrain(): void;
  /** Once, whoever closed it and however; nothing follows. */
  onClose(reason: string): void;
}

/** One connection with one ordered, reliable channel. */
export interface PeerConnection {
  /** Takes what the other side's `onSignal` gave. Bad payloads close the connection, they do not throw. */
  signal(payload: string): void;
  /**
   * Queues one message of at most `MAX_FRAME_BYTES`. False: it was queued, but stop until `onDrain`.
   * Before `onOpen` and after `onClose` the message is dropped and the answer is false.
   */
  send(message: Uint8Array<ArrayBuffer>): boolean;
  /** Bytes handed to `send` that have not left yet. */
  readonly bufferedBytes: number;
  close(): void;
}
