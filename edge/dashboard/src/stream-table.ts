import { bytes, count, duration, percent, text } from '../../src/insight/page/format.js';
import type { Streams } from './api.js';
import { byId, make, setText } from './elements.js';

type Stream = Streams['streams'][number];

export function showStreams({ streams }: Streams): void {
  byId('streams').replaceChildren(...streams.map(row));
  setText(
    'streams-note',
    streams.length === 1 ? '1 stream' : `${streams.length} streams, by bytes delivered`,
  );
}

function row(stream: Stream): HTMLElement {
  const cell = (content: Node | string, kind = ''): HTMLElement =>
    make('td', { class: `number ${kind}` }, content);
  const { presentation, edgeBytes, peerBytes } = stream;
  return make(
    'tr',
    {},
    make('td', { title: presentation }, ...name(presentation)),
    cell(count(stream.liveViewers)),
    cell(count(stream.sessions), 'wide'),
    cell(duration(stream.watchedMs), 'wide'),
    cell(text(bytes(edgeBytes + peerBytes))),
    cell(text(bytes(edgeBytes)), 'wide'),
    cell(offload(stream.offload), 'share'),
    cell(percent(stream.rebufferShare), 'wide'),
  );
}

/** The folder says more than the playlist's name, which is often the same everywhere. */
function name(presentation: string): (Node | string)[] {
  const slash = presentation.lastIndexOf('/');
  if (slash <= 0) return [presentation];
  const file = make('span', { class: 'file wide' }, presentation.slice(slash));
  return [presentation.slice(0, slash), file];
}

function offload(share: number | null): DocumentFragment {
  const fragment = document.createDocumentFragment();
  if (share !== null) {
    const peers = make('i', {});
    peers.style.width = `${100 * share}%`;
    fragment.append(make('div', { class: 'split', 'aria-hidden': 'true' }, peers));
  }
  fragment.append(make('span', {}, percent(share)));
  return fragment;
}
