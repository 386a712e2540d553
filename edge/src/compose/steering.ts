import { PING_PATH, STEERING_PATH } from '@eddy/protocol';
import type { SteeringConfig } from '../config/steering-schema.js';
import type { OwnAnswer } from '../listeners/public-handler.js';
import { answerPing, askPing } from '../steering/ping.js';
import { createSteering, type Steering, type SteeringComponents } from '../steering/steering.js';

export interface ComposedSteering extends Pick<Steering, 'elsewhere' | 'close'> {
  /** What it answers on the public listener, by path. */
  readonly answers: ReadonlyMap<string, OwnAnswer>;
}

/** An edge that does not steer still tells others, and players of theirs, that it is there. */
export function composeSteering(
  components: Omit<SteeringComponents, 'ask'>,
  config: SteeringConfig,
): ComposedSteering {
  const { members } = components;
  const steering = config.enabled ? createSteering({ ...components, ask: askPing }, config) : undefined;
  const answers = new Map<string, OwnAnswer>([
    [PING_PATH, (request, response) => answerPing(request, response, members.all()[0])],
  ]);
  if (steering !== undefined) answers.set(STEERING_PATH, steering.answer);
  return {
    answers,
    elsewhere: () => steering?.elsewhere() ?? [],
    close: () => steering?.close(),
  };
}
