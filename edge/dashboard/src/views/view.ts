import type { FunctionComponent } from 'preact';
import type { Address, ViewName } from '../address/address.js';
import type { Answered, AnswerName } from '../answers/answers.js';

export interface BodyProps {
  readonly address: Address;
  /** All that was asked for; null where the edge does not know the question. */
  readonly now: Answered;
  /** The same of the time before, where that was asked for. */
  readonly before: Answered | undefined;
}

/** One page of the dashboard. */
export interface View {
  readonly name: ViewName;
  readonly title: string;
  /** What it answers, in one sentence. */
  readonly about: string;
  /** The same of one stream, where that has a page of its own. */
  readonly aboutOne?: string;
  readonly asks: (address: Address) => readonly AnswerName[];
  /** Of these, what it can do without. Default: none. */
  readonly spares?: readonly AnswerName[];
  readonly Body: FunctionComponent<BodyProps>;
}
