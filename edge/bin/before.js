const { setFlagsFromString } = require('node:v8');

// What must be said before anything is imported.

// Loading a module starts the pool, which looks once. A disk that takes its time holds a thread for each read
// (docs/decisions/0102).
process.env.UV_THREADPOOL_SIZE ??= '16';

// Milliseconds until V8 takes an edge that answers from memory for idle, and compacts its whole heap at once amid hits:
// never (docs/decisions/0115). Once the first full collection has been, it waits eight seconds whatever is said.
const FLAG = '--gc-memory-reducer-start-delay-ms';
if (!process.execArgv.some((argument) => argument.replaceAll('_', '-').startsWith(FLAG))) {
  setFlagsFromString(`${FLAG}=2000000000`);
}
