import type { EddySession } from '../session.js';
import { OVERLAY_STYLE } from './style.js';
import { bytesInWords, offloadOf, percentInWords, stateFamily, stateInWords } from './wording.js';

export interface OverlayOptions {
  /** Whether the panel below the button is open from the start. Default false. */
  readonly open?: boolean;
  /** How often the figures are brought up to date, in milliseconds. Default 1,000. */
  readonly everyMs?: number;
}

export interface Overlay {
  /** Takes it out of the page. May be called again. */
  remove(): void;
}

const ROWS = [
  { name: 'peers', label: 'From other viewers', key: 'peers' },
  { name: 'edge', label: 'From the edge', key: 'edge' },
  { name: 'uploaded', label: 'Sent to others', key: 'none' },
] as const;

/**
 * Shows over a video, in its top left corner, how many viewers share and where the bytes came from: a small button
 * that opens a panel. `container` must be positioned (`position: relative`) and hold the video.
 */
export function attachOverlay(
  session: EddySession,
  container: HTMLElement,
  { open = false, everyMs = 1_000 }: OverlayOptions = {},
): Overlay {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const style = element('style');
  style.textContent = OVERLAY_STYLE;
  const dot = element('span', 'dot');
  const summary = element('span');
  const button = element('button');
  button.type = 'button';
  button.setAttribute('aria-controls', 'panel');
  button.append(dot, summary);
  const state = element('p', 'state');
  const bar = element('div', 'bar');
  bar.setAttribute('role', 'img');
  const [peerPart, edgePart] = [element('span', 'peers'), element('span', 'edge')];
  bar.append(peerPart, edgePart);
  const list = element('dl');
  const figures = new Map<string, HTMLElement>();
  for (const { name, label, key } of ROWS) {
    const [term, figure] = [element('dt'), element('dd')];
    term.append(element('span', `key ${key}`), label);
    figures.set(name, figure);
    list.append(term, figure);
  }
  const panel = element('div', 'panel');
  panel.id = 'panel';
  panel.append(state, bar, list);
  root.append(style, button, panel);

  const show = (isOpen: boolean): void => {
    panel.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  };
  button.addEventListener('click', () => show(panel.hidden !== false));
  root.addEventListener('keydown', (event) => {
    if (!(event instanceof KeyboardEvent)) return;
    if (event.key === 'Escape') show(false);
    // A player's shortcuts (space pauses, say) must not take the button's keys.
    event.stopPropagation();
  });
  show(open);

  const refresh = (): void => {
    const stats = session.stats();
    const words = stateInWords(stats);
    const offload = offloadOf(stats);
    const percent = percentInWords(offload);
    dot.dataset.state = stateFamily(stats.state);
    summary.textContent = stats.state === 'sharing' ? `${percent} from viewers` : 'Eddy';
    button.setAttribute('aria-label', `${words}. Came from other viewers: ${percent}`);
    state.textContent = words;
    peerPart.style.width = `${(offload ?? 0) * 100}%`;
    edgePart.style.width = offload === undefined ? '0' : `${(1 - offload) * 100}%`;
    bar.setAttribute('aria-label', `${percent} from other viewers, the rest from the edge`);
    setText(figures.get('peers'), bytesInWords(stats.peerBytes));
    setText(figures.get('edge'), bytesInWords(stats.edgeBytes));
    setText(figures.get('uploaded'), bytesInWords(stats.uploadedBytes));
  };
  refresh();
  const timer = setInterval(refresh, everyMs);
  const unsubscribe = [session.on('state', refresh), session.on('peers', refresh)];
  container.append(host);
  return {
    remove: () => {
      clearInterval(timer);
      for (const end of unsubscribe) end();
      host.remove();
    },
  };
}

function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

function setText(target: HTMLElement | undefined, text: string): void {
  if (target !== undefined) target.textContent = text;
}
