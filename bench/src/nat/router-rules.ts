import type { HomeKind } from './rows.js';

/** Interfaces of a router: to the internet, and to the viewer. */
export const WAN = 'wan0';
export const LAN = 'lan0';

/**
 * What a router does, for `nft -f`. Linux keeps a port where it can, which is what a cone looks like from outside;
 * `fully-random` takes another one for each address that is written to. Who was not asked is dropped and not refused:
 * a refusal would leave a mark of the connection, and the viewer's own packet the other way then gets another port.
 */
export function routerRules(kind: HomeKind, viewer: string): string {
  const masquerade = kind === 'symmetric' ? 'masquerade fully-random' : 'masquerade';
  return [
    'table ip home {',
    '  chain out {',
    '    type nat hook postrouting priority srcnat;',
    `    oifname "${WAN}" ${masquerade}`,
    '  }',
    '  chain in {',
    '    type nat hook prerouting priority dstnat;',
    ...(kind === 'open cone' ? [`    iifname "${WAN}" meta l4proto udp dnat to ${viewer}`] : []),
    '  }',
    '  chain through {',
    '    type filter hook forward priority filter;',
    ...(kind === 'no udp' ? [`    iifname "${LAN}" meta l4proto udp drop`] : []),
    ...(kind === 'open cone' ? [`    iifname "${WAN}" ct status dnat accept`] : []),
    `    iifname "${WAN}" ct state new,invalid drop`,
    '  }',
    '  chain unasked {',
    '    type filter hook input priority filter;',
    `    iifname "${WAN}" ct state new,invalid drop`,
    '  }',
    '}',
    '',
  ].join('\n');
}
