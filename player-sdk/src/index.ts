export type { NoUploadReason, Uploading, UploadOption } from './manners/may-upload.js';
export { type ConsentOption, type EddyOptions, EddyOptionsError, type OptionsErrorCode } from './options.js';
export type { OffReason, SegmentReport, SessionState, SessionStats } from './session/stats.js';
export { attachEddy, type EddySession, type SessionEvents } from './session.js';
export { isSupported } from './support.js';
