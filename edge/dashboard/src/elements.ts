/** The element that the page names so. @throws Error when the page lacks it: then page and script do not belong together. */
export function byId(id: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(`[data-id="${id}"]`);
  if (element === null) throw new Error(`The page has no element "${id}".`);
  return element;
}

export function setText(id: string, text: string): void {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

/** An element with children; text is always text. */
export function make(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: (Node | string)[]
): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
