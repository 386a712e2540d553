import { expect, it } from 'vitest';
import { resolveUri } from './resolve-uri.js';

it.each([
  ['/v/720p/index.m3u8', '1.m4s', '/v/720p/1.m4s'],
  ['/v/720p/index.m3u8', './1.m4s', '/v/720p/1.m4s'],
  ['/v/720p/index.m3u8', '../a/1.m4s?token=x#y', '/v/a/1.m4s'],
  ['/v/720p/index.m3u8', '/abs/1.m4s', '/abs/1.m4s'],
  ['/v/720p/index.m3u8', '../../../../etc/x', '/etc/x'],
  ['/v/index.m3u8', 'a b.ts', '/v/a%20b.ts'],
  ['/v/index.m3u8', '..', '/'],
  ['site.example/v/index.m3u8', 'sub/1.m4s', 'site.example/v/sub/1.m4s'],
  ['site.example/v/index.m3u8', '1.m4s', 'site.example/v/1.m4s'],
  ['/v/index.m3u8', 'https://elsewhere.example/1.m4s', undefined],
  ['/v/index.m3u8', '//elsewhere.example/1.m4s', undefined],
  ['/v/index.m3u8', 'data:,x', undefined],
  ['/v/index.m3u8', 'http://[', undefined],
  ['index.m3u8', '1.m4s', undefined],
])('%s names %s', (playlist, uri, path) => expect(resolveUri(playlist, uri)).toBe(path));
