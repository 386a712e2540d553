import type { ComponentChildren, JSX } from 'preact';
import { type Address, writeAddress } from '../address/address.js';
import { useSite } from '../shell/site.js';

export interface AddressLinkProps {
  readonly to: Address;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly label?: string | undefined;
  readonly current?: 'page' | 'true' | undefined;
  /** Not in the order of the Tab key, where the same link is elsewhere. */
  readonly isAside?: boolean;
}

/** A real link (it can be opened in a new tab, copied), that does not load the page again. */
export function AddressLink(props: AddressLinkProps): JSX.Element {
  const { go } = useSite();
  const { to, children, label, current, isAside } = props;
  return (
    <a
      href={writeAddress(to)}
      class={props.class}
      aria-label={label}
      aria-current={current}
      {...(isAside === true ? { tabIndex: -1 } : {})}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
