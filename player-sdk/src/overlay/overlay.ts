import type { EddySession } from '../session.js';
import { badge, element, figures, panel, setText, sharingSwitch } from './parts.js';
import { adoptStyle } from './style.js';
import {
  bytesInWords,
  isForTheViewerToSay,
  offloadOf,
  percentInWords,
  stateFamily,
  stateInWords,
  uploadingInWords,
} from './wording.js';

export type OverlayPlace = 'top' | 'top-left' | 'top-right' | 'bottom' | 'bottom-left' | 'bottom-right';

export interface OverlayOptions {
  /** Whether the panel is open from the start. Default false. */
  readonly open?: boolean;
  /** How often the figures are brought up to date, in milliseconds. Default 1,000. */
  readonly everyMs?: number;
  /**
   * Where over the video. The lower ones stand above the browser's own controls. Default `top`, in the middle: titles
   * and stations' marks are written into corners, subtitles below.
   */
  readonly place?: OverlayPlace;
}

export interface Overlay {
  /** Takes it out of the page. May be called again. */
  remove(): void;
}

/**
 * Shows over a video that it is shared: a small mark that opens a panel, which tells how many viewers share and where
 * the bytes came from, and has the viewer's own switch. `container` must be positioned (`position: relative`) and hold
 * the video.
 */
export function attachOverlay(
  session: EddySession,
  container: HTMLElement,
  { open = false, everyMs = 1_000, place = 'top' }: OverlayOptions = {},
): Overlay {
  const host = document.createElement('div');
  host.dataset.place = place;
  const root = host.attachShadow({ mode: 'open' });
  adoptStyle(root);
  const { button, dot, summary } = badge();
  const { bar, list, peers, edge, uploaded } = figures();
  const share = sharingSwitch((on) => session.setSharing(on));
  const state = element('p', 'state');
  const note = element('p', 'note');
  const box = panel(state, note, bar.node, list, share.row, share.explanation);
  root.append(button, box);

  const show = (isOpen: boolean): void => {
    box.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  };
  button.addEventListener('click', () => show(box.hidden !== false));
  root.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent)) return;
    if (event.key === 'Escape' && !box.hidden) {
      show(false);
      button.focus();
    }
    // A player's shortcuts (space pauses, say) must not take the buttons' keys.
    event.stopPropagation();
  });
  // Nor must a click on the panel pause the picture.
  root.addEventListener('click', (event) => event.stopPropagation());
  show(open);

  const refresh = (): void => {
    const stats = session.stats();
    const words = stateInWords(stats);
    const offload = offloadOf(stats);
    const percent = percentInWords(offload);
    dot.dataset.state = stateFamily(stats.state);
    setText(summary, stats.state === 'sharing' ? percent : '');
    button.setAttribute('aria-label', `${words}. Came from other viewers: ${percent}`);
    button.title = words;
    setText(state, words);
    const why = uploadingInWords(stats);
    setText(note, why);
    note.hidden = why === '';
    bar.show(offload, `${percent} from other viewers, the rest from the server`);
    setText(peers, bytesInWords(stats.peerBytes));
    setText(edge, bytesInWords(stats.edgeBytes));
    setText(uploaded, bytesInWords(stats.uploadedBytes));
    share.show({ on: stats.viewerShares, usable: isForTheViewerToSay(stats) });
  };
  refresh();
  const timer = setInterval(refresh, everyMs);
  const unsubscribe = [
    session.on('state', refresh),
    session.on('peers', refresh),
    session.on('uploading', refresh),
  ];
  container.append(host);
  return {
    remove: () => {
      clearInterval(timer);
      for (const end of unsubscribe) end();
      host.remove();
    },
  };
}
