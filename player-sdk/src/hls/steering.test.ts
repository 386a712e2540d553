import type { HlsConfig } from 'hls.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakePlayer } from '../testing/session-world.js';
import { fragmentContext, HLS_CONFIG, loaderConfig, RecordingLoader } from './fakes.js';
import { pathwaysIn, wrapSteeringLoader } from './steering.js';

beforeEach(() => {
  RecordingLoader.made = [];
});

const callbacks = { onSuccess: () => {}, onError: () => {}, onTimeout: () => {} };

const asItIs = (pathways: readonly string[]): string[] => [...pathways];

describe('the loader of a player', () => {
  const load = (player: FakePlayer, url: string): string | undefined => {
    const loader = new player.config.loader(HLS_CONFIG as HlsConfig);
    loader.load({ ...fragmentContext(), url }, loaderConfig(), callbacks);
    return RecordingLoader.made.at(-1)?.context?.url;
  };

  it('asks another edge for steering, and all else where it is', () => {
    const player = new FakePlayer();
    const unwrap = wrapSteeringLoader(
      player,
      ({ search }) => new URL(`https://b.example/s${search}`),
      asItIs,
    );
    const steering = 'https://a.example/~x.y.z/_eddy/steering?base=fra';
    expect(load(player, steering)).toBe('https://b.example/s?base=fra');
    for (const url of [
      'https://a.example/film/m.m3u8?next=/_eddy/steering',
      'https://a.example/_eddy/steering/more',
      'data:text/plain,/_eddy/steering',
      '/_eddy/steering',
    ]) {
      expect(load(player, url)).toBe(url);
    }
    unwrap();
    expect(player.config.loader).toBe(RecordingLoader);
  });

  it('stays as it is where somebody has put another in front since', () => {
    const player = new FakePlayer();
    const unwrap = wrapSteeringLoader(player, (url) => url, asItIs);
    const theirs = class extends RecordingLoader {};
    player.config.loader = theirs;
    unwrap();
    expect(player.config.loader).toBe(theirs);
  });
});

describe('a steering manifest', () => {
  it('tells where each pathway is, in its order', () => {
    const manifest = {
      VERSION: 1,
      'PATHWAY-PRIORITY': ['nyc', 'fra'],
      'PATHWAY-CLONES': [{ 'BASE-ID': 'fra', ID: 'nyc', 'URI-REPLACEMENT': { HOST: 'nyc.example' } }],
    };
    expect([...pathwaysIn(manifest, 'https://fra.example:8443/~a.b.c/')]).toEqual([
      ['nyc', 'https://nyc.example:8443'],
      ['fra', 'https://fra.example:8443'],
    ]);
  });

  it.each([
    {},
    { 'PATHWAY-PRIORITY': 7, 'PATHWAY-CLONES': 7 },
    { 'PATHWAY-PRIORITY': [{}], 'PATHWAY-CLONES': [null, {}, { ID: 1, 'URI-REPLACEMENT': { HOST: 2 } }] },
  ])('that says nothing of use names none: %j', (manifest) => {
    expect(pathwaysIn(manifest, 'https://fra.example').size).toBe(0);
  });
});
