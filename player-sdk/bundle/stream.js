/** As much of Node's emitter as simple-peer and the transport over it use. */
class Emitter {
  #listeners = new Map();

  on(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return this;
  }

  once(name, listener) {
    const once = (...values) => {
      this.removeListener(name, once);
      listener.apply(this, values);
    };
    once.listener = listener;
    return this.on(name, once);
  }

  removeListener(name, listener) {
    const left = this.#listeners.get(name)?.filter((one) => one !== listener && one.listener !== listener);
    this.#listeners.set(name, left ?? []);
    return this;
  }

  emit(name, ...values) {
    const listeners = this.#listeners.get(name) ?? [];
    for (const listener of listeners) listener.apply(this, values);
    return listeners.length > 0;
  }
}

/**
 * As much of Node's streams as simple-peer needs when it is used by `send` and 'data': nothing is buffered here,
 * a data channel does that itself. The whole of readable-stream would be a third of the bundle.
 */
export class Duplex extends Emitter {
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
