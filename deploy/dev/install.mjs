import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { run } from './processes.mjs';
import { step } from './step.mjs';

async function modifiedMs(path) {
  return await stat(join(ROOT, path)).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

/** npm writes its copy of the lock file last, so an install that broke off counts as none. */
export async function installed() {
  const lock = await modifiedMs('package-lock.json');
  const copy = await modifiedMs('node_modules/.package-lock.json');
  return lock !== undefined && copy !== undefined && copy >= lock;
}

/** Installs the npm packages of package-lock.json where they are missing or older than it. */
export async function install() {
  if (await installed()) return;
  await step('Installing npm packages (a minute or two the first time)', () =>
    // `npm ci` refuses a lock file that leaves out packages of other platforms, as this one does (decision 0051);
    // `install --no-save` takes the versions of the lock file too and writes nothing back. No package needs its
    // install script; without them nothing foreign runs before the tests do.
    run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      output: 'collect',
      env: { npm_config_update_notifier: 'false' },
      hint:
        'npm could not install the packages. Check that this machine reaches the npm registry\n' +
        '(npm config get registry; npm ping), then run the same command again.',
    }),
  );
}
