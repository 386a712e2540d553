// Every browser that is built for has its own; looked for when it is called, so that a server can import this.
module.exports = (run) => queueMicrotask(run);
