import type { ComponentChildren, JSX } from 'preact';

/** There is nothing to show, and what to do about it. */
export function Empty(props: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section class="empty">
      <h2>{props.title}</h2>
      <p>{props.children}</p>
    </section>
  );
}

/** The usual one. */
export function NothingWatched(): JSX.Element {
  return (
    <Empty title="Nothing was watched in this time">
      Choose a longer time above, or take filters away. If somebody is watching now, figures appear within
      seconds of their first report: look whether the page with the player may post to{' '}
      <code>/_eddy/beacons</code> of this edge.
    </Empty>
  );
}

/** Stands where figures will be; seen only where they take long. */
export function Skeleton(): JSX.Element {
  return (
    <div class="skeleton" aria-hidden="true">
      <div class="tiles four">
        {[1, 2, 3, 4].map((tile) => (
          <i class="tile" key={tile} />
        ))}
      </div>
      <i class="card" />
      <i class="card" />
    </div>
  );
}

export function Problem(props: { readonly children: ComponentChildren; retry: () => void }): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>{props.children}</p>
      <button type="button" class="quiet-button" onClick={props.retry}>
        Try again now
      </button>
    </div>
  );
}
