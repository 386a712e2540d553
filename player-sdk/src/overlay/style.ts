/** Everything is inside a shadow root: the page's styles do not reach it, nor its the page's. */
export const OVERLAY_STYLE = `
:host { all: initial; position: absolute; top: 8px; left: 8px; z-index: 1; max-width: calc(100% - 16px);
  font: 12px/1.4 system-ui, sans-serif; color: #fff; }
:host([hidden]) { display: none; }
button { all: unset; box-sizing: border-box; display: inline-flex; align-items: center; gap: 6px; cursor: pointer;
  min-height: 28px; padding: 4px 10px; border-radius: 14px; background: rgb(12 18 28 / 0.88); }
button:hover { background: rgb(12 18 28 / 0.96); }
button:focus-visible { outline: 2px solid #7cc4ff; outline-offset: 2px; }
.dot { width: 8px; height: 8px; border-radius: 50%; background: #8a94a3; flex: none; }
.dot[data-state='sharing'] { background: #4fd18b; }
.dot[data-state='waiting'] { background: #f2c14e; }
.panel { box-sizing: border-box; margin-top: 6px; width: 236px; max-width: 100%; padding: 10px 12px;
  border-radius: 10px; background: rgb(12 18 28 / 0.9); }
.panel[hidden] { display: none; }
.state { margin: 0 0 8px; }
.bar { display: flex; height: 6px; border-radius: 3px; overflow: hidden; background: rgb(255 255 255 / 0.18); }
.bar > span { display: block; width: 0; transition: width 0.4s; }
.bar > .peers, .key.peers { background: #4fd18b; }
.bar > .edge, .key.edge { background: #5b9bf3; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 3px 10px; margin: 8px 0 0; }
dt { display: flex; align-items: center; gap: 6px; color: #c9d2de; }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.key { width: 8px; height: 8px; border-radius: 2px; flex: none; }
.key.none { background: transparent; }
@media (prefers-reduced-motion: reduce) { .bar > span { transition: none; } }
`;
