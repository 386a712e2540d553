export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...content: readonly (string | Node)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...content);
  return made;
}

/** Says only what is new: what is set again is drawn, and may be read out, again. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

const PANEL_ID = 'panel';
const EXPLANATION_ID = 'explanation';
const LABEL_ID = 'label';

export interface Badge {
  readonly button: HTMLButtonElement;
  readonly dot: HTMLElement;
  readonly summary: HTMLElement;
}

/** The mark that opens the panel. */
export function badge(): Badge {
  const [dot, summary] = [element('span', 'dot'), element('span', 'summary')];
  const button = element('button', 'badge', dot, summary);
  button.type = 'button';
  button.setAttribute('aria-controls', PANEL_ID);
  return { button, dot, summary };
}

export function panel(...content: readonly Node[]): HTMLElement {
  const box = element('div', 'panel', ...content);
  box.id = PANEL_ID;
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', 'Sharing between viewers');
  return box;
}

export interface Figures {
  /** `show` takes the share that came from viewers, 0 to 1; undefined before any. */
  readonly bar: { readonly node: HTMLElement; show(share: number | undefined, words: string): void };
  readonly list: HTMLElement;
  readonly peers: HTMLElement;
  readonly edge: HTMLElement;
  readonly uploaded: HTMLElement;
}

/** Where the bytes came from. */
export function figures(): Figures {
  const [peerPart, edgePart] = [element('span', 'peers'), element('span', 'edge')];
  const node = element('div', 'bar', peerPart, edgePart);
  node.setAttribute('role', 'img');
  const [peers, edge, uploaded] = [element('dd'), element('dd'), element('dd')];
  const row = (key: string, label: string): HTMLElement => element('dt', '', element('span', key), label);
  const list = element('dl');
  list.append(row('key peers', 'From other viewers'), peers, row('key edge', 'From the server'), edge);
  list.append(row('key none', 'Sent to others'), uploaded);
  const show = (share: number | undefined, words: string): void => {
    peerPart.style.width = `${(share ?? 0) * 100}%`;
    edgePart.style.width = share === undefined ? '0' : `${(1 - share) * 100}%`;
    node.setAttribute('aria-label', words);
  };
  return { bar: { node, show }, list, peers, edge, uploaded };
}

export interface SharingSwitch {
  readonly row: HTMLElement;
  readonly explanation: HTMLElement;
  /** Not usable: something else has settled it. */
  show(wish: { readonly on: boolean; readonly usable: boolean }): void;
}

/** The viewer's own say. `onTurn` hears what they want now. */
export function sharingSwitch(onTurn: (on: boolean) => void): SharingSwitch {
  const label = element('span', 'label', 'Share with other viewers');
  label.id = LABEL_ID;
  const track = element('span', 'track', element('span', 'knob'));
  const row = element('button', 'switch', label, track);
  row.type = 'button';
  row.setAttribute('role', 'switch');
  row.setAttribute('aria-labelledby', LABEL_ID);
  row.setAttribute('aria-describedby', EXPLANATION_ID);
  const explanation = element(
    'p',
    'explanation',
    'Parts of this video go from viewer to viewer: you get some from others and send some that you have watched. ' +
      'For that, your devices see each other’s network addresses. Nothing else of yours is shared.',
  );
  explanation.id = EXPLANATION_ID;
  row.addEventListener('click', () => {
    // It stays in reach of the keyboard and of screen readers, so that its explanation can be heard.
    if (row.getAttribute('aria-disabled') !== 'true') onTurn(row.getAttribute('aria-checked') !== 'true');
  });
  return {
    row,
    explanation,
    show: ({ on, usable }) => {
      row.setAttribute('aria-checked', String(on && usable));
      row.setAttribute('aria-disabled', String(!usable));
    },
  };
}
