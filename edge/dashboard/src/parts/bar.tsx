import type { JSX } from 'preact';

/** A length for the eye, from 0 to 1: the figure stands beside it. */
export function Bar({ share }: { readonly share: number }): JSX.Element {
  return (
    <span class="bar" aria-hidden="true">
      <i style={{ width: `${100 * Math.min(1, Math.max(0, share))}%` }} />
    </span>
  );
}
