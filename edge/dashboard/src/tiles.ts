import {
  bitRate,
  bytes,
  count,
  NO_FIGURE,
  percent,
  type Quantity,
  text,
} from '../../src/insight/page/format.js';
import type { Summary } from './api.js';
import { byId, make, setText } from './elements.js';

/** Key figures. */
export function showTiles({ live, total, arms }: Summary): void {
  setText('viewers', count(live.viewers));
  showBytes('throughput', live.edgeBytesPerSecond, live.peerBytesPerSecond, bitRate);
  showBytes('delivered', total.edgeBytes, total.peerBytes, bytes);
  showShare('offload', total.offload);
  showShare('rebuffer', total.rebufferShare);
  const treated = arms.find(({ arm }) => arm === 'treated');
  const holdout = arms.find(({ arm }) => arm === 'holdout');
  // Both arms only where both watched: a comparison with nobody says nothing.
  const compared = treated !== undefined && holdout !== undefined && holdout.watchedMs > 0;
  setText(
    'offload-note',
    compared ? `${percent(treated.offload)} with peers on` : 'of media bytes came from peers',
  );
  setText(
    'rebuffer-note',
    compared
      ? `peers ${percent(treated.rebufferShare)} · holdout ${percent(holdout.rebufferShare)}`
      : 'of playing time was stalled',
  );
}

function showBytes(id: string, edge: number, peer: number, format: (amount: number) => Quantity): void {
  const { value, unit } = format(edge + peer);
  byId(id).replaceChildren(value, ' ', make('small', {}, unit));
  setText(`${id}-peer`, text(format(peer)));
  setText(`${id}-edge`, text(format(edge)));
  const split = byId(`${id}-split`);
  const all = edge + peer;
  split.style.width = all > 0 ? `${(100 * peer) / all}%` : '0';
  split.parentElement?.classList.toggle('none', all === 0);
}

function showShare(id: string, share: number | null): void {
  if (share === null) {
    setText(id, NO_FIGURE);
    return;
  }
  byId(id).replaceChildren(percent(share).replace('%', ''), ' ', make('small', {}, '%'));
}
