import Hls from 'hls.js';
import { bytesInWords, percentInWords } from '../../../src/overlay/wording.js';
import { element, say, showTrouble } from '../page.js';
import { Flow } from './flow.js';
import { Ledger, OTHERS } from './ledger.js';
import { showMatrix } from './matrix.js';
import { Tile } from './tile.js';

declare global {
  interface Window {
    /** For tests and for those who are curious. */
    eddySideBySide?: { readonly tiles: ReadonlyMap<string, Tile>; readonly ledger: Ledger };
  }
}

const DEFAULT_SOURCE = '/sample/master.m3u8';
const FIRST_VIEWERS = 4;
const JOIN_EVERY_MS = 2_500;
const REFRESH_MS = 500;
const NAMES: readonly string[] = ['A', 'B', 'C', 'D', 'E', 'F'];

const query = new URLSearchParams(location.search);
const source = query.get('src') ?? DEFAULT_SOURCE;
const ledger = new Ledger();
const tiles = new Map<string, Tile>();
/** Who has which name of the edge's, those who have left too: what they gave is still on its way. */
const byPeer = new Map<string, string>();
let rebuffersOfThoseWhoLeft = 0;

function join(flow: Flow): void {
  const name = NAMES.find((one) => !tiles.has(one));
  if (name === undefined) return;
  const tile = new Tile(name, source, {
    onSegment: (edgeBytes, peers) => {
      for (const [who, { session }] of tiles) {
        const { self } = session.stats();
        if (self !== undefined) byPeer.set(self, who);
      }
      flow.pulse(name, ledger.add(name, { edgeBytes, peers: byName(peers) }));
    },
    onLeave: () => {
      rebuffersOfThoseWhoLeft += tile.session.stats().rebuffers;
      tiles.delete(name);
      tile.leave();
      arrange(flow);
    },
    onTrouble: showTrouble,
  });
  tiles.set(name, tile);
  element('tiles').append(tile.element);
  arrange(flow);
}

/** The same bytes, by the names that this page gives its viewers. */
function byName(peers: Readonly<Record<string, number>>): Record<string, number> {
  const named: Record<string, number> = {};
  for (const [peer, bytes] of Object.entries(peers)) {
    const name = byPeer.get(peer) ?? OTHERS;
    named[name] = (named[name] ?? 0) + bytes;
  }
  return named;
}

function arrange(flow: Flow): void {
  const names = [...tiles.keys()].sort();
  for (const name of names) {
    const tile = tiles.get(name);
    if (tile !== undefined) tile.element.style.order = String(NAMES.indexOf(name));
  }
  element('add').toggleAttribute('disabled', names.length === NAMES.length);
  flow.show(names);
}

function refresh(): void {
  for (const tile of tiles.values()) tile.refresh(ledger);
  const { all, edge, peers } = ledger.totals();
  const share = all === 0 ? undefined : peers / all;
  say('offload', percentInWords(share));
  element('share-peers').style.width = `${100 * (share ?? 0)}%`;
  element('share-edge').style.width = share === undefined ? '0' : `${100 * (1 - share)}%`;
  say('all-bytes', bytesInWords(all));
  say('edge-bytes', bytesInWords(edge));
  say('peer-bytes', bytesInWords(peers));
  let rebuffers = rebuffersOfThoseWhoLeft;
  for (const { session } of tiles.values()) rebuffers += session.stats().rebuffers;
  say('rebuffers', String(rebuffers));
  showMatrix(element('matrix'), ledger);
}

function begin(): void {
  const flow = new Flow(element('flow'));
  window.eddySideBySide = { tiles, ledger };
  element('add').addEventListener('click', () => join(flow));
  const asked = Number(query.get('viewers') ?? FIRST_VIEWERS);
  const first = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), NAMES.length) : FIRST_VIEWERS;
  for (let index = 0; index < first; index++) setTimeout(() => join(flow), index * JOIN_EVERY_MS);
  setInterval(refresh, REFRESH_MS);
}

for (const link of document.querySelectorAll<HTMLElement>('[data-stream]')) {
  if (link.dataset.stream === source) link.setAttribute('aria-current', 'page');
}
element('single').setAttribute('href', `./index.html?src=${source}`);
if (Hls.isSupported()) begin();
else showTrouble('This browser cannot play HLS through Media Source Extensions, which several players need.');
