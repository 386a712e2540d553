/** What was done, in the words that go into the report. */
export function swarmMethod({
  rounds,
  seconds,
}: {
  readonly rounds: number;
  readonly seconds: number;
}): string[] {
  return [
    'Real pages of one headless Chromium, each in a profile of its own, in a network namespace of their own where nothing but themselves can be reached; peers are 0 ms apart. All open the same page with hls.js 1.7.4: only the loader differs, and no page uses the worker of hls.js, since p2p-media-loader hands it the buffers that it keeps for peers. It is loaded before the turn begins; a viewer joins with loadSource.',
    'The edge is eddy-edge of this tree for everyone, started anew for each turn, 20 ms away (round trip): each viewer has a proxy of their own that delays every byte by 10 ms each way and a new connection by a round trip, and counts what it sends. A cap is one line for all of them, shared in turns of 8 KiB. p2p-media-loader meets at a WebTorrent tracker as far away.',
    'Media: a test picture at a constant 1.4 Mbit/s (three renditions: 0.5, 0.9, 1.4), 24 frames a second, 320x180 so that eight decoders leave two cores room. Live is played out by eddy-origin with ten segments in the playlist; each turn begins at the same moment between two segments, and viewers join at the same times (seeded by the round).',
    `${rounds} rounds, each one contender later; figures are medians. A turn goes on for ${seconds} s after the last has joined (vod: to the clip's end), and everything counts from its first moment.`,
    'edge/played: media bytes (segments, init segments) that the proxies sent, whether or not the viewer took them, per byte handed to source buffers. offload is 1 minus that. It is made of first copies (the first of each segment: somebody has to fetch it), further copies within 4 s of joining (at start) and further copies later. wasted: the share of media bytes from the edge and of all bytes on data channels that was not handed to a source buffer.',
    'stalled: share of time, after the first picture, in which currentTime stood still for over 150 ms, looked at every 50 ms; who never saw a picture stalled all the time. behind live: hls.latency, each second. by the clock: the wall clock less the date of what is shown. start: loadSource to the event playing. bitrate: of the level at the playhead, each second.',
    'wrong: segments handed to a source buffer whose frames (the content of mdat boxes, by SHA-256) are not those of any segment that the origin published. died: viewers whose media element reported an error; their page revives them (recoverMediaError), as hls.js advises. hostile, uncooperative: what a viewer does to others is done below its player, in the same way for everyone, by a patch of RTCDataChannel.send: of each message of 1,000 bytes or more the 23 bytes in the middle are changed (hostile), or it is not sent, or sent two seconds after the one before (uncooperative, half of the half each).',
  ];
}
