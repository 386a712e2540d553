import { describe, expect, it } from 'vitest';
import { roomName, siteOf } from './room-name.js';

describe('siteOf', () => {
  it('is the host in lower case, without its port', () => {
    expect(siteOf('Video.Example:8080')).toBe('video.example');
    expect(siteOf('[::1]:80')).toBe('[::1]');
  });
  it.each([undefined, '', 'a b', 'a/b', 'user@host', 'a?b', 'x'.repeat(300)])('refuses %s', (host) => {
    expect(siteOf(host)).toBeUndefined();
  });
});

describe('roomName', () => {
  it('strips what differs between viewers of one presentation', () => {
    expect(roomName('a.example', '/v/main.m3u8?token=1#x')).toBe('a.example/v/main.m3u8');
    expect(roomName('a.example', '/~a.b.c/v/main.m3u8')).toBe('a.example/v/main.m3u8');
    expect(roomName('a.example', '/v/../w/./main.m3u8')).toBe('a.example/w/main.m3u8');
    expect(roomName('a.example', '//evil.example/x')).toBe('a.example//evil.example/x');
  });
  it('refuses what grows too long when it is encoded', () => {
    expect(roomName('a.example', `/${'é'.repeat(500)}`)).toBeUndefined();
    expect(roomName('a.example', 'relative')).toBeUndefined();
  });
});
