import { type ErrorData, ErrorDetails, ErrorTypes } from 'hls.js';

/** What a person can do about a fatal error. */
export function troubleInWords({ type, details, response }: ErrorData, source: string): string {
  if (details === ErrorDetails.MANIFEST_LOAD_ERROR && response?.code === 404) {
    return `There is no stream at ${source}. Has it been published, and is the live stream running?`;
  }
  if (type === ErrorTypes.NETWORK_ERROR) {
    const answer =
      response?.code === undefined || response.code === 0 ? 'no answer' : `answer ${response.code}`;
    return `The stream cannot be reached (${answer} for ${source}). It is tried again every few seconds.`;
  }
  return `This browser cannot play the stream (${details}).`;
}
