import { describe, expect, it } from 'vitest';
import { type FakeSocket, fakeSockets } from '../testing/fake-socket.js';
import { type FakeTime, fakeTime, seededRandom } from '../testing/fake-time.js';
import { RoomClient, type RoomOptions } from './room-client.js';

const OPTIONS: RoomOptions = {
  edge: 'https://edge.example',
  presentation: '/v/master.m3u8',
  viewer: 'viewer',
  session: 'session',
  upload: true,
};

function client(options: RoomOptions): {
  time: FakeTime;
  sockets: FakeSocket[];
  socket: (index: number) => FakeSocket;
  room: RoomClient;
} {
  const time = fakeTime();
  const { sockets, openSocket } = fakeSockets();
  const { clock, timers } = time;
  const socket = (index: number): FakeSocket => {
    const found = sockets[index];
    if (found === undefined) throw new Error(`no socket ${index}`);
    return found;
  };
  const room = new RoomClient({ clock, timers, random: seededRandom(1), openSocket }, options);
  return { time, sockets, socket, room };
}

describe('a player in a room', () => {
  it('steps out and comes back, with what it is willing to do then', async () => {
    let upload = true;
    const options: RoomOptions = {
      ...OPTIONS,
      get upload() {
        return upload;
      },
    };
    const { time, sockets, socket, room: own } = client(options);
    own.stepOut();
    expect(own.out).toBe(true);
    own.join();
    socket(0).admit();
    upload = false;
    own.stepOut();
    own.stepOut();
    expect(own.state).toBe('away');
    expect(socket(0).closed).toBe(true);
    await time.advance(60_000);
    expect(sockets).toHaveLength(1);
    own.join();
    own.join();
    expect(sockets).toHaveLength(2);
    socket(1).admit();
    expect(own.state).toBe('joined');
    expect(sockets.map(({ sent }) => sent)).toMatchObject([
      [{ type: 'join', upload: true }, { type: 'leave' }],
      [{ type: 'join', upload: false, awayMs: 60_000 }],
    ]);
  });

  it.each(['while the socket opens', 'while it waits to try again'])('steps out %s', async (when) => {
    const { time, sockets, socket, room } = client(OPTIONS);
    room.join();
    if (when !== 'while the socket opens') socket(0).events.onClose('gone');
    room.stepOut();
    await time.advance(120_000);
    expect(sockets).toHaveLength(1);
    expect(time.pending).toBe(0);
    room.leave();
    room.join();
    expect(sockets).toHaveLength(1);
  });
});
