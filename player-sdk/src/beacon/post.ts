/** Carries a batch to the edge. `leaving`: the page goes away, nobody will hear of the outcome. */
export type PostBeacon = (url: string, body: string, leaving: boolean) => Promise<boolean>;

/** By `fetch`, or by `sendBeacon` when the page goes away. Plain text: anything else costs a preflight request. */
export const postBeacon: PostBeacon = async (url, body, leaving) => {
  if (leaving && typeof navigator.sendBeacon === 'function') return navigator.sendBeacon(url, body);
  try {
    const response = await fetch(url, { method: 'POST', body, keepalive: true });
    // A batch that the edge finds fault with does not get better by being sent again.
    return response.ok || (response.status >= 400 && response.status < 500 && response.status !== 429);
  } catch {
    return false;
  }
};
