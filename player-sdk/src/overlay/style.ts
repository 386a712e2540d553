/** Everything is inside a shadow root: the page's styles do not reach it, nor its the page's. */
const OVERLAY_STYLE = `
:host { all: initial; position: absolute; inset: 8px; z-index: 1; display: flex; flex-direction: column; gap: 6px;
  container-type: size; color: #fff; pointer-events: none; font: 12px/1.4 system-ui, sans-serif; }
:host([hidden]) { display: none; }
:host([data-place^='bottom']) { bottom: 84px; flex-direction: column-reverse; }
:host { align-items: center; }
:host([data-place$='left']) { align-items: flex-start; }
:host([data-place$='right']) { align-items: flex-end; }
button { all: unset; box-sizing: border-box; cursor: pointer; pointer-events: auto; }
button:focus-visible { outline: 2px solid #7cc4ff; outline-offset: 2px; }
.badge { display: inline-flex; flex: none; align-items: center; justify-content: center; gap: 6px; min-width: 28px;
  min-height: 28px; padding: 0 9px; border-radius: 14px; background: rgb(12 18 28 / 0.72); }
.badge:hover, .badge[aria-expanded='true'] { background: rgb(12 18 28 / 0.94); }
.summary:empty { display: none; }
.summary { font-variant-numeric: tabular-nums; }
.dot { width: 8px; height: 8px; border-radius: 50%; background: #8a94a3; flex: none; }
.dot[data-state='sharing'] { background: #4fd18b; }
.dot[data-state='waiting'] { background: #f2c14e; }
.panel { box-sizing: border-box; width: 300px; max-width: 100%; min-height: 0; overflow-y: auto; padding: 10px 12px;
  border-radius: 10px; background: rgb(12 18 28 / 0.94); pointer-events: auto; }
.panel[hidden], .note[hidden] { display: none; }
p { margin: 0; }
.state { font-weight: 600; }
.note { color: #f2c14e; }
.bar { display: flex; height: 6px; margin-top: 8px; border-radius: 3px; overflow: hidden;
  background: rgb(255 255 255 / 0.18); }
.bar > span { display: block; width: 0; transition: width 0.4s; }
.bar > .peers, .key.peers { background: #4fd18b; }
.bar > .edge, .key.edge { background: #5b9bf3; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 3px 10px; margin: 8px 0 0; }
dt { display: flex; align-items: center; gap: 6px; color: #c9d2de; }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.key { width: 8px; height: 8px; border-radius: 2px; flex: none; }
.key.none { background: transparent; }
.switch { display: flex; align-items: center; justify-content: space-between; gap: 12px; width: 100%; min-height: 32px;
  margin-top: 8px; padding-top: 6px; border-top: 1px solid rgb(255 255 255 / 0.16); font-weight: 600; }
.track { flex: none; box-sizing: border-box; width: 34px; height: 20px; padding: 2px; border-radius: 10px;
  background: #5d6878; transition: background 0.15s; }
.knob { display: block; width: 16px; height: 16px; border-radius: 50%; background: #fff; transition: transform 0.15s; }
.switch[aria-checked='true'] .track { background: #2fa56d; }
.switch[aria-checked='true'] .knob { transform: translateX(14px); }
.switch[aria-disabled='true'] { cursor: default; opacity: 0.6; }
.explanation { margin-top: 2px; color: #c9d2de; font-size: 11px; }
@container (max-height: 260px) { .bar, dl { display: none; } }
@media (prefers-reduced-motion: reduce) { .bar > span, .track, .knob { transition: none; } }
@media (forced-colors: active) {
  .badge, .panel, .track { border: 1px solid CanvasText; }
  .knob { background: CanvasText; }
  .switch[aria-checked='true'] .track { background: Highlight; }
}
`;

/** As a constructed sheet, which a content security policy without `unsafe-inline` lets pass. */
export function adoptStyle(root: ShadowRoot): void {
  if ('adoptedStyleSheets' in root && typeof CSSStyleSheet.prototype.replaceSync === 'function') {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(OVERLAY_STYLE);
    root.adoptedStyleSheets = [sheet];
    return;
  }
  const style = document.createElement('style');
  style.textContent = OVERLAY_STYLE;
  root.append(style);
}
