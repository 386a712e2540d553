import type { JSX } from 'preact';

/** A bar of two parts, peers first. For the eye: the figures stand beside it. */
export function Split({ peer, edge }: { readonly peer: number; readonly edge: number }): JSX.Element {
  const all = peer + edge;
  return (
    <div class={all > 0 ? 'split' : 'split none'} aria-hidden="true">
      <i style={{ width: all > 0 ? `${(100 * peer) / all}%` : '0' }} />
    </div>
  );
}

export interface PeerAndEdgeProps {
  readonly id?: string;
  readonly peer: number;
  readonly edge: number;
  readonly show: (amount: number) => string;
}

/** The same with its figures. */
export function PeerAndEdge({ id, peer, edge, show }: PeerAndEdgeProps): JSX.Element {
  return (
    <>
      <Split peer={peer} edge={edge} />
      <p class="pair">
        <span>
          <i class="swatch peer" />
          Peers <b data-id={id && `${id}-peer`}>{show(peer)}</b>
        </span>
        <span>
          <i class="swatch edge" />
          Edge <b data-id={id && `${id}-edge`}>{show(edge)}</b>
        </span>
      </p>
    </>
  );
}
