import { fetchView, type View } from './api.js';
import { Charts } from './charts.js';
import { byId, setText } from './elements.js';
import { chosenRange, showRange, watchRange } from './range.js';
import { showStreams } from './stream-table.js';
import { showTiles } from './tiles.js';

const REFRESH_MS = 5000;
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

const picker = byId('ranges');
const charts = new Charts();
let asking = new AbortController();
let timer: ReturnType<typeof setTimeout> | undefined;
let lastGoodMs: number | undefined;

function show(view: View): void {
  const { live, total } = view.summary;
  const empty = live.viewers === 0 && total.edgeBytes + total.peerBytes + total.watchedMs === 0;
  byId('empty').hidden = !empty;
  byId('details').hidden = empty;
  showTiles(view.summary);
  if (empty) return;
  charts.show(view.timeline);
  showStreams(view.streams);
}

function showHealth(problem: string | undefined): void {
  const line = byId('problem');
  byId('main').classList.toggle('away', problem !== undefined);
  line.hidden = problem === undefined;
  const last = lastGoodMs === undefined ? undefined : CLOCK.format(lastGoodMs);
  if (problem !== undefined) {
    const kept = last === undefined ? 'No figures yet.' : `The figures below are those of ${last}.`;
    line.textContent = `${problem} ${kept} Trying again every few seconds.`;
  }
  setText('status', problem === undefined ? `Updated ${last ?? ''}` : 'Not up to date');
}

async function refresh(): Promise<void> {
  clearTimeout(timer);
  asking.abort();
  const mine = new AbortController();
  asking = mine;
  const range = chosenRange();
  showRange(picker, range);
  try {
    const view = await fetchView(range, mine.signal);
    if (mine.signal.aborted) return;
    lastGoodMs = Date.now();
    show(view);
    showHealth(undefined);
  } catch (error) {
    if (mine.signal.aborted) return;
    showHealth(error instanceof Error ? error.message : String(error));
  }
  timer = setTimeout(next, REFRESH_MS);
}

/** A page that nobody sees asks for nothing. */
function next(): void {
  if (!document.hidden) void refresh();
}

watchRange(picker, () => void refresh());
document.addEventListener('visibilitychange', next);
setText(
  'foot',
  `Figures are what players report; times are ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`,
);
void refresh();
