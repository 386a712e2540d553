export interface RateSearch {
  /** Tried first, in requests a second. */
  readonly from: number;
  /** Each next try is so many times the last, until one fails. */
  readonly factor: number;
  /** How often the gap between what held and what did not is halved. */
  readonly halvings: number;
  /** Not tried beyond. */
  readonly upTo: number;
}

/** The highest rate tried at which `holds`; 0 where not even the first did. */
export async function highestRate(
  holds: (perSecond: number) => Promise<boolean>,
  { from, factor, halvings, upTo }: RateSearch,
): Promise<number> {
  let [good, bad] = [0, Number.POSITIVE_INFINITY];
  for (let rate = from; rate <= upTo; rate *= factor) {
    if (!(await holds(Math.round(rate)))) {
      bad = rate;
      break;
    }
    good = rate;
  }
  if (bad === Number.POSITIVE_INFINITY || good === 0) return Math.round(good);
  for (let step = 0; step < halvings; step++) {
    const middle = (good + bad) / 2;
    if (await holds(Math.round(middle))) good = middle;
    else bad = middle;
  }
  return Math.round(good);
}
