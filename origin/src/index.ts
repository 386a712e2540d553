export { describeError, OriginError, type OriginErrorCode } from './errors.js';
export type { IngestComponents, IngestOptions } from './ingest/app.js';
export { type IngestServer, type ServeOptions, serve } from './ingest/serve.js';
export { type Clock, systemClock } from './live/clock.js';
export { type LiveComponents, type LiveEvent, type LiveOptions, live } from './live/live.js';
export {
  type PublishComponents,
  type Published,
  type PublishedRendition,
  type PublishOptions,
  publish,
} from './package/publish.js';
export { folderStore } from './storage/folder-store.js';
export type {
  ListedObject,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  StoredObject,
} from './storage/object-store.js';
export { openStore } from './storage/open-store.js';
