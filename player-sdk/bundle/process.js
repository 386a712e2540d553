// What simple-peer and readable-stream use of Node's `process`.
export const process = {
  env: {},
  version: '',
  nextTick: (run, ...args) => queueMicrotask(() => run(...args)),
};
