import { Trouble } from './step.mjs';

const FLOOR = [20, 19];

/** Throws where Node is too old for what is installed next. */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > FLOOR[0] || (major === FLOOR[0] && minor >= FLOOR[1])) return;
  throw new Trouble(
    `Eddy needs Node ${FLOOR.join('.')} or newer; this is ${version} (${process.execPath}).\n` +
      'Install a current LTS release, from https://nodejs.org or your package manager, and try again.',
  );
}
