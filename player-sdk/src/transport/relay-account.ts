import type { Timers } from '../components.js';

/** As much of an `RTCPeerConnection` as tells which way its packets go. */
export interface WithStats {
  getStats(): Promise<{ forEach(each: (report: Readonly<Record<string, unknown>>) => void): void }>;
}

/** Until the first answer that says something. */
const ASK_SOON_MS = 500;
/** WebRTC changes to a better way without telling. */
const ASK_AGAIN_MS = 10_000;

export interface RelayAccountComponents {
  readonly timers: Timers;
  /** Undefined: its packets' way cannot be known, and nothing counts as relayed. */
  readonly connection: WithStats | undefined;
  /** Told of bytes that went through a TURN server. */
  readonly onRelayed: (bytes: number) => void;
}

/** Counts the bytes of one open channel as relayed or not. Those that go before it is known which are judged then. */
export class RelayAccount {
  readonly #components: RelayAccountComponents;
  #isRelayed: boolean | undefined;
  #unjudged = 0;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(components: RelayAccountComponents) {
    this.#components = components;
    void this.#ask();
  }

  add(bytes: number): void {
    if (this.#isRelayed === undefined) this.#unjudged += bytes;
    else if (this.#isRelayed) this.#components.onRelayed(bytes);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  async #ask(): Promise<void> {
    const { timers, connection } = this.#components;
    if (connection === undefined) return;
    const isRelayed = await usesRelay(connection).catch(() => undefined);
    if (this.#closed) return;
    this.#isRelayed = isRelayed ?? this.#isRelayed;
    const waiting = this.#unjudged;
    this.#unjudged = 0;
    if (waiting > 0) this.add(waiting);
    const known = this.#isRelayed !== undefined;
    this.#cancel = timers.after(known ? ASK_AGAIN_MS : ASK_SOON_MS, () => void this.#ask());
  }
}

/** Whether the pair of candidates in use has a relay on either side. Undefined: none is named. */
async function usesRelay(connection: WithStats): Promise<boolean | undefined> {
  const reports = new Map<unknown, Readonly<Record<string, unknown>>>();
  let selected: unknown;
  (await connection.getStats()).forEach((report) => {
    reports.set(report.id, report);
    const { type, selectedCandidatePairId: pair } = report;
    // Firefox marks the pair itself.
    if (type === 'transport' && pair !== undefined) selected = pair;
    else if (type === 'candidate-pair' && report.selected === true) selected ??= report.id;
  });
  const pair = reports.get(selected);
  if (pair === undefined) return undefined;
  return [pair.localCandidateId, pair.remoteCandidateId].some(
    (id) => reports.get(id)?.candidateType === 'relay',
  );
}
