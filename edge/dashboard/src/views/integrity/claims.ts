import type { Mismatches } from '../../../../src/insight/queries/figures.js';

/** One way in which players and others do not agree. */
export interface Claim {
  readonly name: string;
  readonly csv: keyof Mismatches;
  /** What it means, and what may lie behind it. */
  readonly about: string;
  /** What it is a share of, and above which share it is worth a look; undefined: only its amount counts. */
  readonly of?: 'edgeBytes' | 'claimedEdgeBytes';
  readonly suspicious?: number;
}

export const CLAIMS: readonly Claim[] = [
  {
    ...{ name: 'Claimed from the edge, not sent by it', csv: 'unsentBytes', of: 'claimedEdgeBytes' },
    about: 'Players report more than the edge gave them: made-up reports, or another cache in between.',
    suspicious: 0.01,
  },
  {
    ...{ name: 'Sent by the edge, never claimed', csv: 'unclaimedBytes', of: 'edgeBytes' },
    about: 'Viewers who left before their last report; much of it: players that hide what they draw.',
    suspicious: 0.05,
  },
  {
    ...{ name: 'Claimed where the edge cannot tell', csv: 'unwitnessedBytes', of: 'claimedEdgeBytes' },
    about: 'Sessions that the edge does not see in requests, as behind another CDN. Believed as they say.',
    suspicious: 0.25,
  },
  {
    ...{ name: 'Claimed from a viewer who denies it', csv: 'unmatchedPeerBytes' },
    about: 'Downloads that no uploader reports. Left out of savings.',
  },
  {
    ...{ name: 'Said to be uploaded, never received', csv: 'unmatchedUploadBytes' },
    about: 'Uploads that no downloader reports. Counted nowhere.',
  },
  {
    ...{ name: 'Bytes with wrong digests', csv: 'hashFailedBytes' },
    about:
      'Caught by the receiver and thrown away before they were played. Peers that send them are cut off.',
  },
  {
    ...{ name: 'Watched longer than time passed', csv: 'cappedMs' },
    about: 'Reports of more watching than was possible. Cut to what was.',
  },
];

export interface ClaimRow {
  readonly claim: Claim;
  readonly value: number;
  /** Null: it is a share of nothing. */
  readonly share: number | null;
  readonly isSuspicious: boolean;
}

export function claimRows(total: Mismatches): ClaimRow[] {
  return CLAIMS.map((claim) => {
    const value = total[claim.csv];
    const whole = claim.of === undefined ? 0 : total[claim.of];
    const share = whole > 0 ? value / whole : null;
    return { claim, value, share, isSuspicious: (share ?? 0) > (claim.suspicious ?? 1) };
  });
}

/** What of a stream's bytes is not confirmed, in all. */
export function doubtfulBytes(stream: Mismatches): number {
  return stream.unsentBytes + stream.unclaimedBytes + stream.unmatchedPeerBytes + stream.unmatchedUploadBytes;
}
