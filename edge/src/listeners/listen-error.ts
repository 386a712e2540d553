import { formatAddress, type ListenAddress } from '../config/address.js';

/** How each listener's address is chosen. */
const CHOICES = {
  public: '--listen HOST:PORT (EDDY_LISTEN, listeners.public)',
  tls: 'tls.listen in the settings',
  admin: '--admin HOST:PORT (EDDY_ADMIN, listeners.admin)',
  insight: '--insight HOST:PORT (EDDY_INSIGHT, listeners.insight)',
} as const;

/** A listener cannot have its address. The message says why and which flag chooses another. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code = 'cannot-listen';

  constructor(listener: keyof typeof CHOICES, address: ListenAddress, cause: Error) {
    const where = formatAddress(address);
    super(
      `the ${listener} listener cannot use ${where}: ${reasonOf(cause, address)}; choose another with ${CHOICES[listener]}`,
      {
        cause,
      },
    );
  }
}

function reasonOf(cause: Error, { host, port }: ListenAddress): string {
  switch ('code' in cause ? cause.code : undefined) {
    case 'EADDRINUSE':
      return `port ${port} is taken`;
    case 'EACCES':
      return `port ${port} needs rights that this process has not`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${host} is unknown`;
    default:
      return cause.message;
  }
}
