import { type Fact, openDuckDbStore, rollUp } from '@eddy/edge/insight';
import { chance, DEMO_EDGES } from './demo-catalogue.js';
import { demoFacts, type Part } from './demo-facts.js';

/** How far back figures go, in parts that are longer the older they are: six hours, an hour, ten minutes, one. */
export interface DemoSize {
  readonly days: number;
  readonly hourlyDays: number;
  readonly tenMinuteHours: number;
  readonly fineMinutes: number;
}

/** As charts of every range have their steps: some 800 parts for two months. */
export const WHOLE_DEMO: DemoSize = { days: 62, hourlyDays: 8, tenMinuteHours: 50, fineMinutes: 125 };
/** Some 40 parts. */
export const SHORT_DEMO: DemoSize = { days: 2, hourlyDays: 1, tenMinuteHours: 1, fineMinutes: 3 };

const HOUR = 60;
const DAY = 24 * HOUR;

/**
 * Fills a new DuckDB file with a made-up audience up to now: the same one for the same minute. Filling takes minutes:
 * those are filled too, up to `until`.
 */
export async function fillDemo(
  file: string,
  nowMinute: number,
  size: DemoSize,
  until: () => number = () => nowMinute,
): Promise<void> {
  const store = await openDuckDbStore(file);
  try {
    for (const part of upTo(until, partsOf(nowMinute, size), nowMinute)) {
      const facts = demoFacts(part);
      const rows = rollUp(facts, () => false);
      await store.commit({ minute: part.minute, rows, batches: [], sessions: [] });
      for (const [index, counted] of edgeMinutes(part, facts).entries()) {
        await store.addEdge({ ...counted, id: idOf(part.minute, index) });
      }
      if (part.minute % DAY === 0) await store.tend(part.minute);
    }
    await store.tend(until());
  } finally {
    await store.close();
  }
}

function* upTo(until: () => number, parts: readonly Part[], nowMinute: number): Generator<Part> {
  yield* parts;
  for (let minute = nowMinute; minute < until(); minute++) yield { minute, minutes: 1 };
}

/** Without gaps, each beginning at a multiple of its length. */
export function partsOf(nowMinute: number, size: DemoSize): Part[] {
  const { days, hourlyDays, tenMinuteHours, fineMinutes } = size;
  const lengths = [
    { minutes: 6 * HOUR, until: hourlyDays * DAY },
    { minutes: HOUR, until: tenMinuteHours * HOUR },
    { minutes: 10, until: fineMinutes },
  ];
  const parts: Part[] = [];
  let minute = Math.floor((nowMinute - days * DAY) / DAY) * DAY;
  while (minute < nowMinute) {
    const end = nowMinute - minute;
    const fits = lengths.find(({ minutes, until }) => minute % minutes === 0 && end - minutes >= until);
    const minutes = fits?.minutes ?? 1;
    parts.push({ minute, minutes });
    minute += minutes;
  }
  return parts;
}

/** What the edges of each PoP counted while viewers drew that from them. */
function edgeMinutes({ minute, minutes }: Part, facts: readonly Fact[]) {
  return DEMO_EDGES.map(({ edge, pop, hitRatio }, at) => {
    const sharing = DEMO_EDGES.filter((other) => other.pop === pop).length;
    const sentBytes =
      facts
        .filter(({ keys }) => keys.pop === pop)
        .reduce((sum, { tally }) => sum + tally.of('edgeBytes'), 0) / sharing;
    const dice = (kind: number): number => chance(minute, at, kind, 5);
    const whole = Math.round;
    const requests = whole(sentBytes / 900_000);
    const hits = whole(requests * hitRatio * (0.985 + 0.015 * dice(1)));
    const missed = requests - hits;
    const missedBytes = sentBytes * (1 - hitRatio);
    const sums = {
      ...{ requests, hits, collapsed: whole(missed * 0.4), revalidated: whole(missed * 0.06) },
      ...{ stale: 0, passed: 0, refused: whole(requests * 0.0006 * 2 * dice(2)) },
      ...{ failed: edge === 'waw-1' ? whole(requests * 0.0011) : 0, cuts: whole(requests * 0.0003) },
      ...{ sentBytes: whole(sentBytes), hitBytes: whole(sentBytes - missedBytes) },
      ...{ originBytes: whole(missedBytes * 0.22), shieldBytes: whole(missedBytes * 0.2) },
      siblingBytes: sharing > 1 ? whole(missedBytes * 0.18) : 0,
      ...{
        accusations: dice(3) < 0.012 * minutes ? 1 : 0,
        disputedViewers: dice(4) < 0.003 * minutes ? 1 : 0,
      },
      reportedMs: minutes * 60_000,
    };
    return { minute, edge, pop, sums };
  });
}

function idOf(minute: number, edge: number): string {
  return minute.toString(16).padStart(12, '0') + edge.toString(16).padStart(4, '0');
}
