import { RANGE_NAMES, type RangeName } from '../../src/insight/queries/figures.js';

export const RANGE_LABELS: Readonly<Record<RangeName, string>> = {
  '15m': '15 min',
  '1h': '1 h',
  '24h': '24 h',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  '1y': '1 year',
  '3y': '3 years',
};

/** The range that the address names; 1 h otherwise. */
export function chosenRange(): RangeName {
  const named = new URLSearchParams(location.search).get('range');
  return RANGE_NAMES.find((name) => name === named) ?? '1h';
}

/** Links of the picker change the address without loading the page; `onChange` also follows back and forward. */
export function watchRange(picker: HTMLElement, onChange: () => void): void {
  picker.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, '', link.href);
    onChange();
  });
  addEventListener('popstate', onChange);
}

export function showRange(picker: HTMLElement, range: RangeName): void {
  for (const link of picker.querySelectorAll('a')) {
    if (link.dataset.range === range) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
  for (const label of document.querySelectorAll('[data-label="range"]'))
    label.textContent = RANGE_LABELS[range];
}
