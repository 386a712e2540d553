import type { Socket } from 'node:net';

/** What an accepted socket has where it was made with the public option `onread` of `net.Socket`. */
interface Internals {
  readonly handle: object;
  readonly use: (buffer: Uint8Array) => void;
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** As much as the system gives at once to a read of Node's own. */
const BUFFER_BYTES = 64 * 1024;
/** Of this thread: what is read is dealt with before anything else is. */
let shared: Buffer | undefined;

/**
 * Lets all that a socket reads come to `onRead` in one buffer that all such sockets of the thread share, where Node
 * would allocate 64 KiB for each read. The bytes are the reader's until it returns; what it does not want it pushes
 * into the socket, as a copy, and returns what that returned. False: this Node cannot do it, and nothing has changed.
 *
 * `net.Socket` has an option for this (`onread`), `net.Server` none for those that it accepts; so it is set here in
 * the places where the option would have put it, if all of them are there.
 */
export function readStatically(socket: Socket, onRead: (chunk: Buffer) => boolean): boolean {
  const internals = internalsOf(socket);
  if (internals === undefined) return false;
  const buffer = shared ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  shared = buffer;
  Reflect.set(socket, internals.buffer, buffer);
  Reflect.set(socket, internals.callback, (length: number): boolean => onRead(buffer.subarray(0, length)));
  Reflect.apply(internals.use, internals.handle, [buffer]);
  return true;
}

/** In the order in which Node's constructor sets them; the same symbols on every socket. */
const NAMES: readonly string[] = ['kBuffer', 'kBufferCb', 'kBufferGen'];
let symbols: readonly symbol[] | undefined;

function internalsOf(socket: Socket): Internals | undefined {
  // TLS reads what it has decrypted, which is not 64 KiB.
  if ('encrypted' in socket) return undefined;
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const use: unknown = Reflect.get(handle, 'useUserBuffer');
  if (typeof use !== 'function') return undefined;
  symbols ??= Object.getOwnPropertySymbols(socket).filter(({ description = '' }) =>
    NAMES.includes(description),
  );
  const [buffer, callback, generator] = symbols;
  if (buffer === undefined || callback === undefined || generator === undefined) return undefined;
  // The option would have set them.
  if (symbols.some((symbol) => Reflect.get(socket, symbol) !== null)) return undefined;
  return { handle, use: use as Internals['use'], buffer, callback };
}
