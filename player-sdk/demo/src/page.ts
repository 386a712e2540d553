/** The page's own elements by id. The page and this script are one thing: a missing one is a mistake here. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found;
}

export function videoElement(): HTMLVideoElement {
  const video = element('video');
  if (!(video instanceof HTMLVideoElement)) throw new Error('#video is not a video');
  return video;
}

/** Says only what is new: a status that is set again is read out again. */
export function say(id: string, text: string): void {
  const target = element(id);
  if (target.textContent !== text) target.textContent = text;
}

export function showTrouble(text: string | undefined): void {
  const trouble = element('trouble');
  trouble.hidden = text === undefined;
  if (text !== undefined) say('trouble', text);
}
