import { byName } from '../upstream/header-fields.js';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../upstream/upstream.js';

/** What a {@link FakeUpstream} does with one request. */
export type Reply = (
  request: UpstreamRequest,
  signal: AbortSignal,
) => UpstreamResponse | Promise<UpstreamResponse>;

/** An upstream that does as it is told and remembers what it was asked. */
export class FakeUpstream implements Upstream {
  readonly usesQuery = true;
  readonly asked: UpstreamRequest[] = [];
  closed = 0;
  reply: Reply;

  constructor(reply: Reply) {
    this.reply = reply;
  }

  async fetch(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse> {
    this.asked.push(request);
    return this.reply(request, signal);
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

export interface FakeResponse extends UpstreamResponse {
  readonly wasDiscarded: () => boolean;
}

/** An answer whose body is these pieces; one that is an error breaks it off. */
export function fakeResponse(
  status: number,
  fields: readonly string[] = [],
  pieces: readonly (string | Buffer | Error)[] = [],
): FakeResponse {
  let wasDiscarded = false;
  async function* body(): AsyncGenerator<Buffer> {
    for (const piece of pieces) {
      if (piece instanceof Error) throw piece;
      yield Buffer.from(piece);
    }
  }
  const chunks = body();
  return {
    ...{ status, fields, headers: byName(fields), endIsKnown: true },
    body: { [Symbol.asyncIterator]: () => chunks, discard: () => (wasDiscarded = true) },
    wasDiscarded: () => wasDiscarded,
  };
}
