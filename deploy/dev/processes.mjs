import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './paths.mjs';
import { descendantsOf, killLeftOvers } from './process-tree.mjs';
import { Trouble } from './step.mjs';

/** How long a process may take to end when asked, before it is killed. */
const STOP_MS = 10_000;
const TAIL_CHARS = 8_000;

const running = new Set();
const undo = new Set();
let interrupted = false;

class Interrupted extends Error {
  name = 'Interrupted';
}

/**
 * Starts a program in the repository's root.
 * `output`: 'inherit' shows what it writes, 'collect' keeps the end of it for `tail()`, 'both' does both.
 * `apart`: in a process group of its own, out of reach of the terminal's Ctrl-C.
 * `ended` settles with { code, signal, error } and never rejects.
 */
export function start(command, args, { output = 'inherit', env = {}, name = command, apart = false } = {}) {
  if (interrupted) throw new Interrupted();
  const stdio = output === 'inherit' ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { cwd: ROOT, stdio, env: { ...process.env, ...env }, detached: apart });
  let tail = '';
  for (const [stream, out] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    stream?.setEncoding('utf8').on('data', (text) => {
      tail = (tail + text).slice(-TAIL_CHARS);
      if (output === 'both') out.write(text);
    });
  }
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const handle = { name, child, ended, tail: () => tail.trim() };
  running.add(handle);
  void ended.then(() => running.delete(handle));
  return handle;
}

/** Ends a process, and what it left behind, by their ids. */
export async function stop({ child, ended }) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const below = await descendantsOf(child.pid);
  child.kill('SIGTERM');
  const patience = new AbortController();
  const late = sleep(STOP_MS, true, { signal: patience.signal }).catch(() => false);
  if (await Promise.race([ended.then(() => false), late])) child.kill('SIGKILL');
  patience.abort();
  await ended;
  await killLeftOvers(below);
}

/** Runs a program to its end. Throws Trouble unless it ends with 0 (or `codes` allows another). */
export async function run(command, args, { hint = '', codes = [0], ...options } = {}) {
  const handle = start(command, args, options);
  const { code, signal, error } = await handle.ended;
  if (interrupted) throw new Interrupted();
  if (codes.includes(code)) return { code, tail: handle.tail() };
  const why = error ? error.message : signal ? `ended by ${signal}` : `ended with code ${code}`;
  throw new Trouble([`${command} ${args.join(' ')}: ${why}`, handle.tail(), hint].filter(Boolean).join('\n'));
}

/** Registers what must be undone even when the person interrupts; the function returned undoes it now. */
export function atEnd(action) {
  undo.add(action);
  return async () => {
    if (undo.delete(action)) await action();
  };
}

/** Stops everything that runs and undoes everything registered. */
export async function stopEverything() {
  await Promise.all([...running].map(stop));
  for (const action of [...undo].reverse()) {
    undo.delete(action);
    await action();
  }
}

/** From here on Ctrl-C and SIGTERM end what was started; `run` and `start` then throw. */
export function endOnSignals(onSignal = () => {}) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (interrupted) return;
      interrupted = true;
      onSignal(signal);
      void stopEverything();
    });
  }
}
