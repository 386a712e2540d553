import { attachEddy, type EddySession } from '@eddy/player-sdk';
import Hls from 'hls.js';
import {
  bytesInWords,
  offloadOf,
  percentInWords,
  stateFamily,
  stateInWords,
} from '../../../src/overlay/wording.js';
import { troubleInWords } from '../trouble.js';
import type { Ledger, Part } from './ledger.js';

export interface TileEvents {
  /** The viewer was given a segment; `peers` by the names that the edge gave them. */
  onSegment(edgeBytes: number, peers: Readonly<Record<string, number>>): void;
  onLeave(): void;
  /** Undefined when all is well again. */
  onTrouble(text: string | undefined): void;
}

const RETRY_MS = 4_000;

/** One viewer: a player of its own, and what it says of itself. */
export class Tile {
  readonly element: HTMLElement = document.createElement('article');
  readonly session: EddySession;
  readonly name: string;
  readonly #hls = new Hls();
  readonly #video = document.createElement('video');
  readonly #dot = made('span', 'dot');
  readonly #state = made('span', 'tile-state');
  readonly #offload = made('strong');
  readonly #gave = made('span');
  readonly #strip = made('div', 'strip');
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, source: string, events: TileEvents) {
    this.name = name;
    this.element.className = 'tile';
    this.element.dataset.viewer = name;
    this.element.setAttribute('aria-label', `Viewer ${name}`);
    this.element.append(this.#head(events), this.#frame(), this.#foot());
    this.session = attachEddy(this.#hls, {
      viewer: `side-by-side-${name}-${crypto.randomUUID().slice(0, 8)}`,
    });
    this.session.on('segment', ({ edgeBytes, peers }) => events.onSegment(edgeBytes, peers));
    this.#hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR) {
        this.#hls.recoverMediaError();
        return;
      }
      events.onTrouble(troubleInWords(data, source));
      this.#retry = setTimeout(() => this.#hls.loadSource(source), RETRY_MS);
    });
    this.#hls.on(Hls.Events.FRAG_BUFFERED, () => events.onTrouble(undefined));
    this.#hls.loadSource(source);
    this.#hls.attachMedia(this.#video);
  }

  /** Brings what is shown up to date. */
  refresh(ledger: Ledger): void {
    const stats = this.session.stats();
    this.#dot.dataset.state = stateFamily(stats.state);
    setText(this.#state, stateInWords(stats));
    setText(this.#offload, percentInWords(offloadOf(stats)));
    setText(this.#gave, bytesInWords(stats.uploadedBytes));
    const segments = ledger.recent(this.name);
    this.#strip.replaceChildren(...segments.map(segmentBar));
  }

  leave(): void {
    clearTimeout(this.#retry);
    this.#hls.destroy();
    this.element.remove();
  }

  #head({ onLeave }: TileEvents): HTMLElement {
    const head = made('header', 'tile-head');
    const leave = made('button', 'leave');
    leave.type = 'button';
    leave.textContent = 'Leave';
    leave.setAttribute('aria-label', `Viewer ${this.name} leaves`);
    leave.addEventListener('click', onLeave);
    const title = made('h2');
    title.append(made('i', 'swatch'), `Viewer ${this.name}`);
    head.append(title, leave);
    return head;
  }

  #frame(): HTMLElement {
    const frame = made('div', 'frame');
    const video = this.#video;
    video.muted = true;
    video.autoplay = true;
    video.playsInline = true;
    frame.append(video);
    return frame;
  }

  #foot(): HTMLElement {
    const state = made('p', 'state');
    state.append(this.#dot, this.#state);
    const figures = made('p', 'tile-figures');
    figures.append(this.#offload, ' from viewers, passed on ', this.#gave);
    this.#strip.setAttribute('role', 'img');
    this.#strip.setAttribute('aria-label', 'The last segments, coloured by who gave them');
    const foot = made('div', 'tile-foot');
    foot.append(state, this.#strip, figures);
    return foot;
  }
}

/** One segment as a column: what came from whom, by colour. */
function segmentBar(parts: readonly Part[]): HTMLElement {
  const column = made('span', 'segment');
  for (const { source, bytes } of parts) {
    const piece = made('i');
    piece.dataset.source = source;
    piece.style.flexGrow = String(bytes);
    column.append(piece);
  }
  return column;
}

function made<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className = ''): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
