// The package, not the module of the same name that Node has.
import { EventEmitter } from 'events/events.js';

/**
 * As much of Node's streams as simple-peer needs when it is used by `send` and 'data': nothing is buffered here,
 * a data channel does that itself. The whole of readable-stream would be a third of the bundle.
 */
export class Duplex extends EventEmitter {
  readable = true;
  writable = true;
  destroyed = false;
  _readableState = { ended: false };
  _writableState = { finished: false };

  push(chunk) {
    if (chunk === null) this._readableState.ended = true;
    else this.emit('data', chunk);
    return true;
  }

  end() {
    this._writableState.finished = true;
  }
}
