import { expect, it } from 'vitest';
import { adContent, adRequest, hotObjects } from './work.js';

const requests = Array.from({ length: 20_000 }, (_, index) => adRequest(index, 'a'));

it('asks for a fiftieth that nobody has asked for, and otherwise for all of the same', () => {
  const cold = requests.filter(({ path }) => path.includes('/cold-a/'));
  expect(cold).toHaveLength(400);
  expect(new Set(cold.map(({ path }) => path)).size).toBe(400);
  const hot = new Set(requests.map(({ path }) => path).filter((path) => path.includes('/hot/')));
  expect([...hot].sort()).toEqual(
    hotObjects()
      .map(({ path }) => path)
      .sort(),
  );
  const playlists = requests.filter(({ bytes }) => bytes === 2_000).length;
  expect(playlists / requests.length).toBeCloseTo(0.25, 1);
});

it('asks for what the origin has, at its length, and keeps runs apart', () => {
  for (const { path, bytes } of requests.slice(0, 200)) expect(adContent(path)?.length).toBe(bytes);
  expect(adContent('/ads/hot/1-70000.m4s')).toBeUndefined();
  expect(adContent('/hot/1-2000.json')).toBeUndefined();
  expect(adRequest(49, 'b').path).not.toBe(adRequest(49, 'a').path);
});
