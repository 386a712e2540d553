import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Gate, Passage, Refused, Visitor } from '../access/gate.js';
import { removeTokenFields } from '../access/tokens/token-carrier.js';

export interface AdmissionComponents {
  readonly gate: Gate;
  /** Answers the request; its `url` has no token any more. */
  readonly refuse: (request: IncomingMessage, response: ServerResponse, refused: Refused) => void;
  /** Could not happen, and did. */
  readonly onError: (request: IncomingMessage, response: ServerResponse, error: unknown) => void;
  /** `asked` is the target as it came, for who has to give the visitor its token back. */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    visitor: Visitor,
    asked: string,
  ) => void;
}

/** Puts the gate before a handler. From here on no request has a token in it, and so no log and no origin can. */
export function admit({ gate, refuse, onError, handle }: AdmissionComponents): RequestListener {
  const enter = (request: IncomingMessage, response: ServerResponse, passage: Passage): void => {
    const { url: asked = '' } = request;
    const visitor = cleared(request, passage);
    if ('refused' in visitor) refuse(request, response, visitor);
    else handle(request, response, visitor, asked);
  };
  return (request, response) => {
    const passage = gate(request);
    if (!(passage instanceof Promise)) {
      enter(request, response, passage);
      return;
    }
    passage.then(
      (settled) => {
        if (!response.destroyed) enter(request, response, settled);
      },
      (error: unknown) => {
        request.url = '/';
        onError(request, response, error);
      },
    );
  };
}

/** Takes the token out of the request, whatever the gate said of it. */
export function cleared<Kind extends Passage>(request: IncomingMessage, passage: Kind): Kind {
  request.url = passage.target;
  const names = passage.site?.tokens?.names;
  if (names !== undefined) removeTokenFields(request, names);
  return passage;
}
