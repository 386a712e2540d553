/** What a breaker needs to open, and when it tries again. */
export interface BreakerOptions {
  /** Failures are counted over this time. */
  readonly windowMs: number;
  /** Fewer requests within the window say nothing. */
  readonly minRequests: number;
  /** Opens where this share of them failed. */
  readonly failurePercent: number;
  /** How long it stays open before one request may try. */
  readonly openMs: number;
}

export type BreakerState =
  | { readonly is: 'closed' }
  | { readonly is: 'open'; readonly untilMs: number }
  /** One request is under way that decides. */
  | { readonly is: 'half-open' };

export type BreakerWord = BreakerState['is'];

export type BreakerEvent =
  /** A request wants to go. */
  | { readonly is: 'asked' }
  | { readonly is: 'succeeded'; readonly asProbe: boolean }
  /** `isTooMuch`: failures fill the window now. */
  | { readonly is: 'failed'; readonly asProbe: boolean; readonly isTooMuch: boolean }
  /** Whoever asked gave up, so it says nothing about the origin. */
  | { readonly is: 'abandoned'; readonly asProbe: boolean };

/** The next state, and whether one who asked may go: as one of many, or alone as the probe. */
export interface BreakerStep {
  readonly state: BreakerState;
  readonly admits?: 'freely' | 'as-probe' | 'no';
}

type Rule = (event: BreakerEvent, now: number, options: BreakerOptions, state: BreakerState) => BreakerStep;

const CLOSED: BreakerState = { is: 'closed' };
const HALF_OPEN: BreakerState = { is: 'half-open' };

/** Requests from before a change may still end after it: only the probe decides about an open breaker. */
const TABLE: Readonly<Record<BreakerWord, Rule>> = {
  closed: (event, now, { openMs }) => {
    if (event.is === 'asked') return { state: CLOSED, admits: 'freely' };
    const opens = event.is === 'failed' && event.isTooMuch;
    return { state: opens ? { is: 'open', untilMs: now + openMs } : CLOSED };
  },
  open: (event, now, _options, state) => {
    if (event.is !== 'asked') return { state };
    const isDue = state.is === 'open' && now >= state.untilMs;
    return isDue ? { state: HALF_OPEN, admits: 'as-probe' } : { state, admits: 'no' };
  },
  'half-open': (event, now, { openMs }, state) => {
    if (event.is === 'asked') return { state, admits: 'no' };
    if (!event.asProbe) return { state };
    if (event.is === 'succeeded') return { state: CLOSED };
    // After an abandoned probe the next request may be the probe.
    return { state: { is: 'open', untilMs: event.is === 'failed' ? now + openMs : now } };
  },
};

export function stepBreaker(
  state: BreakerState,
  event: BreakerEvent,
  now: number,
  options: BreakerOptions,
): BreakerStep {
  return TABLE[state.is](event, now, options, state);
}
