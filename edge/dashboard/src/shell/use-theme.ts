import { useState } from 'preact/hooks';

export type Theme = 'system' | 'light' | 'dark';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
/** Charts are drawn anew on it: a canvas does not follow the style sheet. */
export const THEME_EVENT = 'eddy-theme';

/** The chosen colours, kept in this browser, and a way to the next ones. */
export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const { theme: chosen } = document.documentElement.dataset;
    return chosen === 'dark' || chosen === 'light' ? chosen : 'system';
  });
  const next = (): void => {
    const chosen = NEXT[theme];
    setTheme(chosen);
    const { dataset } = document.documentElement;
    if (chosen === 'system') delete dataset.theme;
    else dataset.theme = chosen;
    try {
      if (chosen === 'system') localStorage.removeItem('eddy-theme');
      else localStorage.setItem('eddy-theme', chosen);
    } catch {
      // It holds until the page is left.
    }
    dispatchEvent(new Event(THEME_EVENT));
  };
  return [theme, next];
}
