// Loaded before the page is painted, so that it never shows in the wrong colours first. Imports nothing.
try {
  const chosen = localStorage.getItem('eddy-theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden: then the system's colours it is.
}
