/** Turns of the loop in which bytes on loopback would have moved on, were anybody to take them. */
const QUIET_TURNS = 200;

/** Resolves when a count has stopped growing: everything between those who send and those who do not read is full. */
export async function standsStill(count: () => number): Promise<void> {
  let before = count();
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (count() !== before) quiet = 0;
    before = count();
  }
}
