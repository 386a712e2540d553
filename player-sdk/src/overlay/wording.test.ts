import { describe, expect, it } from 'vitest';
import {
  bytesInWords,
  isForTheViewerToSay,
  type OverlayStats,
  offloadOf,
  percentInWords,
  stateInWords,
  uploadingInWords,
} from './wording.js';

const NOTHING: OverlayStats = {
  state: 'idle',
  detail: '',
  peers: 0,
  edgeBytes: 0,
  peerBytes: 0,
  uploadedBytes: 0,
  uploading: 'on',
  viewerShares: true,
};

describe('words of the overlay', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [9_999, '10.0 kB'],
    [12_345, '12.3 kB'],
    [99_960, '100 kB'],
    [999_600, '1.00 MB'],
    [5e15, '5000 TB'],
  ])('%d bytes are %s', (bytes, words) => expect(bytesInWords(bytes)).toBe(words));

  it('have no offload before the first byte', () => {
    expect(percentInWords(offloadOf(NOTHING))).toBe('–');
    expect(percentInWords(offloadOf({ ...NOTHING, edgeBytes: 1, peerBytes: 3 }))).toBe('75%');
  });

  it('say how many viewers share, and why nobody does', () => {
    expect(stateInWords({ ...NOTHING, state: 'sharing', peers: 1 })).toBe('Sharing with 1 viewer');
    expect(stateInWords({ ...NOTHING, state: 'sharing', peers: 3 })).toBe('Sharing with 3 viewers');
    expect(stateInWords({ ...NOTHING, state: 'off: insecure page' })).toBe(
      'Sharing is off: this page does not use https',
    );
  });

  it('say why nothing is sent, where the state does not say it already', () => {
    const cellular: OverlayStats = { ...NOTHING, state: 'sharing', peers: 1, uploading: 'off: cellular' };
    expect(uploadingInWords(cellular)).toBe('Sends nothing: you are on a mobile network');
    expect(uploadingInWords({ ...cellular, uploading: 'on' })).toBe('');
    expect(uploadingInWords({ ...cellular, state: 'off: holdout' })).toBe('');
  });

  it('offer the switch where it decides something', () => {
    expect(isForTheViewerToSay({ ...NOTHING, state: 'alone' })).toBe(true);
    expect(isForTheViewerToSay({ ...NOTHING, state: 'off: turned off by the viewer' })).toBe(true);
    expect(isForTheViewerToSay({ ...NOTHING, state: 'off: insecure page' })).toBe(false);
    expect(isForTheViewerToSay({ ...NOTHING, state: 'off: no consent' })).toBe(false);
  });
});
