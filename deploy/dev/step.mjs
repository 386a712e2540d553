/** Something the person at the keyboard can mend: the message says what is wrong and what to do. */
export class Trouble extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'Trouble';
  }
}

const started = performance.now();

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Says what is being done, does it, and says how long it took. `work` may return a word of its own for the
 * outcome, such as "up to date".
 */
export async function step(title, work) {
  say(`- ${title} …`);
  const since = performance.now();
  const outcome = await work();
  say(`  ${typeof outcome === 'string' ? outcome : 'done'} (${seconds(since)})`);
}

/** Like `step`, but a failure is told and returned instead of thrown. */
export async function check(title, work) {
  try {
    await step(title, work);
    return [];
  } catch (error) {
    if (error?.name === 'Interrupted') throw error;
    say(`  FAILED: ${error instanceof Trouble ? error.message : (error?.stack ?? error)}`);
    return [title];
  }
}

/** Runs a script's main function; trouble ends it with its message alone, anything else with a stack. */
export async function script(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (error?.name === 'Interrupted') {
      say(`\nStopped after ${seconds(started)}.`);
      process.exitCode = 130;
      return;
    }
    process.stderr.write(`\n${error instanceof Trouble ? error.message : (error?.stack ?? error)}\n`);
    process.exitCode = 1;
  }
}
