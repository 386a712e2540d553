import type { ViewName } from '../address/address.js';
import { AUDIENCE_VIEW } from './audience/audience-view.js';
import { EDGES_VIEW } from './edges/edges-view.js';
import { INTEGRITY_VIEW } from './integrity/integrity-view.js';
import { LIVE_VIEW } from './live/live-view.js';
import { QUALITY_VIEW } from './quality/quality-view.js';
import { SAVINGS_VIEW } from './savings/savings-view.js';
import { STREAMS_VIEW } from './streams/streams-view.js';
import type { View } from './view.js';

/** In the order of the navigation. */
export const VIEWS: readonly View[] = [
  LIVE_VIEW,
  SAVINGS_VIEW,
  QUALITY_VIEW,
  AUDIENCE_VIEW,
  STREAMS_VIEW,
  EDGES_VIEW,
  INTEGRITY_VIEW,
];

export function viewOf(name: ViewName): View {
  return VIEWS.find((view) => view.name === name) ?? LIVE_VIEW;
}
