export { describeError, OriginError, type OriginErrorCode } from './errors.js';
export { type Published, type PublishComponents, type PublishedRendition, type PublishOptions, publish } from './package/publish.js';
export { folderStore } from './storage/folder-store.js';
